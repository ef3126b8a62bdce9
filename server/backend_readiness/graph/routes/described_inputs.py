"""What the steps of a description take from a request beside its path: `.in(query[Int]("limit")).in(header[String]("X-Key"))`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from backend_readiness.facts.model import CallRef, Index, Member, Op, Value
from backend_readiness.graph.patterns import last_step
from backend_readiness.graph.urls import texts
from backend_readiness.graph.values import AV, Ext, Site, options
from backend_readiness.graph.views import FileView
from backend_readiness.graph.world import Graph
from backend_readiness.model import Param

MAX_DEPTH = 12


def inputs_of(graph: Graph, site: Site, parts: Mapping[str, str]) -> Iterator[Param]:
    """The parameters that the arguments of a step name by calls of `parts`; steps after such a call say more of the same one."""
    view = graph.view(site.file)
    call = view.facts.calls[site.call]
    for arg in call.args:
        for value in _operands(view, arg.value):
            yield from _named(graph, graph.ev.value(value, site.file, call.owner, site.env), parts)


def _operands(view: FileView, value: Value, depth: int = 0) -> Iterator[Value]:
    """The parts that operators and steps put together: `"list" / genre`, `path.and(limit).and(offset)`."""
    if depth > MAX_DEPTH:
        return
    if isinstance(value, Op):
        for operand in value.operands:
            yield from _operands(view, operand, depth + 1)
        return
    yield value
    if isinstance(value, CallRef):
        call = view.facts.calls[value.call]
        callee = call.callee.base if isinstance(call.callee, Index) else call.callee
        if isinstance(callee, Member) and callee.name == "and":
            yield from _operands(view, callee.base, depth + 1)
            for arg in call.args:
                yield from _operands(view, arg.value, depth + 1)


def _named(graph: Graph, value: AV, parts: Mapping[str, str]) -> Iterator[Param]:
    for option in options(value):
        current: AV | None = option
        for _ in range(MAX_DEPTH):
            if not isinstance(current, Ext):
                break
            where = parts.get(last_step(current.path)) if current.path.endswith("()") and current.site is not None else None
            if where is not None and current.site is not None:
                for name in texts(graph.ev, graph.ev.arg_value(current.site, 0))[:1]:
                    yield Param(name=name, where=where)
                break
            current = current.base
