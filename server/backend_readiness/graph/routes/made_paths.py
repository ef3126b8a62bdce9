"""Paths that stand in what makes the handler: `get(new Route("/orders") { ... })`, `get(new ShowOrders("/orders"))`."""

from __future__ import annotations

import re

from backend_readiness.graph.routes.call_paths import every_path
from backend_readiness.graph.routes.hits import Hit
from backend_readiness.graph.routes.routing import functions_in
from backend_readiness.graph.routes.scan import Scan
from backend_readiness.graph.urls import texts
from backend_readiness.graph.values import UNKNOWN, Const, Ext, InstV, options


def paths_of(scan: Scan, hit: Hit) -> list[str]:
    """The paths among the arguments of a call, as its rule says."""
    rule = hit.rule
    if rule.options.get("many_paths"):
        return every_path(scan, hit)
    if rule.options.get("made_with_path") == "only":
        return path_of_made(scan, hit)
    return scan.texts(hit, rule.path) if rule.path is not None else [""]


def path_of_made(scan: Scan, hit: Hit) -> list[str]:
    """What the object at the place of the path is made with first, or behind a method (option `made_with_path`), or what the chain of
    predicates says that stands there: `GET(path("/orders").and(accept(JSON)), list)` (option `described`, see `graph.shapes.described`)."""
    if "described" in hit.rule.options:
        return _described(scan, hit)
    asked = hit.rule.path if hit.rule.options.get("made_with_path") else None
    made = list(options(scan.value(hit, asked) or UNKNOWN)) if asked is not None else []
    sites = [o.site for o in made if isinstance(o, InstV | Ext) and o.site is not None]
    places = range(2) if hit.rule.options.get("method_of_made") else range(1)
    given = [scan.graph.ev.arg_value(site, n) for site in sites for n in places] or [o for o in made if isinstance(o, Const)]
    return [t for value in given for t in texts(scan.graph.ev, value) if t.startswith("/")][:1]


def _described(scan: Scan, hit: Hit) -> list[str]:
    """No path at all where something else stands that is not known; `[""]` where only a handler does, or predicates without a path."""
    from backend_readiness.graph.shapes.described import description

    value = scan.value(hit, hit.rule.path)
    given = hit.rule.options["described"]
    if functions_in(scan.graph, value):
        return [""]
    said = description(scan, value, given)
    found = [d.path for d in (said, *said.others) if d.said and not d.lost]
    first = next(options(value), None) if value is not None else None
    other = isinstance(first, Ext) and any(re.search(rf"(^|[.~]){re.escape(name)}\(\)", first.path) for name in given.get("others", ()))
    return found or ([""] if other else [])
