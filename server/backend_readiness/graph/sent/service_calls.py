"""Calls of procedures through a client that is generated for a service: `pb.NewOrdersClient(conn).GetOrder(ctx, req)`.

A card says in `service_clients` how such a call is written. In the interface it is an API call; in a service it runs what implements the
procedure, wherever in the repository that is.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import cached_property

from backend_readiness.facts.model import Member, Name, Value
from backend_readiness.graph.families import family
from backend_readiness.graph.references import argument_thunk, argument_value, step_site
from backend_readiness.graph.routes.protobuf import method_names
from backend_readiness.graph.routes.routing import BoundRoute, functions_in
from backend_readiness.graph.sent.clients import ApiCall
from backend_readiness.graph.tagged import spoken
from backend_readiness.graph.urls import texts
from backend_readiness.graph.values import Ext, FuncV, Site, SymbolId, options
from backend_readiness.graph.views import callee_name
from backend_readiness.graph.world import Graph
from backend_readiness.model import Place
from backend_readiness.rules.cards import Card
from backend_readiness.rules.page_rules import ServiceClientRule

MAX_TARGETS = 4


class ServiceCalls:
    """The procedures that one repository serves, and who calls them."""

    def __init__(self, graph: Graph, routes: Callable[[], tuple[BoundRoute, ...]]) -> None:
        self.graph = graph
        self._all = routes

    @cached_property
    def _rules(self) -> list[tuple[Card, ServiceClientRule, re.Pattern[str]]]:
        return [(card, rule, re.compile(rule.path)) for card in self.graph.knowledge.cards for rule in card.service_clients]

    @cached_property
    def _routes(self) -> list[BoundRoute]:
        return [r for r in self._all() if r.route.endpoint.method == "RPC"] if self._rules else []

    @cached_property
    def _named(self) -> dict[str, list[BoundRoute]]:
        """The name of a method as some language writes it -> the procedures of that name."""
        found: dict[str, list[BoundRoute]] = {}
        for bound in self._routes:
            for name in dict.fromkeys(method_names(bound.route.endpoint.path.rpartition("/")[2])):
                for written in (name, f"{name}Async"):
                    found.setdefault(written, []).append(bound)
        return found

    def meant(self, callee: Ext, site: Site, *, interface: bool) -> list[BoundRoute]:
        """The procedures that a call runs: those of the service that its client was made for."""
        for card, rule, pattern in self._rules:
            if rule.interface != interface or family(self.graph.facts.files[site.file].language) not in spoken(card):
                continue
            found = pattern.fullmatch(callee.path)
            if found is None:
                continue
            if rule.full_name is not None:
                given = texts(self.graph.ev, argument_value(self.graph.ev, site, rule.full_name, callee))
                return [r for r in self._routes for g in given[:1] if f"/{g}".endswith(f"/{r.route.endpoint.path}")]
            names = found.groupdict()
            service = names.get("service") or self._given(rule, callee)
            small = service[:1].lower() + service[1:]  # `service orders` is generated as `Orders`
            same = [r for r in self._named.get(str(names["method"]), ()) if _service(r) in (service, f"{service}Service", small)]
            if not same and service.endswith("Service"):
                same = [r for r in self._named.get(str(names["method"]), ()) if _service(r) == service.removesuffix("Service")]
            packages = {r.route.endpoint.path.rpartition("/")[0] for r in same}
            return same if len(packages) == 1 else []
        return []

    def _given(self, rule: ServiceClientRule, callee: Ext) -> str:
        """The name of what the client was made for: `createClient(OrderService, transport)`."""
        site = step_site(callee, "()")
        thunk = argument_thunk(self.graph.ev, site, rule.service) if site is not None and rule.service is not None else None
        value: Value | None = thunk.expr if thunk is not None else None
        return value.name if isinstance(value, Member) else value.id if isinstance(value, Name) else ""

    def targets(self, callee: Ext, site: Site) -> list[FuncV]:
        """The functions of the repository that implement what a service calls."""
        if not self._rules or not (self._named or self._routes):
            return []
        found = [f for r in self.meant(callee, site, interface=False) for f in functions_in(self.graph, r.handler) if isinstance(f, FuncV)]
        return list({f.symbol: f for f in found}.values())[:MAX_TARGETS]

    def of_interface(self) -> Iterator[ApiCall]:
        """The calls of the interface."""
        spoken_in = {language for card, rule, _ in self._rules if rule.interface for language in spoken(card)}
        for path, index in self.graph.production.items() if spoken_in and self._routes else ():
            if family(index.language) not in spoken_in or self._named.keys().isdisjoint(index.names):
                continue
            view = self.graph.view(path)
            for number, call in enumerate(view.facts.calls):
                if callee_name(call) not in self._named:
                    continue
                for value in options(self.graph.ev.value(call.callee, path, call.owner)):
                    meant = self.meant(value, Site(path, number, None), interface=True) if isinstance(value, Ext) else []
                    for bound in meant[:1]:
                        place = Place(file=path, line=call.line, end_line=call.end_line)
                        yield ApiCall(
                            method="RPC", urls=((bound.route.endpoint.path,),), place=place, start=call.start,
                            owner=SymbolId(path, call.owner), card="grpc", rpc="grpc",
                        )  # fmt: skip


def _service(bound: BoundRoute) -> str:
    return bound.route.endpoint.path.rpartition("/")[0].rpartition(".")[2]
