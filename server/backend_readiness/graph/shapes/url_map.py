"""Handlers by path in a map that an object is given: `SimpleUrlHandlerMapping(mapOf("/live" to chat), -1)`, `mapping.setUrlMap(map)`.

Options of the rule: `setters`: calls and fields that are given the map after the object is made; `sockets`: types whose objects answer a
WebSocket, with `socket_methods` the names of what answers; `methods` the same of what answers any request; `never`: types that only serve
files.
"""

from __future__ import annotations

from collections.abc import Iterator

from backend_readiness.facts.file_index import last_name
from backend_readiness.facts.model import Call, CallRef, Index, Member, Name, Value
from backend_readiness.graph.classes import inheritance
from backend_readiness.graph.evaluation import members
from backend_readiness.graph.patterns import compiled
from backend_readiness.graph.routes.routing import Registration
from backend_readiness.graph.routes.scan import Hit, Scan
from backend_readiness.graph.urls import texts
from backend_readiness.graph.values import AV, ClassV, Ext, FuncV, InstV, options
from backend_readiness.graph.views import FileView, callee_name

MAX_PAIRS = 200
MAX_DEPTH = 4
_OF_PAIRS = frozenset({"mapOf", "mutableMapOf", "hashMapOf", "linkedMapOf", "ofEntries"})
_IN_TURN = frozenset({"of", "singletonMap", "Map"})
_PUTS = frozenset({"put", "set"})
Pair = tuple[int, Value, Value]  # the symbol in which they are written, path and handler


def collect(scan: Scan) -> None:
    for hit in scan.hits.get("url_map", ()):
        view = scan.graph.view(hit.site.file)
        for value in _maps(view, hit):
            for owner, path, handler in list(_pairs(view, hit.call.owner, value, 0))[:MAX_PAIRS]:
                _register(scan, hit, owner, path, handler)


def _maps(view: FileView, hit: Hit) -> Iterator[Value]:
    yield from (a.value for a in hit.call.args[:1])
    setters = frozenset(hit.rule.options.get("setters", ()))
    around = next((s for s in view.enclosing(hit.call.owner) if view.symbol(s).kind in ("function", "method")), hit.call.owner)
    for call in view.facts.calls:
        if callee_name(call) in setters and call.args and around in view.enclosing(call.owner):
            yield call.args[0].value
    for assign in view.facts.assigns:
        if last_name(assign.target) in setters and assign.value is not None and around in view.enclosing(assign.owner):
            yield assign.value


def _pairs(view: FileView, owner: int, value: Value, depth: int) -> Iterator[Pair]:
    call = view.facts.calls[value.call] if isinstance(value, CallRef) else None
    if call is not None and callee_name(call) in _OF_PAIRS:
        for arg in call.args:
            pair = view.facts.calls[arg.value.call] if isinstance(arg.value, CallRef) else None
            if pair is not None and isinstance(pair.callee, Member) and pair.callee.name == "to" and pair.args:
                yield pair.owner, pair.callee.base, pair.args[0].value
            elif pair is not None and len(pair.args) == 2:  # `Map.entry("/live", chat)`
                yield pair.owner, pair.args[0].value, pair.args[1].value
    elif call is not None and callee_name(call) in _IN_TURN:
        for key, item in zip(call.args[::2], call.args[1::2], strict=False):
            yield call.owner, key.value, item.value
    elif isinstance(value, Name) and depth < MAX_DEPTH:
        yield from _of_name(view, owner, value, depth)


def _of_name(view: FileView, owner: int, name: Name, depth: int) -> Iterator[Pair]:
    """What a variable is bound to, and what is put into it."""
    for scope in view.enclosing(owner):
        bound = view.bindings.get((scope, name.id))
        if bound:
            for assign, _ in bound[:1]:
                yield from _pairs(view, assign.owner, assign.value, depth + 1) if assign.value is not None else ()
            yield from _put(view, scope, name)
            return


def _put(view: FileView, scope: int, name: Name) -> Iterator[Pair]:
    calls: list[Call] = [c for c in view.facts.calls if callee_name(c) in _PUTS and scope in view.enclosing(c.owner)]
    for call in calls:
        if isinstance(call.callee, Member) and call.callee.base == name and len(call.args) == 2:
            yield call.owner, call.args[0].value, call.args[1].value
    for assign in view.facts.assigns:
        if isinstance(assign.target, Index) and assign.target.base == name and assign.value is not None:
            yield assign.owner, assign.target.key, assign.value


def _register(scan: Scan, hit: Hit, owner: int, path: Value, handler: Value) -> None:
    graph, given = scan.graph, hit.rule.options
    made = graph.ev.value(handler, hit.site.file, owner, hit.site.env)
    if _is_of(scan, hit, made, "never"):
        return
    is_socket = _is_of(scan, hit, made, "sockets")
    answers = _method(scan, made, (*given.get("socket_methods", ()), *given.get("methods", ())))
    for text in texts(graph.ev, graph.ev.value(path, hit.site.file, owner, hit.site.env)):
        scan.routing.registrations.append(
            Registration(
                router=None, method="WS" if is_socket else "ANY", path=f"/{text.lstrip('/')}", place=scan.place(hit), start=hit.call.start,
                card=hit.card, rule=hit.rule, handler=answers or made,
            )
        )  # fmt: skip


def _is_of(scan: Scan, hit: Hit, value: AV, key: str) -> bool:
    wanted = [compiled(p) for p in hit.rule.options.get(key, ())]
    for option in options(value):
        cls = option.cls if isinstance(option, InstV) else option
        above = inheritance.external_bases(scan.graph.ev, cls) if isinstance(cls, ClassV) else [option] if isinstance(option, Ext) else []
        if any(w.fullmatch(b.path.removesuffix("()")) for b in above for w in wanted):
            return True
    return False


def _method(scan: Scan, value: AV, names: tuple[str, ...]) -> AV | None:
    for option in options(value):
        found = (members.own_member(scan.graph.ev, option, n) for n in names) if isinstance(option, InstV) else iter(())
        method = next((m for m in found if isinstance(m, FuncV)), None)
        if method is not None:
            return method
    return None
