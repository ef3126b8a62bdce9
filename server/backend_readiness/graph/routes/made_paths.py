"""Paths that stand in what makes the handler: `get(new Route("/orders") { ... })`, `get(new ShowOrders("/orders"))`."""

from __future__ import annotations

from backend_readiness.graph.routes.hits import Hit
from backend_readiness.graph.routes.scan import Scan
from backend_readiness.graph.urls import texts
from backend_readiness.graph.values import UNKNOWN, InstV, options


def path_of_made(scan: Scan, hit: Hit) -> list[str]:
    """What the object at the place of the path is made with first (option `made_with_path`)."""
    made = options(scan.value(hit, hit.rule.path) or UNKNOWN) if hit.rule.options.get("made_with_path") and hit.rule.path else ()
    sites = [o.site for o in made if isinstance(o, InstV) and o.site is not None]
    return [t for site in sites for t in texts(scan.graph.ev, scan.graph.ev.arg_value(site, 0)) if t.startswith("/")][:1]
