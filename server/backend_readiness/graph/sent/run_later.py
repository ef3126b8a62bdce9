"""Functions of the repository that give back what sends the request: `const [state, save] = useApi.post("/orders")`, then `save(order)`.

The request belongs to the function that runs what was given back, and not to the component that only asked for it; unless what was
asked sends it by itself too.
"""

from __future__ import annotations

from backend_readiness.facts.file_index import bound_names
from backend_readiness.facts.model import CallRef, Member, Name, Value
from backend_readiness.graph.sent.dispatched import run_for
from backend_readiness.graph.values import Ext, FuncV, Site, SymbolId, options
from backend_readiness.graph.views import FileView
from backend_readiness.graph.world import Graph
from backend_readiness.model import Place


def run_by(graph: Graph, at: Site, wrappers: frozenset[SymbolId], through: tuple[Place, ...]) -> SymbolId | None:
    """The function that runs what the call at a place gave back: a function inside of one of `wrappers` that a place of `through` is in."""
    view = graph.view(at.file)
    results = [a for a in view.facts.assigns if a.value == CallRef(at.call)] if wrappers else []
    parts = {name for a in results for name, way in bound_names(a.target) if way}
    whole = {name for a in results for name, way in bound_names(a.target) if not way}
    for call in view.facts.calls if results else ():
        if not _is_part(call.callee, parts, whole):
            continue
        for value in options(graph.ev.value(call.callee, at.file, call.owner)):
            run = [value.symbol] if isinstance(value, FuncV) else list(run_for(graph, value)) if isinstance(value, Ext) else []
            if any(s not in wrappers and _sends(graph, s, wrappers, through) for s in run):
                return SymbolId(at.file, call.owner)
    return None


def _is_part(callee: Value, parts: set[str], whole: set[str]) -> bool:
    """Is a callee one of the names that parts of a result have, or a member of the result itself?"""
    if isinstance(callee, Member):
        return isinstance(callee.base, Name) and callee.base.id in whole
    return isinstance(callee, Name) and callee.id in parts


def _sends(graph: Graph, where: SymbolId, wrappers: frozenset[SymbolId], through: tuple[Place, ...]) -> bool:
    view = graph.view(where.file)
    symbol = view.symbol(where.index)
    maker = next((i for i in view.enclosing(where.index) if SymbolId(where.file, i) in wrappers), None)
    inside = any(p.file == where.file and p.line is not None and symbol.line <= p.line <= symbol.end_line for p in through)
    return maker is not None and inside and not _runs_itself(graph, view, maker, where)


def _runs_itself(graph: Graph, view: FileView, maker: int, where: SymbolId) -> bool:
    """Does the function that gives another back call it as well, be it in an effect?"""
    for owner in view.body(maker):
        for number in view.calls_of.get(owner, ()):
            callee = view.facts.calls[number].callee
            meant = options(graph.ev.value(callee, view.path, owner)) if isinstance(callee, Name) else ()
            if any(isinstance(v, FuncV) and v.symbol == where for v in meant):
                return True
    return False
