"""The class through which a flow takes its body, and fields of it that say what somebody may do."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from backend_readiness.controls.callees import chain_text
from backend_readiness.controls.protection.bound_types import objects_bound
from backend_readiness.controls.protection.model_checks import bodies, typed_fields
from backend_readiness.facts.file_index import last_name
from backend_readiness.facts.model import Index, Param, Value
from backend_readiness.graph.values import InstV, SymbolId, options
from backend_readiness.rules.signs import sign

if TYPE_CHECKING:
    from backend_readiness.controls.context import Context
    from backend_readiness.controls.protection.inputs import Inputs
    from backend_readiness.model import Evidence

_RIGHTS = re.compile(sign("body_models", "rights"))
_YES_OR_NO = re.compile(sign("body_models", "yes_or_no"))
_BOOLEAN = re.compile(sign("body_models", "boolean"))
_ASKS = re.compile(sign("body_models", "asks"))
MAX_INSIDE = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class BodyModel:
    """`privileged`: the first field of the class that speaks of privilege."""

    name: str
    privileged: str | None
    at: Evidence


def body_model(context: Context, inputs: Inputs, privileged: re.Pattern[str]) -> BodyModel | None:
    """The typed body of the handler; a class that has a field which is read comes first."""
    read = {p.name for r in context.routes for p in r.route.params if p.where in ("body", "form")}
    found: list[BodyModel] = []
    for where in inputs.handlers:
        for param in context.view(where.file).symbol(where.index).params:
            if inputs.is_dependency(where, param):
                continue
            for cls in _bound_to(context, param, where.file):
                other = context.view(cls.file)
                fields = [f for (c, f) in other.fields if c == cls.index]
                symbol = other.symbol(cls.index)
                spoken = next((f for f in fields if privileged.match(f)), None)
                model = BodyModel(name=symbol.name, privileged=spoken, at=context.at(cls.file, symbol.line))
                if read & set(fields):
                    return model
                if not inputs.request_param(where, param):  # a type of the whole request binds nothing
                    found.append(model)
    return found[0] if found else None


def _bound_to(context: Context, param: Param, file: str) -> Iterator[SymbolId]:
    """The classes that the body may be read into for a parameter. Where extractors hold the parts of the request (`Json<Order>`), what
    is not inside of one is something else: state, the caller. An interface holds no fields of a body."""
    extractors = {n for r in context.routes for n in r.card.input_types}
    written: Value | None = param.type
    if extractors:
        if not isinstance(written, Index) or last_name(written.base) not in extractors:
            return
        written = written.key
    for _ in range(MAX_INSIDE):
        if written is None:
            return
        for value in options(context.graph.ev.instance_of(written, file, 0)):
            if isinstance(value, InstV) and context.view(value.cls.symbol.file).symbol(value.cls.symbol.index).kind != "interface":
                yield value.cls.symbol
        written = written.key if extractors and isinstance(written, Index) else None  # `Json<Envelope<Order>>`


def taken_right(context: Context, inputs: Inputs) -> tuple[str, Evidence] | None:
    """A field of the body that says what somebody may do and that the flow reads from it, where nothing on the way asks for a role."""
    if context.language in ("python", "javascript", "php", "ruby", "elixir"):
        return None  # their bodies have no classes that must be named
    if any({"authorization"} & context.roles.of_value(g.value) for g in context.guards):
        return None
    lines = list(chain_text(context))
    for cls in dict.fromkeys((*objects_bound(context, inputs.handlers), *bodies(context, inputs.handlers, inside=True))):
        source = context.snapshot.lines(cls.file)
        for name, _, number in typed_fields(context, cls):
            if not _RIGHTS.match(name) and not (_YES_OR_NO.match(name) and _BOOLEAN.search(source[number - 1][:500])):
                continue
            reads = re.compile(rf"(?i)(?<!&)\b\w+\.(get)?{re.escape(name)}\b(?!\W{{0,2}}[!=]=)")
            if any(reads.search(t[:500]) for _, _, t in lines) and not any(_ASKS.search(t[:500]) for _, _, t in lines):
                return name, context.at(cls.file, number)
    return None
