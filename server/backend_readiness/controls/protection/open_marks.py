"""Marks by which guards let everybody pass: on a handler, or on its class where the handler has no mark of access of its own."""

from __future__ import annotations

import re

from backend_readiness.facts.model import CallRef, Lit, Member, Name, Value
from backend_readiness.graph.views import FileView
from backend_readiness.rules.signs import sign

_OPEN = re.compile(
    r"(?i)^(allow_?(anonymous|any|all|unauthenticated)|permit_?all|anonymous(_?allowed)?|(is_?)?public(_?(route|endpoint|api|access))?|skip_?(auth|jwt|authentication|authorization)\w*|no_?(auth|jwt)\w*|un_?(authenticated|guarded|protected))(attribute)?$"
)
_OPEN_RULE = re.compile(r"^\s*(permitAll|isAnonymous)(\(\))?\s*$")
_CLOSES = re.compile(sign("open_marks", "closes"))


def open_to_all(view: FileView, index: int) -> Value | None:
    """The mark by which guards let everybody pass: `[AllowAnonymous]`, `@PermitAll`, a decorator `@Public()`."""
    marks = _marks(view, index)
    opened = next((value for value, name, given in marks if _opens(name, given)), None)
    holder = view.symbol(index).parent
    if opened is not None or holder < 1 or any(_CLOSES.search(name) is not None for _, name, _ in marks):
        return opened
    return next((value for value, name, given in _marks(view, holder) if _opens(name, given)), None)


def _opens(name: str, given: list[str]) -> bool:
    return _OPEN.match(name) is not None or any(_OPEN_RULE.search(g) is not None for g in given)


def _marks(view: FileView, index: int) -> list[tuple[Value, str, list[str]]]:
    """(mark, its name, the texts that it is given) of a symbol."""
    found: list[tuple[Value, str, list[str]]] = []
    for decorator in view.symbol(index).decorators:
        call = view.facts.calls[decorator.call] if isinstance(decorator, CallRef) else None
        value = call.callee if call is not None else decorator
        name = value.id if isinstance(value, Name) else value.name if isinstance(value, Member) else ""
        given = [str(a.value.value) for a in call.args if isinstance(a.value, Lit)] if call is not None else []
        found.append((decorator, name, given))
    return found
