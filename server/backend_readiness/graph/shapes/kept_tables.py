"""Tables of paths that an application looks requests up in itself: `$routes = ["/about" => "pages/about.php", ...]`.

Where a file names what holds the path of a request (all of `options.find` fit its text), a record whose keys are paths is such a table,
in that file or in one whose name fits `options.files`; so is one whose keys are HTTP methods with records of paths, or methods and paths
in one text. At least half of what stands under the paths must be known to answer, as `graph.handling.written_handlers` says.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from backend_readiness.facts.model import Record, Value
from backend_readiness.graph.handling.written_handlers import WrittenHandlers
from backend_readiness.graph.routes.routing import Registration
from backend_readiness.graph.routes.rows import place_of_text
from backend_readiness.graph.routes.scan import Scan
from backend_readiness.graph.values import AV
from backend_readiness.graph.views import FileView
from backend_readiness.model import Place
from backend_readiness.rules.card_rules import RouteRule
from backend_readiness.rules.cards import Card

MAX_ROWS = 400
MAX_CHARS = 100_000
_METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "ANY")
_KEY = re.compile(r"(?:(GET|POST|PUT|PATCH|DELETE|ANY)[ :|]{1,3})?(/[\w/{}:.()\[\]+*?~@-]*)")


def collect(scan: Scan) -> None:
    for card in scan.graph.knowledge.cards:
        for rule in card.routes:
            if rule.shape == "kept_tables":
                _look(scan, card, rule)


def _look(scan: Scan, card: Card, rule: RouteRule) -> None:
    graph, wanted, named = scan.graph, [re.compile(p) for p in rule.options["find"]], re.compile(rule.options["files"])
    language = card.id.partition("/")[0]
    asking = [p for p in graph.naming(rule.options["holder"]) if p in graph.production]
    asking = [p for p in asking if all(w.search(graph.text(p)[:MAX_CHARS]) for w in wanted)]
    beside = [p for p, i in graph.production.items() if asking and i.language == language and named.search(p)]
    known = {r.place.file for r in scan.routing.registrations}
    for path in dict.fromkeys([*asking, *beside]):
        view = graph.view(path)
        records = [(a.value, a.owner, a.line) for a in view.facts.assigns] + [(r.value, r.owner, r.line) for r in view.facts.returns]
        for value, owner, line in records if path not in known else ():
            rows = list(_rows(scan, view, value, owner, ""))
            found = [WrittenHandlers(scan, rule.options).find([v], path) for _, _, v in rows]
            if not rows or 2 * sum(f is not None for f in found) < len(rows):
                continue
            scan.routing.fronts.update(asking)
            for (method, key, _), handler in zip(rows, found, strict=True):
                below = key[key.index("/") :]
                place = place_of_text(scan, path, key, Place(file=path, line=line, end_line=line))
                scan.routing.registrations.append(
                    Registration(
                        router=None, method=method, path=below, place=place, start=line, card=card, rule=rule, handler=handler
                    )
                )  # fmt: skip


def _rows(scan: Scan, view: FileView, value: Value | None, owner: int, method: str) -> Iterator[tuple[str, str, AV]]:
    """(HTTP method, key, what stands under it) of a table; nothing when a key is no path."""
    items = value.items[:MAX_ROWS] if isinstance(value, Record) else ()
    if not method and items and all(isinstance(k, str) and k.upper() in _METHODS and isinstance(v, Record) for k, v in items):
        for key, inner in items:
            yield from _rows(scan, view, inner, owner, str(key).upper())
        return
    keys = [_KEY.fullmatch(k) if isinstance(k, str) else None for k, _ in items]
    if not all(keys) or (len(items) < 2 and not method):
        return
    for (key, inner), found in zip(items, keys, strict=True):
        if found is not None and key is not None:
            yield method or found.group(1) or "ANY", key, scan.graph.ev.value(inner, view.path, owner)
