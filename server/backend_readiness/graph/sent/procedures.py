"""Calls of procedures by the path of their name: `trpc.user.byId.useQuery()` calls `RPC user.byId`.

The client is known by a card (`procedure_calls`): the path of the client, then the procedure's name, then the step that calls it. A rule
that is `named` is of a client whose steps are given the name: `trpc.useQuery(["user.byId"])`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from backend_readiness.facts.model import Call, Member, Name
from backend_readiness.graph.patterns import compiled
from backend_readiness.graph.routes.routing import BoundRoute
from backend_readiness.graph.sent.clients import ApiCall
from backend_readiness.graph.sent.later_runs import LaterRuns
from backend_readiness.graph.urls import Hole, Piece
from backend_readiness.graph.values import AV, UNKNOWN, Const, Ext, ListV, Site, SymbolId, options
from backend_readiness.graph.views import FileView, callee_name
from backend_readiness.graph.world import Graph
from backend_readiness.model import Place
from backend_readiness.rules.page_rules import ProcedureRule


def procedure_calls(graph: Graph, routes: tuple[BoundRoute, ...]) -> tuple[ApiCall, ...]:
    """The calls of the interface to procedures that a rule of shape `object` registered."""
    known = {r.registration.name: r for r in routes if r.registration.rule.shape in ("contract", "object") and r.registration.name}
    known |= {r.route.endpoint.path: r for r in routes if r.registration.rule.shape in ("object", "named_chain")}
    found: list[ApiCall] = []
    for card in graph.knowledge.cards:
        for rule in card.procedure_calls if known or any(r.method for r in card.procedure_calls) else ():
            clients = [compiled(p) for p in graph.knowledge.patterns(card, rule.client)]
            named = {n.removeprefix(rule.prefix): r for n, r in known.items() if n.startswith(rule.prefix)} if rule.prefix else known
            ends = {n.rpartition(".")[2] for n in named} if rule.direct else set()
            running = LaterRuns(graph, rule.runs)
            for path, index in graph.production.items():
                wanted = {*rule.steps, *ends}.intersection(index.names)
                if not wanted:
                    continue
                view = graph.view(path)
                if rule.direct:
                    found.extend(_of_attributes(graph, view, wanted, clients, named, card.id))
                called = wanted | _kept(view, wanted)
                for number, call in enumerate(view.facts.calls):
                    if callee_name(call) not in called:
                        continue
                    for value in options(graph.ev.value(call.callee, path, call.owner)):
                        if rule.method:
                            found.extend(_addressed(value, clients, rule, card.id, SymbolId(path, call.owner), call))
                            continue
                        route = _procedure(value, clients, named, rule) if isinstance(value, Ext) and not rule.named else None
                        if rule.named and isinstance(value, Ext) and any(c.fullmatch(value.path.rpartition(".")[0]) for c in clients):
                            route = _named(graph, Site(path, number, None), named)
                        if route is not None:
                            place = Place(file=path, line=call.line, end_line=call.end_line)
                            owners = running.owners(SymbolId(path, number)) or (SymbolId(path, call.owner),)
                            found.extend(_call(route, place, call.start, owner, card.id) for owner in owners)
                            break
    return tuple(found)


def is_procedure(graph: Graph, value: AV) -> bool:
    """Is it a member of a client whose procedures are given as they are (`actions.orders.add`)?"""
    parts = value.path.split(".") if isinstance(value, Ext) else []
    starts = [".".join(parts[:cut]) for cut in range(1, len(parts))]
    rules = [(card, rule) for card in graph.knowledge.cards for rule in card.procedure_calls if rule.direct] if starts else []
    return any(compiled(p).fullmatch(s) for card, rule in rules for p in graph.knowledge.patterns(card, rule.client) for s in starts)


def _kept(view: FileView, steps: set[str]) -> set[str]:
    """The names under which a file keeps a procedure to call it later: `const load = client.orders.$get`."""
    kept = (a.target for a in view.facts.assigns if isinstance(a.value, Member) and a.value.name in steps)
    return {target.id for target in kept if isinstance(target, Name)}


def _call(route: BoundRoute, place: Place, start: int, owner: SymbolId, card: str, kind: str = "call") -> ApiCall:
    endpoint = route.route.endpoint
    return ApiCall(
        method=endpoint.method, urls=((endpoint.path,),), place=place, start=start, owner=owner, card=card, rpc="trpc", kind=kind
    )  # fmt: skip


def _of_attributes(
    graph: Graph, view: FileView, wanted: set[str], clients: list[re.Pattern[str]], known: dict[str, BoundRoute], card: str
) -> Iterator[ApiCall]:
    """Procedures that an element is given by their name: `<form action={actions.orders.add}>`."""
    for element in view.facts.elements:
        for attr in element.attrs:
            if isinstance(attr.value, Member) and attr.value.name in wanted:
                for value in options(graph.ev.value(attr.value, view.path, element.owner)):
                    route = _whole(value.path, clients, known) if isinstance(value, Ext) else None
                    if route is not None:
                        place = Place(file=view.path, line=attr.line, end_line=attr.line)
                        yield _call(route, place, element.start, SymbolId(view.path, element.owner), card, "form")


def _addressed(value: AV, clients: list[re.Pattern[str]], rule: ProcedureRule, card: str, owner: SymbolId, call: Call) -> Iterator[ApiCall]:
    """A request whose path is written as members of a client, and its method as the last of them."""
    whole, _, step = value.path.rpartition(".") if isinstance(value, Ext) else ("", "", "")
    verb = re.fullmatch(rule.method, step)
    parts = whole.split(".")
    cut = next((c for c in range(1, len(parts)) if any(p.fullmatch(".".join(parts[:c])) for p in clients)), 0) if verb else 0
    if verb is None or not cut:
        return
    names = [] if parts[cut:] == [rule.root] else parts[cut:]
    pieces: list[Piece] = []
    for name in names:
        plain = name.removesuffix("()")  # `client.orders({ id: 1 }).get()`
        pieces.extend(("/", Hole(name[1:], value)) if name[:1] == ":" else (f"/{plain}",))
        pieces.extend(("/", Hole("id", value)) if plain != name else ())
    place = Place(file=owner.file, line=call.line, end_line=call.end_line)
    yield ApiCall(method=verb["verb"].upper(), urls=(tuple(pieces) or ("/",),), place=place, start=call.start, owner=owner, card=card)


def _named(graph: Graph, site: Site, known: dict[str, BoundRoute]) -> BoundRoute | None:
    """The route that the first argument names, alone or as the first of a list (`useQuery(["order.byId", { id }])`)."""
    for value in options(graph.ev.arg_value(site, 0) or UNKNOWN):
        first = graph.ev.thunk(value.items[0]) if isinstance(value, ListV) and value.items else value
        if isinstance(first, Const) and isinstance(first.value, str) and first.value in known:
            return known[first.value]
    return None


def _procedure(value: Ext, clients: list[re.Pattern[str]], known: dict[str, BoundRoute], rule: ProcedureRule) -> BoundRoute | None:
    """The route whose name stands between a client and the last step; of a direct rule the last step may be the name's own."""
    whole, _, step = value.path.rpartition(".")
    found = _whole(whole, clients, known) if step in rule.steps else None
    return found or (_whole(value.path, clients, known) if rule.direct else None)


def _whole(path: str, clients: list[re.Pattern[str]], known: dict[str, BoundRoute]) -> BoundRoute | None:
    """The route whose name stands behind a client; the longest client path wins."""
    parts = path.split(".")
    for cut in range(len(parts) - 1, 0, -1):
        name = ".".join(parts[cut:])
        if name in known and any(c.fullmatch(".".join(parts[:cut])) for c in clients):
            return known[name]
    return None
