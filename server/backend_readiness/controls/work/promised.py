"""What a function is handed when a promise is fulfilled: `find().then((user) => { ... })`."""

from __future__ import annotations

from backend_readiness.facts.model import Func, Member, Value
from backend_readiness.graph.views import FileView


def handed_to(view: FileView, function: int, name: str) -> Value | None:
    """The promise whose result the first parameter `name` of a function is; None when it is no such function."""
    params = view.symbol(function).params
    if not params or params[0].name != name:
        return None
    for number in view.calls_by_name.get("then", ()):
        call = view.facts.calls[number]
        given = call.args[0].value if call.args else None
        if isinstance(given, Func) and given.symbol == function and isinstance(call.callee, Member):
            return call.callee.base
    return None
