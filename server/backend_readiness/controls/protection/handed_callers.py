"""Types of parameters that find out who the caller is, and whose failure the handler is handed as a value: `user: Option<AuthUser>`."""

from __future__ import annotations

import re

from backend_readiness.controls.context import Context
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
