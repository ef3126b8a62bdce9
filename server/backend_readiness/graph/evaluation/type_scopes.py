"""Where the name of a type is looked up: a method or property of that name hides no type (`Mailer Mailer => new Mailer()`)."""

from __future__ import annotations

from backend_readiness.facts.model import Call, Name, Value
from backend_readiness.graph.views import FileView

_APART = frozenset({"blazor", "csharp", "java"})  # languages in which types and members may go by one name


def scope_of_type(view: FileView, owner: int, written: Value) -> int:
    """Outside of the classes that have a method of that name."""
    name = written.id if isinstance(written, Name) else ""
    for scope in view.enclosing(owner) if name else ():
        if any(view.symbol(i).kind == "method" for i in view.named_children.get((scope, name), ())):
            owner = max(0, view.symbol(scope).parent)
    return owner


def scope_of_callee(view: FileView, call: Call) -> int:
    return scope_of_type(view, call.owner, call.callee) if call.kind == "new" and view.language in _APART else call.owner
