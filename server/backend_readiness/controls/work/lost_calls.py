"""Calls of a flow that lead nowhere, though methods of their name in the repository call other services."""

from __future__ import annotations

import re

from backend_readiness.controls.context import Context
from backend_readiness.controls.places import is_production
from backend_readiness.controls.work.chain_calls import ChainCall
from backend_readiness.controls.work.touches import touches
from backend_readiness.facts.model import Member
from backend_readiness.graph.values import SymbolId
from backend_readiness.graph.views import callee_name

# What a collection of the language holds: nothing says of which class it is.
_HELD = re.compile(r"(Map|List|Set|Dictionary|Collection|Optional|Iterable)\(\)\.\w+\(\)\.\w+(\(\))?$")
MIN_NAME = 4
MAX_NAMED = 6
MAX_DEPTH = 2
_AWAY = frozenset({"http", "mail", "payment", "external"})


def lost_calls(context: Context) -> list[ChainCall]:
    """Calls through an interface of several classes, or of an object of unknown type, of which a method of that name leaves the service."""
    found: list[ChainCall] = []
    known: dict[str, bool] = {}
    for call in context.calls:
        name = callee_name(call.call) or ""
        if len(name) < MIN_NAME or call.call.kind != "call" or not isinstance(call.call.callee, Member):
            continue
        if any(not p.startswith(("~", "?")) and _HELD.search(p) is None for p in call.paths) or _leads_on(context, call):
            continue
        if name not in known:
            methods = [
                w for w in context.graph.defining(name) if is_production(w.file) and context.is_backend(w.file) and _is_method(context, w)
            ]
            known[name] = any(touches(context, w, _AWAY, MAX_DEPTH) for w in methods[:MAX_NAMED])
        if known[name]:
            found.append(call)
    return found


def _leads_on(context: Context, call: ChainCall) -> bool:
    """Does the call lead to a body? The method of an interface has none."""
    targets = [e.target.symbol for e in context.tracer.edges.of_call(call.site)]
    return any(context.view(t.file).symbol(t.index).statements > 0 for t in targets)


def _is_method(context: Context, where: SymbolId) -> bool:
    symbol = context.view(where.file).symbol(where.index)
    return symbol.kind == "method" and symbol.statements > 0
