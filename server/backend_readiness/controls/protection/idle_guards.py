"""Guards that a setting turns into a function which only goes on to the next one."""

from __future__ import annotations

import re

from backend_readiness.controls.context import Context
from backend_readiness.controls.deployed.development import stands_in_development
from backend_readiness.facts.model import Name
from backend_readiness.graph.routes.routing import Guard
from backend_readiness.graph.values import Ext, FuncV, SymbolId, options
from backend_readiness.model import Evidence

_ASIDE = re.compile(r"(?i)test|dev|local|debug")


def stands_aside(context: Context, guard: Guard) -> Evidence | None:
    """Where the guard may as well be a function that only goes on, other than for tests and development."""
    found = list(options(guard.value))
    if not any(isinstance(v, Ext) for v in found):
        return None
    return next((context.at_symbol(v.symbol) for v in found if isinstance(v, FuncV) and _only_goes_on(context, v.symbol)), None)


def _only_goes_on(context: Context, where: SymbolId) -> bool:
    view = context.view(where.file)
    symbol = view.symbol(where.index)
    calls = [view.facts.calls[n] for n in view.calls_of.get(where.index, ())]
    if len(calls) != 1 or not isinstance(calls[0].callee, Name) or calls[0].args:
        return False
    lines = context.snapshot.lines(where.file)
    around = [b for b in view.facts.blocks if b.kind == "if" and b.line <= symbol.line <= b.end_line]
    return not stands_in_development(context, where.file, symbol.line) and not any(_ASIDE.search(lines[b.line - 1]) for b in around)
