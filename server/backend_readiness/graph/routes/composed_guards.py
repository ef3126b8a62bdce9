"""What a call around routes checks before they answer: `authenticateBasic("shop", check) { ... }`."""

from __future__ import annotations

from backend_readiness.facts.model import Call, CallRef, Func
from backend_readiness.graph.routes.routing import Guard
from backend_readiness.graph.values import Ext, FuncV, Site, options
from backend_readiness.graph.views import FileView, callee_name
from backend_readiness.graph.world import Graph
from backend_readiness.model import Place

_GUARD_ROLES = frozenset({"auth_guard", "rate_limiter", "cors"})


def guards_around(graph: Graph, named: frozenset[str], view: FileView, call: Call) -> list[Guard]:
    """A call that is one of `named` or that a card gives a role, or a function of the repository that is given a function."""
    place = Place(file=view.path, line=call.line, end_line=call.line)
    for option in options(graph.ev.value(call.callee, view.path, call.owner)):
        is_named = callee_name(call) in named
        if isinstance(option, Ext) and (is_named or graph.knowledge.roles_of(option.path) & _GUARD_ROLES):
            site = Site(view.path, call.callee.call, None) if isinstance(call.callee, CallRef) else None  # not what it stands around
            return [Guard(value=Ext(option.path, option.base, site), place=place, start=call.start)]
        if isinstance(option, FuncV) and any(isinstance(a.value, Func) for a in call.args):
            return [Guard(value=option, place=place, start=call.start)]
    return []
