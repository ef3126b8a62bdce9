"""Fields that are set by their bare names, in languages in which a method needs no `this`: `router = Router.router(vertx);`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from backend_readiness.facts.model import Assign, Name

if TYPE_CHECKING:
    from backend_readiness.graph.views import FileView

LANGUAGES = frozenset({"java", "kotlin"})


def set_by_name(view: FileView) -> Iterator[tuple[tuple[int, str], Assign]]:
    """((class, name), assignment) of each assignment to the name of a field that nothing in the functions around it hides."""
    if view.language not in LANGUAGES:
        return
    fields = {(a.owner, a.target.id) for a in view.facts.assigns if a.kind == "field" and isinstance(a.target, Name)}
    for assign in view.facts.assigns if fields else ():
        target = assign.target
        if assign.kind != "assign" or not isinstance(target, Name):
            continue
        holder = view.holder(assign.owner)
        if holder is not None and (holder, target.id) in fields and not _is_hidden(view, assign.owner, holder, target.id):
            yield (holder, target.id), assign


def _is_hidden(view: FileView, owner: int, holder: int, name: str) -> bool:
    for scope in view.enclosing(owner):
        if scope == holder:
            return False
        declared = any(a.kind != "assign" and a.target == Name(name) for a in view.assigns_of.get(scope, ()))
        if declared or any(p.name == name for p in view.symbol(scope).params):
            return True
    return False
