"""What `this` means in a function that is written into an object literal: `const api = { create() {...}, copy() { this.create() } }`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from backend_readiness.facts.model import CallRef, Func, Record, Seq, Value
from backend_readiness.graph.families import PAGES, family
from backend_readiness.graph.values import AV, Env, Obj
from backend_readiness.graph.views import FileView

if TYPE_CHECKING:
    from backend_readiness.graph.evaluation.evaluate import Evaluator

LANGUAGES = frozenset({"javascript"})  # families of languages whose object literals have methods
MAX_DEPTH = 6


def around(ev: Evaluator, view: FileView, owner: int, env: Env | None) -> AV | None:
    """The object in which the nearest function around `owner` is written; None when it stands in none."""
    if family(view.language) not in LANGUAGES and (view.language not in PAGES or view.language == "php"):
        return None
    written = ev.literal_objects.get(view.path)
    if written is None:
        written = ev.literal_objects[view.path] = _written(view)
    for inside in view.enclosing(owner):
        found = written.get(inside)
        if found is not None:
            whole = ev.world.scoped(view.path, found[0])
            if whole is not None:
                return whole
            value = ev.value(found[0], view.path, found[1], env.outer if env is not None else None)
            return value if isinstance(value, Obj) else None
    return None


def _written(view: FileView) -> dict[int, tuple[Record, int]]:
    """Function -> the object literal around it, and the symbol in which that is written."""
    found: dict[int, tuple[Record, int]] = {}

    def look(value: Value | None, owner: int, depth: int) -> None:
        if isinstance(value, Record) and depth < MAX_DEPTH:
            for _, item in value.items:
                if isinstance(item, Func):
                    found.setdefault(item.symbol, (value, owner))
                else:
                    look(item, owner, depth + 1)
        elif isinstance(value, Seq) and depth < MAX_DEPTH:
            for item in value.items:
                look(item, owner, depth + 1)

    for assign in view.facts.assigns:
        look(assign.value, assign.owner, 0)
    for export in view.facts.exports:
        look(export.value, 0, 0)
    for returned in view.facts.returns:
        look(returned.value, returned.owner, 0)
    for call in view.facts.calls:
        for arg in call.args:
            if not isinstance(arg.value, CallRef):
                look(arg.value, call.owner, 0)
    return found
