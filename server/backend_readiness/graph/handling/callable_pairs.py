"""A callable that is written as a list: `[$this, 'show']`, `[Orders::class, 'show']` is the method of the object or class."""

from __future__ import annotations

from typing import TYPE_CHECKING

from backend_readiness.graph.evaluation.members import own_member
from backend_readiness.graph.values import ClassV, Const, FuncV, InstV, ListV, options

if TYPE_CHECKING:
    from backend_readiness.graph.evaluation.evaluate import Evaluator


def methods_of_pair(ev: Evaluator, value: ListV) -> list[FuncV]:
    """The methods of the repository that such a list names; none for a list of anything else."""
    if len(value.items) != 2:
        return []
    name = ev.thunk(value.items[1])
    if not isinstance(name, Const) or not isinstance(name.value, str):
        return []
    found: list[FuncV] = []
    for holder in options(ev.thunk(value.items[0])):
        if isinstance(holder, ClassV | InstV):
            made = InstV(holder) if isinstance(holder, ClassV) else holder
            found.extend(f for f in options(own_member(ev, made, name.value) or name) if isinstance(f, FuncV))
    return found
