"""Routers that the repository writes itself: `router.GET("/orders", list)` where `GET` is a method of its own class.

A call is a route when its name is one of `verbs`, its first argument a path, its callee a method of a class of the repository, and a
function among its arguments takes parameters of all types in `options.takes` (the request of the server). A method that puts what it is
given on a router which another rule knows is that router's affair. With `options.own_handlers` the functions may take anything: then the
method itself must ask for a path and a function, and the class must have so many methods of that kind. A receiver that was made with a
path stands below it, and so does one that the callers of a function hand in. With `options.near` a function may take anything where the
file of the method names that (a type of the request); `options.named` are methods, or functions in lists, that are given the HTTP method
beside the path, and registers that are called by one may be filled by their index (`POST["/login"] = login`).
"""

from __future__ import annotations

from backend_readiness.facts.builder import last_name
from backend_readiness.facts.model import Call, CallRef, Index, Lit, Member, Name, Seq, Value
from backend_readiness.graph.evaluation.params import callers_named
from backend_readiness.graph.families import family
from backend_readiness.graph.handling.handlers import unwrapped
from backend_readiness.graph.patterns import compiled
from backend_readiness.graph.routes.path_branches import METHODS
from backend_readiness.graph.routes.routing import Guard, Registration, call_place, functions_in
from backend_readiness.graph.routes.scan import Scan
from backend_readiness.graph.urls import from_regex, join
from backend_readiness.graph.values import FuncV, Site, SymbolId, options
from backend_readiness.graph.views import FileView, callee_name
from backend_readiness.model import Place
from backend_readiness.rules.card_rules import RouteRule
from backend_readiness.rules.cards import Card

MAX_ABOVE = 8
MAX_CALLERS = 12


def collect(scan: Scan) -> None:
    for card in scan.graph.knowledge.cards:
        for rule in card.routes:
            if rule.shape == "own_router":
                _look(scan, card, rule)


def _look(scan: Scan, card: Card, rule: RouteRule) -> None:
    named = frozenset(rule.options.get("named", ()))
    verbs = frozenset(rule.verbs) | named
    language = card.id.partition("/")[0]
    for path, index in scan.graph.production.items():
        if family(index.language) != language or verbs.isdisjoint(index.names):
            continue
        view = scan.graph.view(path)
        for number, call in enumerate(view.facts.calls):
            name = callee_name(call) or ""
            if name in named and (isinstance(call.callee, Member) or _is_listed(view, number)):
                _with_method(scan, card, rule, view, number)
                continue
            if name not in verbs or len(call.args) < 2 or not _is_path(call.args[0].value) or not isinstance(call.callee, Member):
                continue
            if any(_is_own(scan, v, rule) for v in options(scan.graph.ev.value(call.callee, path, call.owner))):
                handler = _handler(scan, view, call, rule)
                place = call_place(scan.graph, Site(path, number, None))
                written = str(getattr(call.args[0].value, "value", ""))
                for above in _above(scan, view, call.callee.base, call.owner, 0) if handler is not None else ():
                    full = join(above, written, keep_root=False)
                    scan.routing.registrations.append(
                        Registration(
                            router=None, method="ANY" if name.upper() in ("ANY", "ALL") else name.upper(), path=full, place=place,
                            start=call.start, card=card, rule=rule, handler=handler,
                        )
                    )  # fmt: skip
        if "near" in rule.options:
            _indexed(scan, card, rule, view)


def _add(
    scan: Scan, card: Card, rule: RouteRule, place: Place, start: int, way: tuple[str, str], handler: FuncV, guards: tuple[Guard, ...] = ()
) -> None:
    method, path = way
    scan.routing.registrations.append(
        Registration(router=None, method=method, path=path, place=place, start=start, card=card, rule=rule, handler=handler, guards=guards)
    )


def _with_method(scan: Scan, card: Card, rule: RouteRule, view: FileView, number: int) -> None:
    """`router.Add("PUT", "/orders", change)`, in whatever order."""
    call = view.facts.calls[number]
    said = [str(a.value.value) for a in call.args[:2] if isinstance(a.value, Lit)]
    said += [
        n.removeprefix("Method") for a in call.args[:2] if isinstance(a.value, Member) and (n := last_name(a.value))
    ]  # `HttpMethod.Get`
    method = next((t.upper() for t in said if t.upper() in METHODS), None)
    path = next((t for t in said if t.startswith("/")), None)
    path = next(("/" + from_regex(t).lstrip("/") for t in said if t.startswith("^/") or (t.startswith("/") and "(" in t)), path)
    if (
        method is None
        or path is None
        or not any(_is_own(scan, v, rule, name=True) for v in options(scan.graph.ev.value(call.callee, view.path, call.owner)))
    ):
        return
    handler, place = _handler(scan, view, call, rule), call_place(scan.graph, Site(view.path, number, None))
    if handler is None or any(r.method in (method, "ANY") and r.path.endswith(path) for r in scan.routing.registrations):
        return  # what is given on to a router that is known is there
    inner, around = unwrapped(scan.graph, handler)
    guards = tuple(Guard(value=g, place=place, start=call.start) for g in around)
    _add(scan, card, rule, place, call.start, (method, path), inner if isinstance(inner, FuncV) else handler, guards)


