"""Functions of the repository that are handed on instead of called: `useQuery({ queryFn: orders.list })`, `useMutation(orders.add)`."""

from __future__ import annotations

from collections.abc import Iterator

from backend_readiness.facts.model import Member, Name, Record, Value
from backend_readiness.graph.evaluation.aliases import names_of
from backend_readiness.graph.values import FuncV, Site, SymbolId, options
from backend_readiness.graph.world import Graph

MAX_FILES = 60
MAX_FOUND = 60
MAX_NESTED = 2


def handed_on(graph: Graph, function: SymbolId) -> Iterator[tuple[Site, FuncV]]:
    """The calls of production code that one argument, or a field of one, gives the function itself."""
    count = 0
    for name in sorted(n for n in names_of(graph, function) if n):
        files = [f for f in graph.naming(name) if f in graph.production]
        for file in files if len(files) <= MAX_FILES else ():
            view = graph.view(file)
            for number, call in enumerate(view.facts.calls):
                for value in (v for a in call.args for v in _named(a.value, name, 0)):
                    found = (o for o in options(graph.ev.value(value, file, call.owner)) if isinstance(o, FuncV) and o.symbol == function)
                    meant = next(found, None)
                    if meant is not None and count < MAX_FOUND:
                        count += 1
                        yield Site(file, number, None), meant


def _named(value: Value, name: str, depth: int) -> Iterator[Value]:
    """The name itself, or a member of that name, as it stands in an argument or in a field of one."""
    if (isinstance(value, Name) and value.id == name) or (isinstance(value, Member) and value.name == name):
        yield value
    elif isinstance(value, Record) and depth < MAX_NESTED:
        for _, held in value.items:
            yield from _named(held, name, depth + 1)
