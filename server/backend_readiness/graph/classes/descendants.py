"""Classes and interfaces below another one, through any number of steps."""

from __future__ import annotations

from backend_readiness.graph.classes import inheritance
from backend_readiness.graph.values import ClassV, SymbolId
from backend_readiness.graph.world import Graph

MAX_DESCENDANTS = 400
KINDS = frozenset({"class", "enum", "interface", "partial"})


def descendants(graph: Graph, cls: ClassV) -> list[ClassV]:
    """The classes and interfaces of the repository with `cls` among their bases, nearest first, in the order of files."""
    found: dict[SymbolId, ClassV] = {}
    queue = [cls]
    while queue and len(found) < MAX_DESCENDANTS:
        above = queue.pop(0)
        name = graph.view(above.symbol.file).symbol(above.symbol.index).name
        for where in graph.subclasses(name, KINDS) if name else ():
            below = ClassV(where)
            if where not in found and where != cls.symbol and _is_direct(graph, below, above):
                found[where] = below
                queue.append(below)
    return list(found.values())


def _is_direct(graph: Graph, cls: ClassV, above: ClassV) -> bool:
    return any(isinstance(b, ClassV) and b.symbol == above.symbol for b in inheritance.direct_bases(graph.ev, cls))
