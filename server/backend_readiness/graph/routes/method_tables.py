"""Handlers that a file keeps by their methods: `handle(req, res, { GET: list, POST: add })`, `tables[req.method](req, res)`."""

from __future__ import annotations

from collections.abc import Iterator

from backend_readiness.facts.model import Index, Member, Name, Record, Value
from backend_readiness.graph.routes.routing import functions_in
from backend_readiness.graph.values import AV, FuncV, Obj, options
from backend_readiness.graph.world import Graph

METHODS = frozenset({"GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"})
MAX_CALLS = 40


def kept_by_method(graph: Graph, handler: AV | None, member: str) -> list[tuple[str, AV, int]]:
    """(method, handler, line) of the first table that the function gives away together with its request, or looks its method up in."""
    for function in functions_in(graph, handler)[:1]:
        if not isinstance(function, FuncV):
            continue
        view = graph.view(function.symbol.file)
        params = {p.name for p in view.symbol(function.symbol.index).params}
        for number in sorted(view.calls_of.get(function.symbol.index, ()))[:MAX_CALLS]:
            call = view.facts.calls[number]
            given: list[Value] = []
            if isinstance(call.callee, Index) and isinstance(call.callee.key, Member) and call.callee.key.name == member:
                given = [call.callee.base]
            elif any(isinstance(a.value, Name) and a.value.id in params for a in call.args):
                named = (a.value for a in call.args if isinstance(a.value, Record | Name))
                given = [v for v in named if not isinstance(v, Name) or v.id not in params]
            for value in given:
                found = list(_table(graph, graph.ev.value(value, view.path, call.owner), call.line))
                if found:
                    return found
    return []


def _table(graph: Graph, value: AV, line: int) -> Iterator[tuple[str, AV, int]]:
    for option in options(value):
        if isinstance(option, Obj) and option.fields and not option.spreads and METHODS.issuperset(option.fields):
            for method, thunk in option.fields.items():
                yield method, graph.ev.thunk(thunk), line
