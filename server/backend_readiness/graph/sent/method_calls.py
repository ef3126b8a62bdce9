"""Calls that name a method of the class behind a route: `connection.invoke("Send", text)` runs `Send` of the hub that answers `WS /chat`.

Cards say in `method_calls` which calls these are. The address that the client was made with picks one of several such classes; without one
a method that only one of them has is meant.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from backend_readiness.graph.classes import parts
from backend_readiness.graph.families import family
from backend_readiness.graph.patterns import compiled, last_step
from backend_readiness.graph.references import argument_value
from backend_readiness.graph.routes.routing import BoundRoute
from backend_readiness.graph.sent.clients import ApiCall
from backend_readiness.graph.sent.linking import Match
from backend_readiness.graph.tagged import spoken
from backend_readiness.graph.urls import shape, texts
from backend_readiness.graph.values import ClassV, Ext, FuncV, InstV, Site, SymbolId, options
from backend_readiness.graph.views import callee_name
from backend_readiness.graph.world import Graph
from backend_readiness.model import LinkStatus, Place
from backend_readiness.rules.cards import Card
from backend_readiness.rules.request_rules import MethodCallRule

MAX_CALLS = 2_000


def method_matches(graph: Graph, routes: Sequence[BoundRoute]) -> list[Match]:
    """One match for each call and the route whose class has the method; the route then runs that method alone."""
    found: list[Match] = []
    for card, rule in ((c, r) for c in graph.knowledge.cards for r in c.method_calls):
        answering = [(r, cls) for r in routes if re.fullmatch(rule.endpoint, str(r.route.endpoint)) and (cls := _class_of(r)) is not None]
        if answering:
            found.extend(_Calls(graph, card, rule, answering).matches())
    return found[:MAX_CALLS]


def _class_of(bound: BoundRoute) -> ClassV | None:
    return bound.handler.cls if isinstance(bound.handler, InstV) else bound.handler if isinstance(bound.handler, ClassV) else None


class _Calls:
    """The calls of one rule."""

    def __init__(self, graph: Graph, card: Card, rule: MethodCallRule, answering: list[tuple[BoundRoute, ClassV]]) -> None:
        self._graph, self._card, self._rule, self._answering = graph, card, rule, answering
        written = graph.knowledge.patterns(card, rule.callee)
        self._patterns = [compiled(p) for p in written]
        self._names = {last_step(p) for p in written}

    def matches(self) -> Iterator[Match]:
        languages = spoken(self._card)
        for path, index in self._graph.production.items():
            if family(index.language) not in languages or self._names.isdisjoint(index.names):
                continue
            view = self._graph.view(path)
            for number, call in enumerate(view.facts.calls):
                if callee_name(call) not in self._names:
                    continue
                site = Site(path, number, None)
                for value in options(self._graph.ev.value(call.callee, path, call.owner)):
                    if isinstance(value, Ext) and any(p.fullmatch(value.path) for p in self._patterns):
                        place = Place(file=path, line=call.line, end_line=call.end_line)
                        yield from self._meant(value, site, place, call.start, SymbolId(path, call.owner))
                        break

    def _meant(self, callee: Ext, site: Site, place: Place, start: int, owner: SymbolId) -> Iterator[Match]:
        names = texts(self._graph.ev, argument_value(self._graph.ev, site, self._rule.name, callee))
        for name in names[:1]:
            having = [(bound, method) for bound, cls in self._answering if (method := self._method(cls, name)) is not None]
            urls = texts(self._graph.ev, argument_value(self._graph.ev, site, self._rule.url, callee)) if self._rule.url else []
            named = [(b, m) for b, m in having if any(_leads(u, b.route.endpoint.path) for u in urls)]
            status = LinkStatus.CONFIRMED if named else LinkStatus.INFERRED
            if len({str(b.route.endpoint) for b, _ in named or having}) != 1:
                continue
            bound, method = (named or having)[0]
            call = ApiCall(
                method=bound.route.endpoint.method, urls=((name,),), place=place, start=start, owner=owner, card=self._card.id, rpc="method"
            )
            run = replace(bound, handler=method, registration=replace(bound.registration, runs=()))
            yield Match(call=call, route=run, status=status, why=f"the method {name} of what answers {bound.route.endpoint}")

    def _method(self, cls: ClassV, name: str) -> FuncV | None:
        """The method of that name, whatever the case of its letters."""
        for where in parts.parts(self._graph.ev, cls):
            view = self._graph.view(where.file)
            for child in view.children.get(where.index, ()):
                symbol = view.symbol(child)
                if symbol.kind == "method" and symbol.name.lower() == name.lower():
                    return FuncV(SymbolId(where.file, child), InstV(cls))
        return None


def _leads(url: str, path: str) -> bool:
    """Does an address end with the path of a route (`{base}/chat`, `https://shop.test/chat?id=1`)?"""
    wanted, given = shape(path), shape(url.partition("?")[0])
    return bool(wanted) and [s.lower() for s in given[-len(wanted) :]] == [s.lower() for s in wanted]
