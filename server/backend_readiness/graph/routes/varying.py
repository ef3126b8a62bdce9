"""Registrations whose method and path are both chosen before, branch by branch: which belongs to which is not known.

`switch (key) { case "show": method = "get"; url = "/x/:id"; break; case "create": method = "post"; url = "/x"; }  app[method](url, run)`:
all methods with all paths would be routes that nobody wrote.
"""

from __future__ import annotations

from collections.abc import Iterator

from backend_readiness.facts.model import Call, Concat, Index, Name, Value
from backend_readiness.graph.views import FileView


def is_chosen_twice(view: FileView, call: Call) -> bool:
    """Is the method a variable that is assigned in several places, and a variable of the path as well?"""
    key = call.callee.key if isinstance(call.callee, Index) else None
    if not isinstance(key, Name) or not call.args or not _is_reassigned(view, call.owner, key.id):
        return False
    return any(_is_reassigned(view, call.owner, name) for name in _names(call.args[0].value))


def _names(value: Value) -> Iterator[str]:
    for part in value.parts if isinstance(value, Concat) else (value,):
        if isinstance(part, Name):
            yield part.id


def _is_reassigned(view: FileView, owner: int, name: str) -> bool:
    bound = next((b for scope in view.enclosing(owner) if (b := view.bindings.get((scope, name)))), ())
    return sum(a.kind == "assign" for a, _ in bound) > 1
