"""Receivers whose class lists what it receives: `getSubscribedEvents()` gives `[OrderPlaced::class => 'onPlaced']`."""

from __future__ import annotations

from collections.abc import Iterator

from backend_readiness.facts.model import Lit, Record, Seq, Value
from backend_readiness.graph.background.message_keys import keys_of
from backend_readiness.graph.classes import inheritance
from backend_readiness.graph.evaluation.members import own_member
from backend_readiness.graph.patterns import compiled, last_step
from backend_readiness.graph.values import ClassV, Const, FuncV, InstV, SymbolId, options
from backend_readiness.graph.world import Graph

MAX_CLASSES = 5_000
MAX_NAMES = 20


def listed_receivers(graph: Graph, bases: tuple[str, ...], listing: str) -> Iterator[tuple[object, FuncV]]:
    """(key, method) of each class below one of the bases whose method `listing` gives a table of keys and names of methods."""
    wanted = [compiled(b) for b in bases]
    seen: set[SymbolId] = set()
    for where in (s for name in sorted(graph.names_below(last_step(b) for b in bases)) for s in graph.subclasses(name)):
        if where in seen or where.file not in graph.production or len(seen) >= MAX_CLASSES:
            continue
        seen.add(where)
        if not any(w.fullmatch(b.path) for b in inheritance.external_bases(graph.ev, ClassV(where)) for w in wanted):
            continue
        view = graph.view(where.file)
        for method in view.named_children.get((where.index, listing), ()):
            for given in view.returns.get(method, ()):
                if isinstance(given.value, Record):
                    yield from _of_table(graph, ClassV(where), given.value, method)


def _of_table(graph: Graph, cls: ClassV, table: Record, owner: int) -> Iterator[tuple[object, FuncV]]:
    file = cls.symbol.file
    rows: list[tuple[list[object], Value]] = [([name], value) for name, value in table.items if name]
    rows += [(keys_of(graph, graph.ev.value(key, file, owner), None), value) for key, value in table.computed]
    for keys, value in rows:
        for name in _names(graph, value, file, owner):
            for found in options(own_member(graph.ev, InstV(cls), name) or Const(None)):
                if isinstance(found, FuncV):
                    yield from ((key, found) for key in keys)


def _names(graph: Graph, value: Value, file: str, owner: int) -> list[str]:
    """`'onPlaced'`, `['onPlaced', 10]`, `[['first', 10], ['second']]`."""
    if isinstance(value, Seq):
        several = all(isinstance(i, Seq) for i in value.items)
        return [n for i in (value.items[:MAX_NAMES] if several else value.items[:1]) for n in _names(graph, i, file, owner)]
    found = [value] if isinstance(value, Lit) else options(graph.ev.value(value, file, owner))
    return [str(o.value) for o in found if isinstance(o, Lit | Const) and isinstance(o.value, str)]
