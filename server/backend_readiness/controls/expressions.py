"""Small questions about lowered expressions."""

from __future__ import annotations

from collections.abc import Sequence

from backend_readiness.controls.protection.input_words import LOOKS_SAFE, NUMBER_TYPES, TESTS
from backend_readiness.facts.model import Alt, Arg, CallRef, Concat, Index, Lit, Member, Name, Op, Param, Record, Seq, Value
from backend_readiness.graph.views import FileView, callee_name


def field_along(value: Value, way: Sequence[str]) -> Value | None:
    """What `({ user }) => ...` takes of `{ user, given }`: the field, not its neighbours; None where a record has no such field."""
    for key in way:
        if not isinstance(value, Record) or value.computed or any(k is None for k, _ in value.items):
            break
        field = next((v for k, v in value.items if k == key), None)
        if field is None:
            return None
        value = field
    return value


def argument_for(params: tuple[Param, ...], param: Param, args: tuple[Arg, ...]) -> Value | None:
    """The argument that a call gives to a parameter, by keyword or position."""
    formal = [p for p in params if p.name != "self"]
    for arg in args:
        if arg.name is not None and arg.name == param.name:
            return arg.value
    positional = [a for a in args if a.name is None]
    position = formal.index(param) if param in formal else -1
    if 0 <= position < len(positional) and not any(a.spread for a in positional[: position + 1]):
        return positional[position].value
    return None


_HOSTS = frozenset({"netloc", "hostname", "host", "origin"})


def compared(value: Value, name: str, view: FileView, depth: int = 0) -> bool:
    """Does a condition compare the variable with a list or a pattern?"""
    if depth > 6:
        return False
    if isinstance(value, Op):
        if value.op in ("in", "not in") and value.operands and _mentions(value.operands[0], name):
            return True
        if any(_host_of(o, name, view) for o in value.operands):
            return True
        return any(compared(o, name, view, depth + 1) for o in value.operands)
    if isinstance(value, Alt):
        return any(compared(o, name, view, depth + 1) for o in value.options)
    if isinstance(value, CallRef):
        call = view.facts.calls[value.call]
        about = any(_mentions(a.value, name) for a in call.args) or (isinstance(call.callee, Member) and _mentions(call.callee.base, name))
        called = callee_name(call) or ""
        return about and (called in TESTS or LOOKS_SAFE.search(called) is not None)
    return False


def _host_of(value: Value, name: str, view: FileView) -> bool:
    """Is it the host of the address, taken out of it: `urlsplit(next_page).netloc`, `new URL(next).host`?"""
    if not isinstance(value, Member) or value.name not in _HOSTS or not isinstance(value.base, CallRef):
        return False
    return any(_mentions(a.value, name) for a in view.facts.calls[value.base.call].args)


def _mentions(value: Value, name: str, depth: int = 0) -> bool:
    if isinstance(value, Name):
        return value.id == name
    return isinstance(value, Member | Index) and depth < 10 and _mentions(value.base, name, depth + 1)


def is_number_type(value: Value, depth: int = 0) -> bool:
    """Is the annotation a type whose values cannot hold free text?"""
    if isinstance(value, Name | Member):
        return NUMBER_TYPES.search(written(value)) is not None
    if isinstance(value, Op | Alt) and depth < 4:
        parts = [p for p in (value.operands if isinstance(value, Op) else value.options) if not isinstance(p, Lit)]
        return bool(parts) and all(is_number_type(p, depth + 1) for p in parts)
    if isinstance(value, Index) and depth < 4:
        if NUMBER_TYPES.search(written(value.base)):
            return True
        first = value.key.items[0] if isinstance(value.key, Seq) and value.key.items else value.key
        return written(value.base) in ("Annotated", "Optional", "typing.Annotated", "typing.Optional") and is_number_type(first, depth + 1)
    return False


def written(value: Value, depth: int = 0) -> str:
    """A name or member chain as text; empty for anything else."""
    if isinstance(value, Name):
        return value.id
    if isinstance(value, Member) and depth < 12:
        return f"{written(value.base, depth + 1)}.{value.name}".lstrip(".")
    if isinstance(value, Index) and depth < 12:
        return written(value.base, depth + 1)
    return ""


def texts_in(value: Value | None, depth: int = 0) -> list[str]:
    """The texts that are written in an expression, those of objects, lists and alternatives included; not those inside of calls."""
    if value is None or depth > 8:
        return []
    if isinstance(value, Lit):
        return [value.value] if isinstance(value.value, str) else []
    if isinstance(value, Concat):
        return [" ".join(p.value for p in value.parts if isinstance(p, Lit) and isinstance(p.value, str))]
    inner: tuple[Value, ...] = ()
    if isinstance(value, Record):
        inner = tuple(v for _, v in value.items)
    elif isinstance(value, Seq):
        inner = value.items
    elif isinstance(value, Alt):
        inner = value.options
    elif isinstance(value, Op):
        inner = value.operands
    return [text for item in inner[:40] for text in texts_in(item, depth + 1)]


def declaring(view: FileView, scope: int, name: str) -> int | None:
    """The function around a scope that declares a variable, or has it as a parameter; None when none does, or the scope does itself."""
    if any(a.kind not in ("assign", "aug") for a, _ in view.bindings.get((scope, name), ())):
        return None
    for outer in view.enclosing(scope)[1:]:
        declared = any(a.kind not in ("assign", "aug") for a, _ in view.bindings.get((outer, name), ()))
        if outer and (declared or any(p.name == name for p in view.symbol(outer).params)):
            return outer
    return None
