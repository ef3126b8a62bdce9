"""The names under which a function may be called from elsewhere."""

from __future__ import annotations

from backend_readiness.graph.evaluation import later_members
from backend_readiness.graph.values import SymbolId
from backend_readiness.graph.world import Graph


def names_of(graph: Graph, where: SymbolId) -> set[str]:
    """Its own name, the local names of those who import its module, and the keys of a returned object that holds it."""
    view = graph.view(where.file)
    symbol = view.symbol(where.index)
    names = {symbol.name} if symbol.name else set()
    names |= view.returned_as.get(symbol.name, frozenset())
    passed = view.passed_in.get(where.index)
    if passed is not None and passed[0] in view.result_names:  # `return { get: useCallback(async (url) => ...) }`
        names.add(view.result_names[passed[0]])
    names |= later_members.names(graph.ev, view, where.index)
    return names | {local for _, local in graph.importers(where.file) if local}
