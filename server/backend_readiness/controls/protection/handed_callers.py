"""What runs before a handler and says nothing of whom it turns away: it is asked with its guard, or fails into a value.

The failure of a type that finds out who the caller is may be handed on as a value: `user: Option<AuthUser>`.
"""

from __future__ import annotations

import re

from backend_readiness.controls.context import Context
from backend_readiness.controls.protection.only_for_sent import only_for_sent
from backend_readiness.controls.protection.skippers import stands_aside_for
from backend_readiness.graph.handling.extractors import forgiven
from backend_readiness.graph.routes.routing import functions_in
from backend_readiness.graph.values import FuncV, SymbolId


def handed_callers(context: Context) -> set[SymbolId]:
    """What makes such parameters, and so refuses nobody, unless the handler ends where it was handed a failure: `user?`."""
    handlers = [f for r in context.routes for f in functions_in(context.graph, r.handler) if isinstance(f, FuncV)]
    return {made for f in handlers for made, name in forgiven(context.graph, f).items() if not _insists(context, f.symbol, name)}


def _insists(context: Context, handler: SymbolId, name: str) -> bool:
    symbol = context.view(handler.file).symbol(handler.index)
    lines = context.snapshot.lines(handler.file)[symbol.line - 1 : symbol.end_line]
    return any(re.search(rf"\b{re.escape(name)}(\?|\.(unwrap|expect)\()", t[:500]) for t in lines)


def asked_elsewhere(context: Context) -> set[SymbolId]:
    """What the guards call, which may be for some requests only; and the guards that stand aside for requests of the flow."""
    guards = {f.symbol for g in context.guards for f in context.roles.functions(g.value)}
    found: set[SymbolId] = set()
    now = guards
    for _ in range(3):
        now = {e.target.symbol for w in now for e in context.tracer.edges.of_symbol(w)[:20]} - found
        found |= now
    aside = {f.symbol for g in context.guards if stands_aside_for(context, g) for f in context.roles.functions(g.value)}
    return found | aside | only_for_sent(context)
