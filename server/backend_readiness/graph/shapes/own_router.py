"""Routers that the repository writes itself: `router.GET("/orders", list)` where `GET` is a method of its own class.

A call is a route when its name is one of `verbs`, its first argument a path, its callee a method of a class of the repository, and a
function among its arguments takes parameters of all types in `options.takes` (the request of the server). A method that puts what it is
given on a router which another rule knows is that router's affair. A receiver that was made with a path stands below it.
"""

from __future__ import annotations

from backend_readiness.facts.model import Call, CallRef, Lit, Member, Name, Value
from backend_readiness.graph.families import family
from backend_readiness.graph.patterns import compiled
from backend_readiness.graph.routing import Registration, call_place, functions_in
from backend_readiness.graph.scan import Scan
from backend_readiness.graph.urls import join
from backend_readiness.graph.values import FuncV, Site, SymbolId, options
from backend_readiness.graph.views import FileView, callee_name
from backend_readiness.rules.card_rules import RouteRule
from backend_readiness.rules.cards import Card

MAX_ABOVE = 6


def collect(scan: Scan) -> None:
    for card in scan.graph.knowledge.cards:
        for rule in card.routes:
            if rule.shape == "own_router":
                _look(scan, card, rule)


def _look(scan: Scan, card: Card, rule: RouteRule) -> None:
    verbs = frozenset(rule.verbs)
    language = card.id.partition("/")[0]
    for path, index in scan.graph.production.items():
        if family(index.language) != language or verbs.isdisjoint(index.names):
            continue
        view = scan.graph.view(path)
        for number, call in enumerate(view.facts.calls):
            name = callee_name(call)
            if name not in verbs or len(call.args) < 2 or not _is_path(call.args[0].value) or not isinstance(call.callee, Member):
                continue
            if any(_is_own(scan, v) for v in options(scan.graph.ev.value(call.callee, path, call.owner))):
                handler = _handler(scan, view, call, rule)
                if handler is not None:
                    place = call_place(scan.graph, Site(path, number, None))
                    written = str(getattr(call.args[0].value, "value", ""))
                    full = join(_above(view, call.callee.base, call.owner, 0), written, keep_root=False)
                    scan.routing.registrations.append(
                        Registration(
                            router=None, method="ANY" if name.upper() in ("ANY", "ALL") else name.upper(), path=full, place=place,
                            start=call.start, card=card, rule=rule, handler=handler,
                        )
                    )  # fmt: skip


def _is_path(value: Value) -> bool:
    return isinstance(value, Lit) and isinstance(value.value, str) and value.value.startswith("/")


def _is_own(scan: Scan, value: object) -> bool:
    """Is it a method of a class of the repository that puts nothing on a known router?"""
    if not isinstance(value, FuncV) or value.self_value is None:
        return False
    symbol = scan.graph.view(value.symbol.file).symbol(value.symbol.index)
    inside = (r.place.file == value.symbol.file and symbol.line <= r.place.line <= symbol.end_line for r in scan.routing.registrations)
    return symbol.kind == "method" and not any(inside)


def _handler(scan: Scan, view: FileView, call: Call, rule: RouteRule) -> FuncV | None:
    """The last function among the arguments that takes a request."""
    for arg in reversed(call.args[1:]):
        for found in functions_in(scan.graph, scan.graph.ev.value(arg.value, view.path, call.owner)):
            if isinstance(found, FuncV) and _takes(scan, found.symbol, rule):
                return found
    return None


def _takes(scan: Scan, where: SymbolId, rule: RouteRule) -> bool:
    symbol = scan.graph.view(where.file).symbol(where.index)
    types = [
        option.path
        for param in symbol.params[:6]
        if param.type is not None
        for option in options(scan.graph.ev.value(param.type, where.file, where.index))
        if hasattr(option, "path")
    ]
    return all(any(compiled(wanted).fullmatch(t) for t in types) for wanted in rule.options["takes"])


def _above(view: FileView, value: Value, owner: int, depth: int) -> str:
    """The path with which the receiver was made: `api := router.Group("/api")`."""
    if isinstance(value, Name) and depth < MAX_ABOVE:
        bound = [a.value for scope in view.enclosing(owner) for a, path in view.bindings.get((scope, value.id), ()) if not path]
        return _above(view, bound[0], owner, depth + 1) if bound and bound[0] is not None else ""
    if isinstance(value, CallRef) and depth < MAX_ABOVE:
        call = view.facts.calls[value.call]
        if isinstance(call.callee, Member) and call.args and _is_path(call.args[0].value):
            return join(_above(view, call.callee.base, owner, depth + 1), str(getattr(call.args[0].value, "value", "")), keep_root=False)
    return ""
