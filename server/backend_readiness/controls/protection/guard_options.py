"""Options of a guard that the way in which it is put up switches off: `auth.WithAdminNotRequired().Add()`."""

from __future__ import annotations

import re

from backend_readiness.controls.context import Context
from backend_readiness.graph.routes.routing import Guard
from backend_readiness.graph.values import SymbolId
from backend_readiness.rules.signs import sign

_CALLED = re.compile(sign("guard_options", "called"))
_SET_OFF = re.compile(sign("guard_options", "set_off"))
MAX_LINES = 60


def options_off(context: Context, guard: Guard, function: SymbolId) -> frozenset[str]:
    """Names of the options that the calls on the line of a guard set to false, when they stand beside the function that guards."""
    text = " ".join(context.snapshot.lines(guard.place.file)[guard.place.line - 1 : guard.place.end_line])
    found: set[str] = set()
    for name in dict.fromkeys(_CALLED.findall(text)):
        for where in context.graph.defining(name)[:4]:
            if where.file != function.file or where == function:
                continue
            symbol = context.view(where.file).symbol(where.index)
            lines = context.snapshot.lines(where.file)[symbol.line - 1 : min(symbol.end_line, symbol.line + MAX_LINES)]
            found.update(m[1] for t in lines if (m := _SET_OFF.search(t)) is not None)
    return frozenset(found)


def asks_by(text: str, off: frozenset[str]) -> bool:
    """Does a line ask for one of the options that are off?"""
    return any(re.search(rf"\b{re.escape(n)}\b", text) is not None for n in off)
