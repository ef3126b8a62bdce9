"""Routes on the classes of requests: `[Route("/orders", "GET")] class FindOrders`, answered by a service method that takes one.

`callee` is a decorator of such a class, or a call that names it (`handler`, a type argument): `Routes.Add<FindOrders>("/orders")`; `path`
and `methods` are its arguments. Options: `services`, external bases of the classes whose methods answer; `answers` maps names of such
methods to HTTP methods; `guards`, decorators of the class of the request, of the service and of its method that stand before.
"""

from __future__ import annotations

from collections.abc import Iterator

from backend_readiness.facts.builder import last_name
from backend_readiness.graph.classes import inheritance
from backend_readiness.graph.classes.annotations import decorators_of, of_kind
from backend_readiness.graph.handling.input_models import Models
from backend_readiness.graph.patterns import compiled
from backend_readiness.graph.routes.methods import methods_of
from backend_readiness.graph.routes.routing import Guard, Registration, call_place
from backend_readiness.graph.routes.scan import Hit, Scan
from backend_readiness.graph.values import ClassV, FuncV, InstV, SymbolId, options
from backend_readiness.model import Param
from backend_readiness.rules.input_rules import InputRule

MAX_FILES = 200


def collect(scan: Scan) -> None:
    for hit in scan.hits.get("messages", ()):
        where = _message(scan, hit)
        if where is not None:
            _register(scan, hit, where)


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
    wanted = tuple(hit.rule.options.get("guards", ()))
    fields = Models(scan.graph).fields(ClassV(where), InputRule(part="body"))
    for path in scan.texts(hit, hit.rule.path):
        if not path.startswith("/"):
            continue  # a decorator of another framework with the same name
        for method in given if given != ["ANY"] or not found else dict.fromkeys(m for m, _ in found):
            handler = next((f for m, f in found if m == method), None) or next((f for m, f in found if m == "ANY"), None)
            places = (where, handler.symbol, _class_of(scan, handler.symbol)) if handler is not None else (where,)
            marks = [a for p in places for a in of_kind(decorators_of(scan.graph, p), wanted) if a.site is not None]
            guards = tuple(Guard(value=a, place=call_place(scan.graph, a.site), start=0) for a in marks if a.site is not None)
            scan.routing.registrations.append(
                Registration(
                    router=None, method=method, path=path, place=scan.place(hit), start=hit.call.start, card=hit.card, rule=hit.rule,
                    handler=handler, guards=guards, params=tuple(Param(name=n, where="body") for n in fields),
                )
            )  # fmt: skip


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
