"""Whether a function touches something of a kind, by itself or by what it calls, on the chain or not."""

from __future__ import annotations

from collections.abc import Set as AbstractSet

from backend_readiness.controls.context import Context
from backend_readiness.graph.backend.effects import effect_of
from backend_readiness.graph.values import Ext, Site, SymbolId, options

MAX_CALLEES = 20


def touches(context: Context, where: SymbolId, kinds: AbstractSet[str], depth: int) -> bool:
    """Is there a touch of one of the `kinds` in a function of the repository, or at most `depth` calls below it?"""
    view = context.view(where.file)
    for scope in view.body(where.index):
        for number in view.calls_of.get(scope, ()):
            call = view.facts.calls[number]
            for value in options(context.graph.ev.value(call.callee, where.file, call.owner)):
                effect = effect_of(context.graph, value, Site(where.file, number, None)) if isinstance(value, Ext) else None
                if effect is not None and effect.kind in kinds:
                    return True
    below = [e.target.symbol for e in context.tracer.edges.of_symbol(where) if e.kind == "call"][:MAX_CALLEES] if depth else []
    return any(touches(context, w, kinds, depth - 1) for w in below if w != where)
