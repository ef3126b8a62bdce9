"""Conditions of guards that ask for the address of the request, or for the site that it comes from."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from backend_readiness.facts.builder import dotted
from backend_readiness.facts.model import Alt, CallRef, Lit, Member, Name, Op, Value
from backend_readiness.rules.signs import sign

if TYPE_CHECKING:
    from backend_readiness.graph.views import FileView

_ADDRESS = re.compile(r"(?i)^(req|request|ctx|c)\.(path|endpoint|blueprint|url|original_?url|full_?path)$")
_ORIGIN = re.compile(sign("asked_addresses", "of_origins"))
MAX_DEPTH = 6


def names_address(view: FileView, value: Value, depth: int = 0) -> bool:
    """Is the value made of the address that is asked for, itself or by a name: `request.path.startswith("/login")`?"""
    if depth > MAX_DEPTH:
        return False
    if isinstance(value, Op | Alt):
        return any(names_address(view, o, depth + 1) for o in (value.operands if isinstance(value, Op) else value.options))
    if isinstance(value, CallRef):
        callee = view.facts.calls[value.call].callee
        return isinstance(callee, Member) and names_address(view, callee.base, depth + 1)
    if isinstance(value, Name):
        given = [a.value for a in view.facts.assigns if a.target == value and a.value is not None]
        return bool(given) and any(names_address(view, g, depth + 1) for g in given[:3])
    return isinstance(value, Member) and _ADDRESS.search(dotted(value) or "") is not None


def asks_for_origin(view: FileView, value: Value, depth: int = 0) -> bool:
    """Does the condition ask which site the request comes from, which says nothing of who sends it: `!isOriginAllowed(origin)`?"""
    if depth > MAX_DEPTH:
        return False
    if isinstance(value, Op | Alt):
        parts = value.operands if isinstance(value, Op) else value.options
        asked = [p for p in parts if not isinstance(p, Lit)]
        return bool(asked) and all(asks_for_origin(view, p, depth + 1) for p in asked)
    if isinstance(value, CallRef):
        given = [a.value for a in view.facts.calls[value.call].args]
        texts = [g.value for g in given if isinstance(g, Lit)]
        others = [g for g in given if not isinstance(g, Lit)]
        named = any(isinstance(t, str) and _ORIGIN.match(t) is not None for t in texts)
        return named or (bool(others) and all(asks_for_origin(view, g, depth + 1) for g in others))
    return isinstance(value, Name | Member) and _ORIGIN.match(value.id if isinstance(value, Name) else value.name) is not None
