"""Calls that the configuration declares because static analysis cannot see them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from backend_readiness.errors import UnusableInput
from backend_readiness.graph.routes.routing import BoundRoute
from backend_readiness.graph.sent.clients import ApiCall
from backend_readiness.graph.sent.linking import Match
from backend_readiness.graph.urls import shape, uniform
from backend_readiness.graph.values import SymbolId
from backend_readiness.graph.world import Graph
from backend_readiness.model import LinkStatus, Place


@dataclass(frozen=True, slots=True, kw_only=True)
class DeclaredLink:
    """`place` is `file:line` of the call, `endpoint` is `METHOD /path`."""

    place: str
    endpoint: str
    why: str


def matches_of(graph: Graph, routes: Sequence[BoundRoute], links: Sequence[DeclaredLink]) -> list[Match]:
    """One match for each declared link. Errors: `UnusableInput` for a place or an endpoint that is not there."""
    return [_match(graph, routes, link) for link in links]


def _match(graph: Graph, routes: Sequence[BoundRoute], link: DeclaredLink) -> Match:
    file, _, number = link.place.rpartition(":")
    line = int(number)
    if file not in graph.facts.files or line > len(graph.snapshot.lines(file)):
        raise UnusableInput(f"the configuration declares a link from {link.place}, which is not there: name a line of a source file")
    method, _, path = link.endpoint.partition(" ")
    route = next((r for r in routes if r.route.endpoint.method == method and shape(r.route.endpoint.path) == shape(uniform(path))), None)
    if route is None:
        raise UnusableInput(f"the configuration declares a link to {link.endpoint}, which no route answers: name one that `routes` lists")
    symbols = graph.view(file).facts.symbols
    around = [i for i, s in enumerate(symbols) if s.line <= line <= s.end_line]
    owner = min(around, key=lambda i: (symbols[i].end_line - symbols[i].line, -i))
    inside = [c for c in graph.view(file).facts.calls if c.line <= line <= c.end_line]
    place = Place(file=file, line=line, end_line=line)
    start = min(inside, key=lambda c: c.end - c.start).start if inside else symbols[owner].start
    call = ApiCall(method=method, urls=((path,),), place=place, start=start, owner=SymbolId(file, owner), card="configuration")
    return Match(call=call, route=route, status=LinkStatus.CONFIRMED, why=f"declared in the configuration: {link.why}")
