"""Calls that put a method before all methods of its class: `revel.InterceptMethod(Orders.signedIn, revel.BEFORE)`.

`handler` of the rule is the guard; its class, or that of the object at `child`, and the classes below it have it. `options.phase` refers to
the argument that says when it runs, `options.before` are the values of it that mean before the handler.
"""

from __future__ import annotations

from collections.abc import Iterator

from backend_readiness.graph.classes import parts
from backend_readiness.graph.routes.routing import Guard
from backend_readiness.graph.routes.scan import Hit, Scan
from backend_readiness.graph.values import ClassV, Ext, FuncV, InstV, SymbolId, options
from backend_readiness.rules.card_rules import Ref


def collect(scan: Scan) -> None:
    for hit in scan.hits.get("intercept", ()):
        guard = scan.value(hit, hit.rule.handler) if _runs_before(scan, hit) else None
        for option in options(guard) if guard is not None else ():
            for cls in _classes(scan, hit, option) if isinstance(option, FuncV) else ():
                scan.routing.intercepted[cls].append(Guard(value=option, place=scan.place(hit), start=0))


def _runs_before(scan: Scan, hit: Hit) -> bool:
    when = scan.value(hit, Ref(**hit.rule.options["phase"])) if "phase" in hit.rule.options else None
    return when is None or any(isinstance(o, Ext) and o.path in hit.rule.options["before"] for o in options(when))


def _classes(scan: Scan, hit: Hit, guard: FuncV) -> Iterator[SymbolId]:
    about = scan.value(hit, hit.rule.child) if hit.rule.child is not None else None
    for option in options(about) if about is not None else ():
        if isinstance(option, ClassV | InstV):
            yield option.cls.symbol if isinstance(option, InstV) else option.symbol
    holder = scan.graph.view(guard.symbol.file).symbol(guard.symbol.index).parent
    if about is None and holder > 0:
        yield parts.declared(scan.graph.ev, SymbolId(guard.symbol.file, holder))
