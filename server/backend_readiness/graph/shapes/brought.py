"""Endpoints that a package registers by itself as soon as a manifest asks for it: they stand at the line that does.

Options: `file`, the name of the manifest; `line`, a regular expression for that line; `unless`, names in the code that move the endpoint.
"""

from __future__ import annotations

import re

from backend_readiness.graph.routing import Registration
from backend_readiness.graph.scan import Scan
from backend_readiness.model import Place
from backend_readiness.snapshot.places import is_production

MAX_FILES = 40
MAX_LINES = 2_000
MAX_LINE_CHARS = 400


def collect(scan: Scan) -> None:
    graph = scan.graph
    for card in graph.knowledge.cards:
        for rule in card.routes:
            path = rule.path.const if rule.path is not None else None
            if rule.shape != "brought" or path is None or any(map(graph.naming, rule.options.get("unless", ()))):
                continue
            pattern = re.compile(rule.options["line"])
            for file in graph.files_named(rule.options["file"])[:MAX_FILES]:
                lines = graph.text(file).split("\n")[:MAX_LINES] if is_production(file) else []
                at = next((n for n, line in enumerate(lines, 1) if pattern.search(line[:MAX_LINE_CHARS])), None)
                if at is not None:
                    place = Place(file=file, line=at, end_line=at)
                    scan.routing.registrations.append(
                        Registration(
                            router=None, method=rule.method or "GET", path=path, place=place, start=0, card=card, rule=rule, handler=None
                        )
                    )  # fmt: skip
