"""Conditions of guards that ask for the address of the request."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from backend_readiness.facts.builder import dotted
from backend_readiness.facts.model import Alt, CallRef, Member, Name, Op, Value

if TYPE_CHECKING:
    from backend_readiness.graph.views import FileView

_ADDRESS = re.compile(r"(?i)^(req|request|ctx|c)\.(path|endpoint|blueprint|url|original_?url|full_?path)$")
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
