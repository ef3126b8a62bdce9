"""Routes on the classes of requests: `[Route("/orders", "GET")] class FindOrders`, answered by a service method that takes one.

`callee` is a decorator of such a class, or a call that names it (`handler`, a type argument): `Routes.Add<FindOrders>("/orders")`; `path`
and `methods` are its arguments. Options: `services`, external bases of the classes whose methods answer; `answers` maps names of such
methods to HTTP methods; `guards`, decorators of the class of the request, of the service and of its method that stand before; `unanswered`
maps bases of requests that the framework answers itself to HTTP methods: where there are services and none answers, others are a client's.
A rule with `predefined` has a request without a path of its own stand at this path and its name: `/api/FindOrders`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from backend_readiness.facts.builder import last_name
from backend_readiness.graph.classes import inheritance
from backend_readiness.graph.classes.annotations import decorators_of, of_kind
from backend_readiness.graph.handling.input_models import Models
from backend_readiness.graph.patterns import compiled
from backend_readiness.graph.routes.methods import methods_of
from backend_readiness.graph.routes.routing import Guard, Registration, call_place
from backend_readiness.graph.routes.scan import Hit, Scan
from backend_readiness.graph.values import ClassV, FuncV, InstV, SymbolId, options
from backend_readiness.model import Param, Place
from backend_readiness.rules.card_rules import RouteRule
from backend_readiness.rules.cards import Card
from backend_readiness.rules.input_rules import InputRule

MAX_FILES = 200


def collect(scan: Scan) -> None:
    placed: set[SymbolId] = set()
    for hit in scan.hits.get("messages", ()):
        where = _message(scan, hit)
        if where is not None:
            placed.add(where)
            _register(scan, hit, where)
    for card in scan.graph.knowledge.cards:
        for rule in card.routes:
            if rule.shape == "messages" and "predefined" in rule.options:
                _predefined(scan, card, rule, placed)


def _predefined(scan: Scan, card: Card, rule: RouteRule, placed: set[SymbolId]) -> None:
    """The requests without a path of their own that a service or the framework answers."""
    graph = scan.graph
    answered: dict[SymbolId, list[tuple[str, FuncV | None]]] = {}
    for cls in _below(scan, card, rule.options["services"]):
        view = graph.view(cls.file)
        for number, symbol in enumerate(view.facts.symbols):
            if symbol.parent != cls.index or symbol.kind != "method" or symbol.name not in rule.options["answers"] or not symbol.params:
                continue
            taken = graph.ev.instance_of(symbol.params[0].type, cls.file, cls.index) if symbol.params[0].type is not None else None
            for option in options(taken) if taken is not None else ():
                if isinstance(option, InstV):
                    handler = FuncV(SymbolId(cls.file, number), InstV(ClassV(cls)))
                    answered.setdefault(option.cls.symbol, []).append((rule.options["answers"][symbol.name], handler))
    for base, method in rule.options.get("unanswered", {}).items():
        for cls in _below(scan, card, (base,)):
            answered.setdefault(cls, [(method, None)])
    for message in (m for m in answered if m not in placed and m.file in graph.production):
        name = graph.view(message.file).symbol(message.index).name
        _put(scan, card, rule, (message, f"{rule.options['predefined']}{name}"), answered[message])


def _below(scan: Scan, card: Card, bases: Iterable[str]) -> Iterator[SymbolId]:
    """The classes of the repository below one of these bases, at any distance."""
    wanted = [compiled(p) for p in scan.graph.knowledge.patterns(card, tuple(bases))]
    names = scan.graph.names_below({b.removesuffix("()").rpartition(".")[2] for b in bases})
    for where in dict.fromkeys(w for name in sorted(names) for w in scan.graph.subclasses(name)):
        above = inheritance.external_bases(scan.graph.ev, ClassV(where)) if where.file in scan.graph.production else ()
        if any(b.fullmatch(e.path) for e in above for b in wanted):
            yield where


def _put(scan: Scan, card: Card, rule: RouteRule, at: tuple[SymbolId, str], answers: list[tuple[str, FuncV | None]]) -> None:
    message, path = at
    fields = Models(scan.graph).fields(ClassV(message), InputRule(part="body"))
    for method, handler in dict(answers).items():
        where = handler.symbol if handler is not None else message
        symbol = scan.graph.view(where.file).symbol(where.index)
        scan.routing.registrations.append(
            Registration(
                router=None, method=method, path=path, start=symbol.start, card=card, rule=rule, handler=handler,
                place=Place(file=where.file, line=symbol.line, end_line=symbol.end_line if handler is None else symbol.line),
                guards=_guards(scan, rule, message, handler), params=tuple(Param(name=n, where="body") for n in fields),
            )
        )  # fmt: skip


def _message(scan: Scan, hit: Hit) -> SymbolId | None:
    """The class of the request that a decorator stands on, or that a call names."""
    if hit.call.kind == "decorator":
        symbol = scan.decorated.get((hit.site.file, hit.site.call))
        known = symbol is not None and scan.graph.view(hit.site.file).symbol(symbol).kind == "class"
        return SymbolId(hit.site.file, symbol) if symbol is not None and known else None
    value = scan.value(hit, hit.rule.handler)
    found = [o.symbol for o in options(value) if isinstance(o, ClassV)] if value is not None else []
    return found[0] if found else None


def _register(scan: Scan, hit: Hit, where: SymbolId) -> None:
    answers: dict[str, str] = hit.rule.options["answers"]
    found = list(_answering(scan, hit, where, answers))
    given = methods_of(scan, hit)
    if not found and "unanswered" in hit.rule.options and _is_of_client(scan, hit, where):
        return
    fields = Models(scan.graph).fields(ClassV(where), InputRule(part="body"))
    for path in scan.texts(hit, hit.rule.path):
        if not path.startswith("/"):
            continue  # a decorator of another framework with the same name
        for method in given if given != ["ANY"] or not found else dict.fromkeys(m for m, _ in found):
            handler = next((f for m, f in found if m == method), None) or next((f for m, f in found if m == "ANY"), None)
            guards = _guards(scan, hit.rule, where, handler)
            scan.routing.registrations.append(
                Registration(
                    router=None, method=method, path=path, place=scan.place(hit), start=hit.call.start, card=hit.card, rule=hit.rule,
                    handler=handler, guards=guards, params=tuple(Param(name=n, where="body") for n in fields),
                )
            )  # fmt: skip


def _is_of_client(scan: Scan, hit: Hit, where: SymbolId) -> bool:
    """Does nothing answer a request in a repository that has services? Without any, these are elsewhere."""
    unanswered = where not in _below(scan, hit.card, hit.rule.options["unanswered"])
    return unanswered and any(True for _ in _below(scan, hit.card, hit.rule.options["services"]))


def _guards(scan: Scan, rule: RouteRule, message: SymbolId, handler: FuncV | None) -> tuple[Guard, ...]:
    places = (message, handler.symbol, _class_of(scan, handler.symbol)) if handler is not None else (message,)
    wanted = tuple(rule.options.get("guards", ()))
    marks = [a for p in places for a in of_kind(decorators_of(scan.graph, p), wanted) if a.site is not None]
    return tuple(Guard(value=a, place=call_place(scan.graph, a.site), start=0) for a in marks if a.site is not None)


def _class_of(scan: Scan, method: SymbolId) -> SymbolId:
    return SymbolId(method.file, scan.graph.view(method.file).symbol(method.index).parent)


def _answering(scan: Scan, hit: Hit, message: SymbolId, answers: dict[str, str]) -> Iterator[tuple[str, FuncV]]:
    """(HTTP method, method of a service) for each that takes the request."""
    graph = scan.graph
    name = graph.view(message.file).symbol(message.index).name
    bases = [compiled(p) for p in graph.knowledge.patterns(hit.card, tuple(hit.rule.options["services"]))]
    for file in graph.naming(name)[:MAX_FILES]:
        view = graph.view(file)
        for number, symbol in enumerate(view.facts.symbols if file in graph.production else ()):
            if symbol.kind != "method" or symbol.name not in answers or not symbol.params or last_name(symbol.params[0].type) != name:
                continue
            cls = ClassV(SymbolId(file, symbol.parent))
            given = graph.ev.instance_of(symbol.params[0].type, file, symbol.parent) if symbol.params[0].type is not None else None
            takes = given is not None and any(isinstance(o, InstV) and o.cls.symbol == message for o in options(given))
            if takes and any(b.fullmatch(e.path) for e in inheritance.external_bases(graph.ev, cls) for b in bases):
                yield answers[symbol.name], FuncV(SymbolId(file, number), InstV(cls))