def _indexed(scan: Scan, card: Card, rule: RouteRule, view: FileView) -> None:
    """Registers that are called by an HTTP method: `POST["/login"] = login`."""
    for assign in view.facts.assigns:
        target = assign.target
        if not isinstance(target, Index) or not _is_path(target.key) or (last_name(target.base) or "").upper() not in METHODS:
            continue
        for found in functions_in(scan.graph, scan.graph.ev.value(assign.value, view.path, assign.owner)) if assign.value else ():
            if not isinstance(found, FuncV):
                continue
            types = [p.type for p in scan.graph.view(found.symbol.file).symbol(found.symbol.index).params]
            if any(t is not None and last_name(t) == rule.options["near"] for t in types):
                way = ((last_name(target.base) or "").upper(), str(getattr(target.key, "value", "")))
                _add(scan, card, rule, Place(file=view.path, line=assign.line, end_line=assign.end_line), assign.start, way, found)


def _is_path(value: Value) -> bool:
    return isinstance(value, Lit) and isinstance(value.value, str) and (value.value.startswith("/") or not value.value)


def _is_listed(view: FileView, number: int) -> bool:
    """Does a call stand in a list: `var routes = []route{newRoute("GET", "/orders", list)}`?"""
    kept = [a.value for a in view.facts.assigns] + [r.value for several in view.returns.values() for r in several]
    return any(isinstance(v, Seq) and CallRef(number) in v.items for v in kept)


def _is_own(scan: Scan, value: object, rule: RouteRule, *, name: bool = False) -> bool:
    """Is it a method of a class of the repository, or a function with a `name`, that puts nothing on a known router?"""
    if not isinstance(value, FuncV) or (value.self_value is None and not name):
        return False
    wanted = int(rule.options.get("own_handlers", 0))
    if wanted and _asking(scan, value, rule) < wanted:
        return False
    if "near" in rule.options and rule.options["near"] not in scan.graph.production[value.symbol.file].names:
        return False
    symbol = scan.graph.view(value.symbol.file).symbol(value.symbol.index)
    inside = (r.place.file == value.symbol.file and symbol.line <= r.place.line <= symbol.end_line for r in scan.routing.registrations)
    return symbol.kind in (("method", "function") if name else ("method",)) and not any(inside)


def _asking(scan: Scan, method: FuncV, rule: RouteRule) -> int:
    """How many methods of the class ask for a path and a function under the name of an HTTP method; 0 when this one does not."""
    view = scan.graph.view(method.symbol.file)

    def asks(index: int) -> bool:
        symbol = view.symbol(index)
        formal = [p for p in symbol.params if p.name != "self"]
        types = [p.type for p in formal[:2]]
        return symbol.name in rule.verbs and types == [Name("string"), Name("func")]

    beside = view.children.get(view.symbol(method.symbol.index).parent, ())
    return sum(asks(i) for i in beside) if asks(method.symbol.index) else 0


def _handler(scan: Scan, view: FileView, call: Call, rule: RouteRule) -> FuncV | None:
    """The last function among the arguments that takes a request."""
    for arg in reversed(call.args[1:]):
        for found in functions_in(scan.graph, scan.graph.ev.value(arg.value, view.path, call.owner)):
            if isinstance(found, FuncV) and _takes(scan, found.symbol, rule):
                return found
    return None


def _takes(scan: Scan, where: SymbolId, rule: RouteRule) -> bool:
    if "near" in rule.options:
        return where.file in scan.graph.production
    if "takes" not in rule.options:
        return True
    symbol = scan.graph.view(where.file).symbol(where.index)
    types = [
        option.path
        for param in symbol.params[:6]
        if param.type is not None
        for option in options(scan.graph.ev.value(param.type, where.file, where.index))
        if hasattr(option, "path")
    ]
    return all(any(compiled(wanted).fullmatch(t) for t in types) for wanted in rule.options["takes"])


def _above(scan: Scan, view: FileView, value: Value, owner: int, depth: int) -> list[str]:
    """The paths with which the receiver was made: `api := router.Group("/api")`, also by the callers of a function that is given it."""
    if depth >= MAX_ABOVE:
        return [""]
    if isinstance(value, Name):
        for scope in view.enclosing(owner):
            bound = [a.value for a, path in view.bindings.get((scope, value.id), ()) if not path]
            if bound:
                return _above(scan, view, bound[0], scope, depth + 1) if bound[0] is not None else [""]
            symbol = view.symbol(scope)
            position = next((n for n, p in enumerate(symbol.params) if p.name == value.id), None)
            if position is not None:
                return _of_callers(scan, SymbolId(view.path, scope), position, depth)
        return [""]
    call = view.facts.calls[value.call] if isinstance(value, CallRef) else None
    if call is None or not isinstance(call.callee, Member):
        return [""]
    before = _above(scan, view, call.callee.base, owner, depth if isinstance(call.callee.base, CallRef) else depth + 1)
    written = str(getattr(call.args[0].value, "value", "")) if call.args and _is_path(call.args[0].value) else ""
    return [join(b, written, keep_root=False) if written else b for b in before]


def _of_callers(scan: Scan, where: SymbolId, position: int, depth: int) -> list[str]:
    symbol = scan.graph.view(where.file).symbol(where.index)
    shift = 1 if symbol.params and symbol.params[0].name == "self" else 0
    found: list[str] = []
    for site in callers_named(scan.graph.ev, symbol.name).get(where, ())[:MAX_CALLERS] if symbol.name else ():
        call = scan.graph.view(site.file).facts.calls[site.call]
        given = [a.value for a in call.args if a.name is None][position - shift :][:1]
        found.extend(p for v in given for p in _above(scan, scan.graph.view(site.file), v, call.owner, depth + 1))
    return list(dict.fromkeys(found))[:MAX_CALLERS] or [""]
