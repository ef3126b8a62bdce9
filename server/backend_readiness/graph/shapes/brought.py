"""Endpoints that a package registers by itself as soon as a manifest asks for it: they stand at the line that does.

Options: `file`, the name of the manifest, or several; `line`, a regular expression for that line; `unless`, names in the code that move
the endpoint; `endpoints`, several of them in place of the rule's own: method and path of each;
`setting`: the beginning of a setting that the file must have.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from backend_readiness.graph.routes.routing import Registration
from backend_readiness.graph.routes.scan import Scan
from backend_readiness.graph.settings.application_settings import settings_in
from backend_readiness.model import Place
from backend_readiness.rules.card_rules import RouteRule
from backend_readiness.snapshot.places import is_production

MAX_FILES = 40
MAX_LINES = 2_000
MAX_LINE_CHARS = 400


def collect(scan: Scan) -> None:
    graph = scan.graph
    for card in graph.knowledge.cards:
        for rule in card.routes:
            own = rule.path.const if rule.path is not None else None
            served = [(rule.method or "GET", own)] if own is not None else rule.options.get("endpoints", ())
            if rule.shape == "brought" and not is_moved(scan, rule):
                for place in _places(scan, rule):
                    for method, path in served:
                        scan.routing.registrations.append(
                            Registration(router=None, method=method, path=path, place=place, start=0, card=card, rule=rule, handler=None)
                        )


def is_moved(scan: Scan, rule: RouteRule) -> bool:
    """Does the application say that it has routes of its own in place of those of the package?"""
    return any(f in scan.graph.production for name in rule.options.get("unless", ()) for f in scan.graph.naming(name))


def _places(scan: Scan, rule: RouteRule) -> Iterator[Place]:
    pattern = re.compile(rule.options["line"])
    names, setting = rule.options["file"], str(rule.options.get("setting", ""))
    files = [f for name in ([names] if isinstance(names, str) else names) for f in scan.graph.files_named(name)]
    for file in files[:MAX_FILES]:
        text = scan.graph.text(file) if is_production(file) else ""
        if setting and not any(key.startswith(setting) for key, _ in settings_in(file, text)):
            continue
        lines = text.split("\n")[:MAX_LINES]
        at = next((n for n, line in enumerate(lines, 1) if pattern.search(line[:MAX_LINE_CHARS])), None)
        if at is not None:
            yield Place(file=file, line=at, end_line=at)
