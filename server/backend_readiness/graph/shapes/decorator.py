"""`@router.get("/path")` over a function or a class."""

from __future__ import annotations

from backend_readiness.graph.registering import register
from backend_readiness.graph.scan import Scan
from backend_readiness.graph.values import SymbolId


def collect(scan: Scan) -> None:
    for hit in scan.hits.get("decorator", ()):
        symbol = scan.decorated.get((hit.site.file, hit.site.call))
        if symbol is None:
            continue
        rule = hit.rule
        router = scan.router(hit)
        if rule.options.get("own"):  # served where the function is mounted: `app.service(show)`
            router = scan.function_router(SymbolId(hit.site.file, symbol), hit.card)
            scan.routing.routers[router].needs_mount = True
        handler = scan.graph.ev.symbol_value(SymbolId(hit.site.file, symbol))
        paths = scan.texts(hit, rule.path) if rule.path is not None else [""]
        if rule.options.get("named"):  # the function's name is the operation
            paths = [scan.graph.view(hit.site.file).symbol(symbol).name]
        if rule.options.get("query"):  # `/orders?<page>`: what follows is no part of the path
            paths = [p.partition("?")[0] for p in paths]
        for path in paths or [""]:
            register(scan, hit, router, path, handler, scan.guards(hit, rule.middleware))
