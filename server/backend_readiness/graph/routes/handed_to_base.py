"""Methods of a subclass that hand on to the method that they stand before: `def route(self, path): return super().route(path)`.

A call of such a method on a router of the repository's own class registers what a call of the package's method would.
"""

from __future__ import annotations

from collections.abc import Iterator

from backend_readiness.facts.model import CallRef, Member, Name
from backend_readiness.graph.evaluation import params
from backend_readiness.graph.evaluation.evaluate import Evaluator
from backend_readiness.graph.values import AV, Ext, FuncV, InstV, Site, options
from backend_readiness.graph.views import CONSTRUCTORS, FileView, callee_name

MAX_CLASSES = 4


def methods_behind(ev: Evaluator, value: AV, name: str, site: Site, depth: int = 0) -> Iterator[Ext]:
    """The methods of packages that a called method of the repository hands on to under its own name."""
    for option in options(value):
        if not isinstance(option, FuncV) or not isinstance(option.self_value, InstV) or depth >= MAX_CLASSES:
            continue
        view = ev.world.view(option.symbol.file)
        symbol = view.symbol(option.symbol.index)
        if symbol.kind != "method" or symbol.name != name:
            continue
        for number in view.calls_by_name.get(name, ()):
            call = view.facts.calls[number]
            if option.symbol.index in view.enclosing(call.owner) and _is_super(view, call.callee):
                behind = ev.value(call.callee, view.path, call.owner, params.bind(ev, option, symbol, site))
                yield from (o for o in options(behind) if isinstance(o, Ext))
                yield from methods_behind(ev, behind, name, site, depth + 1)


def hands_on_to_base(view: FileView, number: int) -> bool:
    """Is the call the hand-over itself? It is read where the method around it is called."""
    call = view.facts.calls[number]
    around = next((s for i in view.enclosing(call.owner) if (s := view.symbol(i)).kind == "method"), None)
    overrides = around is not None and around.name not in CONSTRUCTORS and callee_name(call) == around.name
    return overrides and _is_super(view, call.callee)


def _is_super(view: FileView, callee: object) -> bool:
    base = callee.base if isinstance(callee, Member) else None
    if isinstance(base, CallRef):
        base = view.facts.calls[base.call].callee
    return base == Name("super")
