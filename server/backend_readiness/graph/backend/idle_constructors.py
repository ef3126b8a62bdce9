"""Constructors and accessors that only keep their arguments are no steps of a chain."""

from __future__ import annotations

from backend_readiness.graph.backend.edges import Edge, Edges
from backend_readiness.graph.backend.effects import effect_of
from backend_readiness.graph.values import Env, Site, SymbolId
from backend_readiness.graph.world import Graph


def does_something(graph: Graph, edges: Edges, edge: Edge, receiver: SymbolId | None, inside: Env | None) -> bool:
    """Does what an edge runs touch or call anything? Of an inherited method the class that runs it tells, by the bindings `inside`."""
    where = edge.target.symbol
    view = graph.view(where.file)
    inherited = receiver is not None and receiver != SymbolId(where.file, view.symbol(where.index).parent)
    for env in (None, inside) if inherited else (None,):
        for number in (c for i in view.body(where.index) for c in view.calls_of.get(i, ())):
            site = Site(where.file, number, env)
            call = view.facts.calls[number]
            callee = graph.ev.value(call.callee, where.file, call.owner, env)
            if effect_of(graph, callee, site) is not None or edges.of_call(site):
                return True
    return False
