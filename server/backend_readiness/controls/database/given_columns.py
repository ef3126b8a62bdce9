"""What an insert gives to each column, and whether such a value is another one at each request, so that no unique rule can refuse it."""

from __future__ import annotations

import re

from backend_readiness.controls.context import Context
from backend_readiness.controls.expressions import written
from backend_readiness.controls.places import is_test
from backend_readiness.controls.work.writes import Write
from backend_readiness.facts.model import Alt, Arg, CallRef, Concat, Index, Member, Name, Op, Record, Value
from backend_readiness.graph.views import FileView
from backend_readiness.rules.key_words import load_key_words

MAX_DEPTH = 8
MAX_CHAIN = 6
MAX_FILES = 60


def given_columns(context: Context, write: Write) -> dict[str, Value | None]:
    """Column -> value: of `Event(id=envelope.id)`, `{slug: x}`, a variable of such, also where a call before the last one is given it."""
    view = context.view(write.call.site.file)
    owner = write.call.call.owner
    args: list[Arg] = []
    call = write.call.call
    for _ in range(MAX_CHAIN):
        args.extend(call.args)
        if not isinstance(call.callee, Member) or not isinstance(call.callee.base, CallRef):
            break
        call = view.facts.calls[call.callee.base.call]
    given: dict[str, Value | None] = {}
    for arg in args:
        value = _bound(view, owner, arg.value) if isinstance(arg.value, Name) else arg.value
        if isinstance(value, CallRef):
            parts = view.facts.calls[value.call].args
            if all(a.name for a in parts):  # with values by their place beside, the names do not say all
                given.update((a.name, a.value) for a in parts if a.name)
        elif isinstance(value, Record):
            given.update((k, v) for k, v in value.items if k)
    return given


def made_anew(context: Context, write: Write, value: Value | None) -> bool:
    """Does chance or the clock go into a value: `slugify(title) + uuid4()`, an identifier that was drawn two lines above?"""
    pattern = re.compile(load_key_words().anew)
    return value is not None and _anew(context.view(write.call.site.file), write.call.call.owner, value, pattern, 0)


def drawn_by_code(context: Context, column: str) -> bool:
    """Does code of the backend set a field of that name to what chance or the clock goes into: `instance.slug = slug + unique`?"""
    pattern = re.compile(load_key_words().anew)
    for file in context.graph.naming(column)[:MAX_FILES]:
        if not context.is_backend(file) or is_test(file):
            continue
        view = context.view(file)
        for assign in view.facts.assigns:
            sets = isinstance(assign.target, Member) and assign.target.name == column
            if sets and assign.value is not None and _anew(view, assign.owner, assign.value, pattern, 0):
                return True
    return False


def _anew(view: FileView, owner: int, value: Value, pattern: re.Pattern[str], depth: int) -> bool:
    if depth > MAX_DEPTH:
        return False
    inner: list[Value]
    match value:
        case CallRef():
            call = view.facts.calls[value.call]
            if pattern.search(written(call.callee)) is not None:
                return True
            inner = [*(a.value for a in call.args), *([call.callee.base] if isinstance(call.callee, Member) else [])]
        case Name():
            bound = _bound(view, owner, value)
            inner = [bound] if bound is not None else []
        case Member(base=base) | Index(base=base):
            inner = [base]
        case Concat(parts=parts):
            inner = list(parts)
        case Alt():
            inner = list(value.options)
            return bool(inner) and all(_anew(view, owner, v, pattern, depth + 1) for v in inner[:6])
        case Op():
            inner = list(value.operands)
        case _:
            return False
    return any(_anew(view, owner, v, pattern, depth + 1) for v in inner[:8])


def _bound(view: FileView, owner: int, name: Name) -> Value | None:
    scope = next((s for s in view.enclosing(owner) if (s, name.id) in view.bindings), None)
    found = [a.value for a, path in view.bindings[scope, name.id] if not path] if scope is not None else []
    return found[-1] if found else None
