"""What stands at one place of each row of a list that is written out, wherever the list was handed on from.

`for text, given in [("UPDATE ...", (a, b)), ...]`: the first name holds the texts, and no value that stands beside them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from backend_readiness.controls.expressions import argument_for
from backend_readiness.facts.model import Member, Name, Seq, Value
from backend_readiness.graph.evaluation.params import way_to
from backend_readiness.graph.values import Site, SymbolId
from backend_readiness.graph.world import Graph

MAX_ROWS = 40
MAX_SITES = 6
MAX_STEPS = 6

Cell = tuple[Value, str, int]


def cells(graph: Graph, sites: Mapping[SymbolId, Sequence[Site]], listed: Value, step: str, file: str, owner: int) -> list[Cell]:
    """(expression, file, symbol) at place `step` (`[0]`) of each row; empty when one of the rows is not written out."""
    place = re.fullmatch(r"\[(\d{1,3})\]", step)
    found = list(_cells(graph, sites, listed, int(place.group(1)), file, owner, 0)) if place is not None else []
    return [] if None in found else [c for c in found if c is not None]


def _cells(
    graph: Graph, sites: Mapping[SymbolId, Sequence[Site]], listed: Value, place: int, file: str, owner: int, depth: int
) -> Iterator[Cell | None]:
    if isinstance(listed, Seq):
        for row in listed.items[:MAX_ROWS]:
            yield (row.items[place], file, owner) if isinstance(row, Seq) and place < len(row.items) else None
        return
    if not isinstance(listed, Name) or depth > MAX_STEPS:
        yield None
        return
    view = graph.view(file)
    for scope in view.enclosing(owner):
        symbol = view.symbol(scope)
        for assign, way in view.bindings.get((scope, listed.id), ()):
            grown = any(isinstance(c := view.facts.calls[n].callee, Member) and c.base == listed for n in view.calls_of.get(scope, ()))
            if way or assign.value is None or assign.kind == "aug" or grown:
                yield None
            else:
                yield from _cells(graph, sites, assign.value, place, file, assign.owner, depth + 1)
        param = next((p for p in symbol.params if way_to(p, listed.id) == ()), None)
        if param is not None:
            calls = [(s.file, graph.view(s.file).facts.calls[s.call]) for s in sites.get(SymbolId(file, scope), ())]
            for at, call in calls[: MAX_SITES + 1]:
                given = argument_for(symbol.params, param, call.args)
                if given is None or len(calls) > MAX_SITES:
                    yield None
                else:
                    yield from _cells(graph, sites, given, place, at, call.owner, depth + 1)
        if param is not None or (scope, listed.id) in view.bindings:
            return
    yield None
