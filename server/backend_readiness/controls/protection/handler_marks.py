"""What is written above the flow's handlers and their classes: decorators, annotations and attributes."""

from __future__ import annotations

from collections.abc import Iterator

from backend_readiness.controls.context import Context
from backend_readiness.controls.protection.inputs import inputs_of
from backend_readiness.facts.builder import dotted
from backend_readiness.facts.model import Call, CallRef
from backend_readiness.model import Evidence


def handler_marks(context: Context) -> Iterator[tuple[str, Call | None, Evidence]]:
    """(last part of the name, the call of one with arguments, its place) of each, the handler's own before those of its class."""
    for where in inputs_of(context).handlers:
        view = context.view(where.file)
        for index in (where.index, view.symbol(where.index).parent):
            for decorator in view.symbol(index).decorators if index >= 1 else ():
                call = view.facts.calls[decorator.call] if isinstance(decorator, CallRef) else None
                name = (dotted(call.callee if call is not None else decorator) or "").rpartition(".")[2]
                yield name, call, context.at(where.file, call.line if call is not None else view.symbol(index).line)
