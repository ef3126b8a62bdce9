"""What is put as text into statements that stand apart from their calls: `order by ${sort}` of a mapper."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from backend_readiness.controls.context import Context
from backend_readiness.controls.expressions import written
from backend_readiness.controls.protection.input_words import NUMBER_TYPES
from backend_readiness.controls.protection.inputs import CLEAN, UNSURE, Inputs, Reach, Taint
from backend_readiness.facts.model import CallRef, Lit, Param, Value
from backend_readiness.graph.backend.effects import Effect
from backend_readiness.graph.urls import texts
from backend_readiness.graph.values import FuncV
from backend_readiness.graph.views import FileView
from backend_readiness.model import Evidence
from backend_readiness.rules.signs import sign

_PUT_IN = re.compile(sign("substitutions", "put_in"))
# Objects of the library that build a part of the statement and bind its values.
_BUILDERS = re.compile(sign("substitutions", "builders"))
_PARAMETER = re.compile(sign("substitutions", "parameter"))


@dataclass(frozen=True, slots=True)
class Substitution:
    """A name that a statement takes as text, where the call stands that gives it, and what reaches it."""

    name: str
    at: Evidence
    reach: Reach


def substitutions(context: Context, inputs: Inputs) -> Iterator[Substitution]:
    """Every name that a statement of the flow, which stands apart, takes as text."""
    for effect, _ in context.effects:
        if not effect.apart or effect.declared is None or effect.statement is None:
            continue
        said = " ".join(texts(context.graph.ev, effect.statement))
        for name in dict.fromkeys(m[1] for m in _PUT_IN.finditer(said)):
            call = context.view(effect.site.file).facts.calls[effect.site.call]
            yield Substitution(name, context.at(effect.site.file, call.line), _given(context, inputs, effect, effect.declared, name))


def _given(context: Context, inputs: Inputs, effect: Effect, declared: FuncV, name: str) -> Reach:
    view = context.view(declared.symbol.file)
    params = view.symbol(declared.symbol.index).params
    first, _, rest = name.partition(".")
    position = next((n for n, p in enumerate(params) if first in (p.name, _called(view, p))), 0 if len(params) == 1 else -1)
    caller = context.view(effect.site.file)
    call = caller.facts.calls[effect.site.call]
    if not 0 <= position < len(call.args):
        return UNSURE
    annotated = params[position].type
    type_ = written(annotated) if annotated is not None else ""
    if NUMBER_TYPES.search(type_) is not None or _BUILDERS.search(type_) is not None:
        return CLEAN
    reach = inputs.of(call.args[position].value, effect.site.file, call.owner)
    # What stands deeper in an object may have been set by code on the way.
    return UNSURE if reach.taint is Taint.INPUT and "." in rest else reach


def _called(view: FileView, param: Param) -> str:
    """The name that an annotation gives the parameter: `@Param("sort") String by`."""
    for decorator in param.decorators:
        call = view.facts.calls[decorator.call] if isinstance(decorator, CallRef) else None
        if call is not None and call.args and _PARAMETER.search(written(call.callee)) is not None and (text := _text(call.args[0].value)):
            return text
    return ""


def _text(value: Value) -> str:
    return value.value if isinstance(value, Lit) and isinstance(value.value, str) else ""
