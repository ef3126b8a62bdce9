"""Functions whose result is kept for the life of the process (`@lru_cache`): their inside is start-up, not the request."""

from __future__ import annotations

from backend_readiness.facts.model import CallRef
from backend_readiness.graph.values import Ext, FuncV, options
from backend_readiness.graph.world import Graph


def runs_once(graph: Graph, function: FuncV) -> bool:
    """Does a decorator of the function play the role `runs_once`?"""
    view = graph.view(function.symbol.file)
    symbol = view.symbol(function.symbol.index)
    for decorator in symbol.decorators:
        written = view.facts.calls[decorator.call].callee if isinstance(decorator, CallRef) else decorator
        for value in options(graph.ev.value(written, function.symbol.file, max(0, symbol.parent))):
            if isinstance(value, Ext) and "runs_once" in graph.knowledge.roles_of(value.path):
                return True
    return False
