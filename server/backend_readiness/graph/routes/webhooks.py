"""Endpoints that another system calls, and no frontend: which system, as far as the path or the check of its signature says."""

from __future__ import annotations

import itertools
import re
from typing import TYPE_CHECKING

from backend_readiness.graph.routes.routing import functions_in
from backend_readiness.graph.values import Ext, FuncV, options
from backend_readiness.rules.webhook_rules import load_webhook_rules

if TYPE_CHECKING:
    from backend_readiness.graph.routes.routing import BoundRoute
    from backend_readiness.graph.world import Graph

ROLE = "webhook_signature"
_WORD = re.compile(r"[a-z]+")
_PARAM = re.compile(r"\{[^{}]*\}")
_READS = ("GET", "HEAD", "OPTIONS")


def caller_of(graph: Graph, bound: BoundRoute) -> str:
    """The system that calls the endpoint; "" when nothing says that one does.

    An application's own list of hooks (`POST /webhooks`) is none: a system must be named beside the word, or a signature checked.
    """
    endpoint = bound.route.endpoint
    if endpoint.method in _READS:
        return ""
    rules = load_webhook_rules()
    words = _WORD.findall(_PARAM.sub("param", endpoint.path).lower())
    for one, other in itertools.pairwise(words):
        for hook, system in ((one, other), (other, one)):
            if hook in rules.hooks and system in rules.systems:
                return rules.systems[system]
    path = _signature(graph, bound)
    named = [name for word, name in rules.systems.items() if word in _WORD.findall(path.lower())]
    return named[0] if named else "the system that signs it" if path else ""


def _signature(graph: Graph, bound: BoundRoute) -> str:
    """The path of the call by which the handler itself checks a signature; "" without one."""
    for function in functions_in(graph, bound.handler)[:2]:
        if not isinstance(function, FuncV):
            continue
        view = graph.view(function.symbol.file)
        if graph.knowledge.names_of_role(ROLE, view.language).isdisjoint(graph.facts.files[view.path].names):
            continue
        for number in (c for i in view.body(function.symbol.index) for c in view.calls_of.get(i, ())):
            call = view.facts.calls[number]
            for value in options(graph.ev.value(call.callee, view.path, call.owner)):
                if isinstance(value, Ext) and ROLE in graph.knowledge.roles_of(value.path):
                    return value.path
    return ""
