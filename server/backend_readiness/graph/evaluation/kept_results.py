"""Functions that run once in the life of the process (`@lru_cache`, `once.Do(func() {...})`): their inside is start-up, not the request."""

from __future__ import annotations

from backend_readiness.facts.model import CallRef
from backend_readiness.graph.values import AV, Ext, FuncV, options
from backend_readiness.graph.world import Graph

_RECEIVERS = ("self", "cls")


def runs_once(graph: Graph, function: FuncV) -> bool:
    """Does a decorator of the function play the role `runs_once`? What is given values runs again for each of them."""
    view = graph.view(function.symbol.file)
    symbol = view.symbol(function.symbol.index)
    if any(p.name not in _RECEIVERS for p in symbol.params):
        return False
    for decorator in symbol.decorators:
        written = view.facts.calls[decorator.call].callee if isinstance(decorator, CallRef) else decorator
        for value in options(graph.ev.value(written, function.symbol.file, max(0, symbol.parent))):
            if runs_what_it_is_given_once(graph, value):
                return True
    return False


def runs_what_it_is_given_once(graph: Graph, callee: AV | None) -> bool:
    """Does a function of a package run what it is given only once: `once.Do(connect)`?"""
    return isinstance(callee, Ext) and "runs_once" in graph.knowledge.roles_of(callee.path)
