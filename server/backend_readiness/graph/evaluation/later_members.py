"""Members that an object gets after it was made: `const api = {}; api.list = ...`, also under names that a loop computes.

`["get", "post"].forEach((verb) => { api[verb] = (url) => ... })` gives the object one member for each name of a list that is written out.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from backend_readiness.facts.model import Assign, Func, Index, Lit, Name
from backend_readiness.graph.values import AV, Const, Thunk

if TYPE_CHECKING:
    from backend_readiness.graph.evaluation.evaluate import Evaluator
    from backend_readiness.graph.views import FileView

MAX_COMPUTED = 6


def assigned(ev: Evaluator, place: Thunk, name: str) -> AV | None:
    """What is assigned to the member of the object that is written at `place`, anywhere in its file."""
    view = ev.world.view(place.file)
    for assign in view.facts.assigns:
        if assign.value is not place.expr or not isinstance(assign.target, Name):
            continue
        for later in view.member_assigns.get((assign.owner, assign.target.id, name), ())[-2:]:
            if later.value is not None:
                return ev.value(later.value, place.file, later.owner, place.env)
        if assign.target.id in view.filled_later:
            found = _computed(ev, view, assign, name)
            if found is not None:
                return found
    return None


def names(ev: Evaluator, view: FileView, function: int) -> set[str]:
    """The names of the members that a loop makes of one function, one in each round."""
    from backend_readiness.graph.evaluation import loops

    found: set[str] = set()
    for later in view.facts.assigns if view.filled_later else ():
        if later.value != Func(function) or not isinstance(later.target, Index) or isinstance(later.target.key, Lit):
            continue
        for env in loops.bindings(ev, view, later.owner, later.start, later.end):
            key = ev.value(later.target.key, view.path, later.owner, env)
            if isinstance(key, Const) and isinstance(key.value, str):
                found.add(key.value)
    return found


def _computed(ev: Evaluator, view: FileView, made: Assign, name: str) -> AV | None:
    """The value of the round in which a loop assigns to the member of that name."""
    from backend_readiness.graph.evaluation import loops

    holder = made.target
    seen = 0
    for later in view.facts.assigns:
        target = later.target
        if not isinstance(target, Index) or target.base != holder or isinstance(target.key, Lit) or later.value is None:
            continue
        if made.owner not in view.enclosing(later.owner) or seen >= MAX_COMPUTED:
            continue
        seen += 1
        for env in loops.bindings(ev, view, later.owner, later.start, later.end):
            if ev.value(target.key, view.path, later.owner, env) == Const(name):
                return ev.value(later.value, view.path, later.owner, env)
    return None
