"""Methods of a client that a value names: `axios[method](url)`, `const send = request[method]; send(url)`."""

from __future__ import annotations

from backend_readiness.facts.model import Call, Index, Lit, Name, Value
from backend_readiness.graph.evaluation.evaluate import Evaluator
from backend_readiness.graph.values import AV, Env, Ext, FuncV, Site, SymbolId, options

OPEN = "[]"  # the last step of what such a call names, and the verb of the request that it is


def is_computed(call: Call) -> bool:
    """Is a member called whose name is computed?"""
    return isinstance(call.callee, Index) and not isinstance(call.callee.key, Lit)


def with_a_verb(callee: Ext) -> Ext | None:
    """The callee as if it were the method that every client has; None when its last step is written."""
    if not callee.path.endswith(OPEN) or not isinstance(callee.base, Ext) or callee.path != callee.base.path + OPEN:
        return None
    return Ext(f"{callee.base.path}.get", callee.base)


def verb_of(symbolic: Evaluator, site: Site) -> AV | None:
    """What names the method, in the call itself or where its callee is bound."""
    view = symbolic.world.view(site.file)
    call = view.facts.calls[site.call]
    callee: Value | None = call.callee
    if isinstance(callee, Name):
        bound = view.bindings.get((call.owner, callee.id), ())
        callee = bound[0][0].value if len(bound) == 1 and not bound[0][1] else callee
    return symbolic.value(callee.key, site.file, call.owner, site.env) if isinstance(callee, Index) else None


def leads_elsewhere(symbolic: Evaluator, at: Site, env: Env, way: frozenset[SymbolId]) -> bool:
    """Does a computed call mean, under these bindings, only functions that are not on the way: `api[method](url)` with "put"?"""
    call = symbolic.world.view(at.file).facts.calls[at.call]
    if not is_computed(call):
        return False
    meant = {v.symbol for v in options(symbolic.value(call.callee, at.file, call.owner, env)) if isinstance(v, FuncV)}
    return bool(meant) and meant.isdisjoint(way)
