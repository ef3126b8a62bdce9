"""Calls that take a guard of a router away from some of its handlers: `app.Middleware.Skip(Authorize, Home, SignIn)`.

`middleware` of the rule is the guard, `handler` the first of the handlers; those behind it are handlers too.
"""

from __future__ import annotations

from backend_readiness.graph.routes.scan import Hit, Scan
from backend_readiness.graph.values import AV, FuncV, identity, options

MAX_HANDLERS = 100


def collect(scan: Scan) -> None:
    for hit in scan.hits.get("skip", ()):
        guards = {identity(o) for ref in hit.rule.middleware for o in _of(scan.value(hit, ref))}
        for handler in _handlers(scan, hit):
            scan.routing.skipped[handler.symbol] |= guards


def _handlers(scan: Scan, hit: Hit) -> list[FuncV]:
    first = hit.rule.handler.arg if hit.rule.handler is not None and hit.rule.handler.arg is not None else 0
    given = [a.value for a in hit.call.args if a.name is None][first : first + MAX_HANDLERS]
    values = [scan.graph.ev.value(v, hit.site.file, hit.call.owner, hit.site.env) for v in given]
    return [o for v in values for o in options(v) if isinstance(o, FuncV)]


def _of(value: AV | None) -> list[AV]:
    return list(options(value)) if value is not None else []
