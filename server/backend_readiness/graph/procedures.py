"""Calls of procedures by the path of their name: `trpc.user.byId.useQuery()` calls `RPC user.byId`.

The client is known by a card (`procedure_calls`): the path of the client, then the procedure's name, then the step that calls it.
"""

from __future__ import annotations

import re

from backend_readiness.graph.clients import ApiCall
from backend_readiness.graph.patterns import compiled
from backend_readiness.graph.routing import BoundRoute
from backend_readiness.graph.values import Ext, SymbolId, options
from backend_readiness.graph.views import callee_name
from backend_readiness.graph.world import Graph
from backend_readiness.model import Place


def procedure_calls(graph: Graph, routes: tuple[BoundRoute, ...]) -> tuple[ApiCall, ...]:
    """The calls of the interface to procedures that a rule of shape `object` registered."""
    known = {r.route.endpoint.path: r for r in routes if r.registration.rule.shape == "object"}
    found: list[ApiCall] = []
    for card in graph.knowledge.cards if known else ():
        for rule in card.procedure_calls:
            clients = [compiled(p) for p in graph.knowledge.patterns(card, rule.client)]
            for path, index in graph.production.items():
                wanted = set(rule.steps).intersection(index.names)
                if not wanted:
                    continue
                view = graph.view(path)
                for call in view.facts.calls:
                    if callee_name(call) not in wanted:
                        continue
                    for value in options(graph.ev.value(call.callee, path, call.owner)):
                        route = _procedure(value, clients, known) if isinstance(value, Ext) else None
                        if route is not None:
                            endpoint, place = route.route.endpoint, Place(file=path, line=call.line, end_line=call.end_line)
                            found.append(
                                ApiCall(
                                    method=endpoint.method, urls=((endpoint.path,),), place=place,
                                    start=call.start, owner=SymbolId(path, call.owner), card=card.id, rpc="trpc",
                                )
                            )  # fmt: skip
                            break
    return tuple(found)


def _procedure(value: Ext, clients: list[re.Pattern[str]], known: dict[str, BoundRoute]) -> BoundRoute | None:
    """The route whose name stands between a client and the last step; the longest client path wins."""
    whole = value.path.rpartition(".")[0]
    parts = whole.split(".")
    for cut in range(len(parts) - 1, 0, -1):
        name = ".".join(parts[cut:])
        if name in known and any(c.fullmatch(".".join(parts[:cut])) for c in clients):
            return known[name]
    return None
