"""Calls on a router that a function makes for a function that it is given: `g := r.Group(prefix)`, `g.Use(auth)`, then `fn(g)`.

Each caller has a router of its own there, so such a call stands for one call for each of them, with what it gives.
"""

from __future__ import annotations

from backend_readiness.facts.model import Name
from backend_readiness.graph.evaluation.evaluate import Evaluator
from backend_readiness.graph.routes.given_calls import sites_for_callers
from backend_readiness.graph.routes.given_functions import LANGUAGES
from backend_readiness.graph.routes.given_routers import root_of
from backend_readiness.graph.values import Site, SymbolId
from backend_readiness.graph.views import FileView


def sites_on_handed(ev: Evaluator, view: FileView, number: int) -> list[Site]:
    """The sites of a call on such a router; empty for any other call."""
    call = view.facts.calls[number]
    root = root_of(view, call.callee) if view.language in LANGUAGES else None
    symbol = view.symbol(call.owner)
    if root is None or root is call.callee or not symbol.name or not view.bindings.get((call.owner, root.id)):
        return []
    given = [p.name for p in symbol.params if p.name]
    inner = (view.facts.calls[n] for name in given for n in view.calls_by_name.get(name, ()))
    if not any(c.owner == call.owner and isinstance(c.callee, Name) and any(a.value == root for a in c.args) for c in inner):
        return []
    return sites_for_callers(ev, SymbolId(view.path, call.owner), symbol.name, number)
