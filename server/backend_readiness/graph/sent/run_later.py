"""Functions of the repository that give back what sends the request: `const [state, save] = useApi.post("/orders")`, then `save(order)`.

The request belongs to the function that runs what was given back, and not to the component that only asked for it; unless what was
asked sends it by itself too.
"""

from __future__ import annotations

from itertools import islice

from backend_readiness.facts.file_index import bound_names
from backend_readiness.facts.model import CallRef, Member, Name, Record, Value
from backend_readiness.graph.sent.dispatched import run_for
from backend_readiness.graph.sent.wrapper_calls import calls_of
from backend_readiness.graph.values import Ext, FuncV, Site, SymbolId, options
from backend_readiness.graph.views import FileView
from backend_readiness.graph.world import Graph
from backend_readiness.model import Place

MAX_HANDED_BACK = 3
MAX_CALLERS = 12


def run_by(graph: Graph, at: Site, wrappers: frozenset[SymbolId], through: tuple[Place, ...], depth: int = 0) -> SymbolId | None:
    """The function that runs what the call at a place gave back: a function inside of one of `wrappers` that a place of `through` is in.

    Where the function around it hands it back in its turn, it is one of those that call this function: the first that runs it.
    """
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
    owner = SymbolId(at.file, view.facts.calls[at.call].owner)
    if not wrappers or depth >= MAX_HANDED_BACK or not _hands_back(view, owner.index, at.call, parts | whole):
        return None
    callers = (site for site, _ in islice(calls_of(graph, owner), MAX_CALLERS))
    return next((found for site in callers if (found := run_by(graph, site, wrappers, through, depth + 1)) is not None), None)


def _hands_back(view: FileView, function: int, call: int, names: set[str]) -> bool:
    """Does a function return what a call gave it, or a part of it, be it in an object?"""
    returned = [r.value for r in view.returns.get(function, ())] if function > 0 else []
    held = [v for value in returned for v in ([i for _, i in value.items] if isinstance(value, Record) else [value])]
    return any(v == CallRef(call) or (isinstance(v, Name) and v.id in names) for v in held)


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
