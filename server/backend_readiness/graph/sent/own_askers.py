"""Functions that a client is given to ask by, and that need nothing of it: `useSWR("/orders-and-more", () => api.get("/orders"))`."""

from __future__ import annotations

from backend_readiness.graph.references import argument
from backend_readiness.graph.values import FuncV, Site, options
from backend_readiness.graph.world import Graph
from backend_readiness.rules.page_rules import ClientRule


def asked_otherwise(graph: Graph, site: Site, rule: ClientRule) -> bool:
    """Is the URL of a call a mere name, as the function that asks takes no parameter?"""
    given = (argument(graph, site, ref) for ref in rule.by)
    askers = [v for thunk in given if thunk is not None for v in options(graph.ev.thunk(thunk))]
    functions = [graph.view(v.symbol.file).symbol(v.symbol.index) for v in askers if isinstance(v, FuncV)]
    return bool(functions) and not any(p for f in functions for p in f.params)
