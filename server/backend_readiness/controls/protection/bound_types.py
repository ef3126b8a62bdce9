"""Classes that calls of a handler read the body into: `call.receive<Order>()`, `c.BodyParser(&order)`. The cards say which calls do."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from backend_readiness.controls.context import Context
from backend_readiness.facts.model import Call
from backend_readiness.graph.values import ClassV, Ext, InstV, SymbolId, options
from backend_readiness.graph.views import callee_name


def types_bound(context: Context, handlers: Sequence[SymbolId]) -> Iterator[SymbolId]:
    """Classes of the repository that such calls name between angles."""
    for file, call in _binding(context, handlers):
        for written in call.type_args[:1]:
            values = options(context.graph.ev.instance_of(written, file, call.owner))
            yield from (v.cls.symbol for v in values if isinstance(v, InstV))


def objects_bound(context: Context, handlers: Sequence[SymbolId]) -> Iterator[SymbolId]:
    """Classes of the repository whose objects such calls are given to fill."""
    for file, call in _binding(context, handlers):
        for arg in call.args[:3]:
            values = options(context.graph.ev.value(arg.value, file, call.owner))
            yield from (v.cls.symbol if isinstance(v, InstV) else v.symbol for v in values if isinstance(v, InstV | ClassV))


def _binding(context: Context, handlers: Sequence[SymbolId]) -> Iterator[tuple[str, Call]]:
    binds = context.graph.knowledge.input_binds
    for where in handlers:
        view = context.view(where.file)
        for scope in view.body(where.index):
            for number in view.calls_of.get(scope, ()):
                call = view.facts.calls[number]
                if (callee_name(call) or "") not in binds.names:
                    continue
                callee = options(context.graph.ev.value(call.callee, where.file, call.owner))
                if any(isinstance(v, Ext) and binds.matches(v) for v in callee):
                    yield where.file, call
