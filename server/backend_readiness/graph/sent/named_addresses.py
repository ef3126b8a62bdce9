"""Addresses by the name of a route in scripts of pages: `fetch("{{ url_for('api.list') }}?since=0")`, also with values put in later."""

from __future__ import annotations

from dataclasses import replace

from backend_readiness.graph.patterns import last_step
from backend_readiness.graph.routes.route_names import linked_paths
from backend_readiness.graph.routes.routing import BoundRoute
from backend_readiness.graph.sent.clients import ApiCall
from backend_readiness.graph.urls import Hole, Piece
from backend_readiness.graph.values import AV, Ext
from backend_readiness.graph.world import Graph


def with_named_routes(graph: Graph, routes: tuple[BoundRoute, ...], call: ApiCall) -> ApiCall:
    """A call whose URL names a route, with its path."""
    urls = []
    for url in call.urls:
        pieces: list[Piece] = []
        for piece in url:
            named = linked_paths(graph, routes, _before_replaced(piece.value)) if isinstance(piece, Hole) else None
            pieces.append(named[0] if named else piece)
        urls.append(tuple(pieces))
    return replace(call, urls=tuple(urls)) if tuple(urls) != call.urls else call


def _before_replaced(value: AV) -> AV:
    """The address in which a script puts values where others stood: `"{{ url_for('show', id=0) }}".replace("0", id)`."""
    while isinstance(value, Ext) and isinstance(value.base, Ext) and last_step(value.base.path) in ("replace", "replaceAll"):
        if value.base.base is None:
            return value
        value = value.base.base
    return value
