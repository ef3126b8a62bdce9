"""What an assignment gives to a name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from backend_readiness.facts.model import Assign
from backend_readiness.graph.values import AV, Env, Ext, ParamV, UnknownV

if TYPE_CHECKING:
    from backend_readiness.graph.evaluate import Evaluator
    from backend_readiness.graph.views import FileView


def value_of(ev: Evaluator, assign: Assign, path: tuple[str, ...], view: FileView, scope: int, env: Env | None) -> AV | None:
    """The value behind one assignment, by its type when the expression tells nothing; `path` leads to the name inside of a pattern."""
    typed = assign.type
    if assign.value is None:
        return ev.instance_of(typed, view.path, scope, env) if typed is not None else None
    if assign.kind == "aug":
        return None
    value = ev.value(assign.value, view.path, scope, env)
    if assign.kind == "for":
        value = ev.element_of(value)
    for step in path:
        value = ev.member(value, step)
    open_value = isinstance(value, UnknownV | ParamV) or (isinstance(value, Ext) and not value.known)
    return ev.instance_of(typed, view.path, scope, env) if open_value and typed is not None else value
