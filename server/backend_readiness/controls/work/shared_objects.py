"""One object of the repository's own classes that a class keeps for all requests, and that a flow changes: `static User current`."""

from __future__ import annotations

from dataclasses import dataclass

from backend_readiness.controls.context import Context
from backend_readiness.facts.model import CallRef, Member, Name, Value
from backend_readiness.graph.values import InstV, options
from backend_readiness.graph.views import FileView
from backend_readiness.model import Evidence
from backend_readiness.rules.memory_words import words_for
from backend_readiness.snapshot.matching import compile_patterns


@dataclass(frozen=True, slots=True)
class SharedObject:
    """The field with its place, and where the flow changes what it holds."""

    name: str
    at: Evidence
    changed: Evidence


def changed_object(context: Context) -> SharedObject | None:
    """The first object in a field of a class itself, made once, of which a function of the chain sets a member."""
    for reached in context.functions:
        where = reached.function.symbol
        view = context.view(where.file)
        shared = compile_patterns((words_for(view.language).shared,)) if words_for(view.language).shared else None
        body = set(view.body(where.index)) if shared is not None else ()
        for assign in view.facts.assigns:
            if assign.owner not in body or not isinstance(assign.target, Member) or shared is None:
                continue
            name = _own_field(view, assign.target.base, assign.owner)
            holder = view.holder(assign.owner) if name else None
            for field in view.fields.get((holder, name), ()) if name and holder is not None else ():
                line = context.snapshot.lines(where.file)[field.line - 1]
                if shared.search(line.encode("utf-8", "replace")) is not None and _is_own_object(
                    context, field.value, where.file, holder or 0
                ):
                    return SharedObject(name, context.at(where.file, field.line), context.at(where.file, assign.line))
    return None


def _own_field(view: FileView, base: Value, owner: int) -> str:
    """The name of the field that an expression reads from the class around it; empty for a local, a parameter and everything else."""
    if isinstance(base, Member) and isinstance(base.base, Name) and base.base.id in ("self", "this"):
        return base.name
    if not isinstance(base, Name):
        return ""
    for scope in view.enclosing(owner):
        symbol = view.symbol(scope)
        if symbol.kind == "class":
            return base.id
        if any(p.name == base.id for p in symbol.params) or (scope, base.id) in view.bindings:
            return ""
    return ""


def _is_own_object(context: Context, value: Value | None, file: str, owner: int) -> bool:
    """Is the value made by a constructor of a class of the repository?"""
    if not isinstance(value, CallRef):
        return False
    return any(isinstance(o, InstV) for o in options(context.graph.ev.value(value, file, owner)))
