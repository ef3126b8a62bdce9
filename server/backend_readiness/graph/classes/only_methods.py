"""The one method of the repository that goes by a name which a library calls: `loadUserByUsername`."""

from __future__ import annotations

from collections.abc import Iterable

from backend_readiness.graph.values import ClassV, FuncV, InstV, SymbolId
from backend_readiness.graph.world import Graph


def only_method(graph: Graph, names: Iterable[str], file: str) -> FuncV | None:
    """The method of the first of the names that one class of production code writes, of several the one nearest to a file; None if two
    are as near."""
    for name in names:
        found: list[SymbolId] = []
        for path, definition in graph.facts.defining(name):
            symbol = graph.view(path).symbol(definition.symbol)
            if path in graph.production and symbol.parent > 0 and symbol.kind == "method" and symbol.statements:
                found.append(SymbolId(path, definition.symbol))
        near = max((shared_folders(w.file, file) for w in found), default=0)
        nearest = [w for w in found if shared_folders(w.file, file) == near] if len(found) > 1 else found
        if len(nearest) == 1:
            where = nearest[0]
            return FuncV(where, InstV(ClassV(SymbolId(where.file, graph.view(where.file).symbol(where.index).parent))))
    return None


def shared_folders(one: str, other: str) -> int:
    """How many folders two paths begin with together."""
    left, right = one.split("/")[:-1], other.split("/")[:-1]
    return next((n for n, (a, b) in enumerate(zip(left, right, strict=False)) if a != b), min(len(left), len(right)))
