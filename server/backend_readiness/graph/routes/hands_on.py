"""Functions that leave a request to what stands behind them: `router.route("/orders").handler(ctx -> { log(ctx); ctx.next(); })`."""

from __future__ import annotations

from backend_readiness.facts.model import Member
from backend_readiness.graph.routes.routing import functions_in
from backend_readiness.graph.routes.scan import Scan
from backend_readiness.graph.values import AV, FuncV


def hands_on(scan: Scan, handler: AV | None, step: str) -> bool:
    """Does one of the functions call a step of that name, without arguments, on what it is given?"""
    for function in functions_in(scan.graph, handler) if step else ():
        if not isinstance(function, FuncV):
            continue
        view = scan.graph.view(function.symbol.file)
        for number in (n for i in view.body(function.symbol.index) for n in view.calls_of.get(i, ())):
            call = view.facts.calls[number]
            if isinstance(call.callee, Member) and call.callee.name == step and not call.args:
                return True
    return False
