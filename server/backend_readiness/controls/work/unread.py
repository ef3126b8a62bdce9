"""Statements that the flow runs and whose text is not there: prepared elsewhere, so that they may read or change data."""

from __future__ import annotations

from backend_readiness.controls.asked_methods import asked_methods
from backend_readiness.controls.context import Context

_CHANGING = frozenset({"POST", "PUT", "PATCH", "DELETE"})


def has_unread(context: Context) -> bool:
    """Does the flow run a statement of which nothing says what it does?"""
    return any(e.kind == "sql" and e.operation == "call" for e, _ in context.effects)


def may_change_unread(context: Context) -> bool:
    """Is the flow asked to change something, and runs such a statement?"""
    return bool(asked_methods(context) & _CHANGING) and has_unread(context)
