"""Methods that the address of a form asks for: `/orders/1?_method=DELETE`, `route("orders.drop", [1], { qs: { _method: "DELETE" } })`."""

from __future__ import annotations

import re
from collections.abc import Iterator

from backend_readiness.facts.model import CallRef, Lit, Record, Value
from backend_readiness.graph.routes.routing import BoundRoute
from backend_readiness.graph.urls import texts
from backend_readiness.graph.world import Graph

_ASKED = re.compile(r"[?&]_method=([A-Za-z]{3,7})\b")
MAX_DEPTH = 3


def answered(methods: list[str], plain: str, routes: tuple[BoundRoute, ...]) -> list[str]:
    """The methods that a form asks for in a field, as far as the application has a route of one: without any, nothing reads the field."""
    known = {b.route.endpoint.method for b in routes}
    return [m for m in methods if m in known or m == plain] or ([plain] if routes else methods)


def method_in_address(graph: Graph, path: str, value: Value, owner: int) -> str:
    """The method in upper case; empty when the address asks for none."""
    asked = next((m.group(1) for t in texts(graph.ev, graph.ev.value(value, path, owner)) if (m := _ASKED.search(t))), "")
    return (asked or next(_given(graph, path, value, 0), "")).upper()


def _given(graph: Graph, path: str, value: Value, depth: int) -> Iterator[str]:
    """The values of `_method` in the records that a call is given."""
    if depth > MAX_DEPTH:
        return
    if isinstance(value, CallRef):
        for arg in graph.view(path).facts.calls[value.call].args:
            yield from _given(graph, path, arg.value, depth + 1)
    elif isinstance(value, Record):
        for key, inner in value.items:
            if key == "_method" and isinstance(inner, Lit) and isinstance(inner.value, str):
                yield inner.value
            else:
                yield from _given(graph, path, inner, depth + 1)
