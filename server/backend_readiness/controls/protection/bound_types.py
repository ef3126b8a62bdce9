"""Types that a handler reads the body into where a call says them: `call.receive<Order>()`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from backend_readiness.controls.context import Context
from backend_readiness.graph.values import Ext, InstV, SymbolId, options
from backend_readiness.graph.views import callee_name


def types_bound(context: Context, handlers: Sequence[SymbolId]) -> Iterator[SymbolId]:
    """Classes of the repository that calls of the handlers name between angles, where the cards say that they bind the body."""
    binds = context.graph.knowledge.input_binds
    for where in handlers:
        view = context.view(where.file)
        for scope in view.body(where.index):
            for number in view.calls_of.get(scope, ()):
                call = view.facts.calls[number]
                if not call.type_args or (callee_name(call) or "") not in binds.names:
                    continue
                callee = options(context.graph.ev.value(call.callee, where.file, call.owner))
                if not any(isinstance(v, Ext) and binds.matches(v) for v in callee):
                    continue
                values = options(context.graph.ev.instance_of(call.type_args[0], where.file, call.owner))
                yield from (v.cls.symbol for v in values if isinstance(v, InstV))
