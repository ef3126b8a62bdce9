"""The functions that a call of a package runs: `useMutation({ mutationFn: save })`, then `mutate(order)`; cards say which."""

from __future__ import annotations

from collections.abc import Iterator

from backend_readiness.graph.references import argument, step_site
from backend_readiness.graph.values import Ext, FuncV, SymbolId, options
from backend_readiness.graph.world import Graph


def run_for(graph: Graph, callee: Ext) -> Iterator[SymbolId]:
    """The functions that the steps of a callee were given to run."""
    for tagged, _ in graph.knowledge.dispatch.matches(callee):
        for ref in tagged.rule.calls:
            at = step_site(callee.base, ref.at) if ref.at is not None else None
            thunk = argument(graph, at, ref) if at is not None else None
            yield from (o.symbol for o in options(graph.ev.thunk(thunk)) if isinstance(o, FuncV)) if thunk is not None else ()
