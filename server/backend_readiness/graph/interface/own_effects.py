"""Functions of the repository that run what they are given when a component is shown: `usePaged({ queryFn: () => get("/orders") })`.

They hand it on to a hook of a package (`effects` of a card), straight or inside of a function that calls it.
"""

from __future__ import annotations

from backend_readiness.facts.file_index import bound_names
from backend_readiness.facts.model import Func, Name, Record, Value
from backend_readiness.graph.values import Ext, SymbolId, options
from backend_readiness.graph.views import FileView
from backend_readiness.graph.world import Graph

MAX_NESTED = 2


def hands_on(graph: Graph, function: SymbolId) -> bool:
    """Does a function give one of its parameters to a hook that runs it?"""
    view = graph.view(function.file)
    given = {p.name for p in view.symbol(function.index).params}
    patterns = [p.pattern for p in view.symbol(function.index).params if p.pattern is not None]
    given |= {name for p in patterns for name, _ in bound_names(p)}
    for owner in view.body(function.index) if given else ():
        for number in view.calls_of.get(owner, ()):
            call = view.facts.calls[number]
            if any(_runs(view, a.value, given, 0) for a in call.args) and any(
                isinstance(o, Ext) and graph.knowledge.effects.matches(o) for o in options(graph.ev.value(call.callee, view.path, owner))
            ):
                return True
    return False


def _runs(view: FileView, value: Value, given: set[str], depth: int) -> bool:
    if isinstance(value, Record):
        return depth < MAX_NESTED and any(_runs(view, v, given, depth + 1) for _, v in value.items)
    if isinstance(value, Func):
        inside = (view.facts.calls[n].callee for o in view.body(value.symbol) for n in view.calls_of.get(o, ()))
        return any(isinstance(c, Name) and c.id in given for c in inside)
    return isinstance(value, Name) and value.id in given
