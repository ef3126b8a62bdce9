"""Services of Protocol Buffers and what implements them: `RPC shop.Orders/Show`.

What implements a service is found in one of three ways. `callee`: a call that puts the object at `handler` on a server, with
`handlers: class` the class in whose body it stands; the service is the one whose name stands at `name` (the last name of the expression,
`hello.Greeter.service`). `options.registered`: the same, by a regular expression for the name of a function that is generated for each
service (`Register(?P<service>\\w+)Server`); with `outside` only where its code is not in the repository,
with `written_in` only where it is not or stands in such files.
`options.based`: classes of the card's language, by a regular expression for the dotted name of
their base. `options.proto` are the documents, `generated` files that were compiled from them. `gateway`: the routes are the paths of HTTP
that they give to methods. `requires` are names that the repository must use. A method that the implementation lacks has no handler.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatch

from backend_readiness.facts.model import Index, Member, Name, Value
from backend_readiness.graph.classes import inheritance
from backend_readiness.graph.evaluation import members
from backend_readiness.graph.families import family
from backend_readiness.graph.references import argument_thunk
from backend_readiness.graph.routes.protobuf import meant, method_names, nearest, services
from backend_readiness.graph.routes.routing import Registration
from backend_readiness.graph.routes.scan import Hit, Scan
from backend_readiness.graph.tagged import spoken
from backend_readiness.graph.urls import shape, uniform
from backend_readiness.graph.values import AV, UNKNOWN, ClassV, Ext, FuncV, InstV, Obj, Site, SymbolId, options
from backend_readiness.graph.views import FileView, callee_name
from backend_readiness.rules.card_rules import RouteRule
from backend_readiness.rules.cards import Card


@dataclass(frozen=True, slots=True)
class _Implementation:
    """`written` is how the code names the service; `generated` the class that only stands for methods which are not implemented."""

    card: Card
    rule: RouteRule
    service: str
    written: str
    value: AV | None
    generated: SymbolId | None = None


def collect(scan: Scan) -> None:
    found = [
        _Implementation(h.card, h.rule, _service(scan, h), _dotted(_written(scan, h)), _given(scan, h))
        for h in scan.hits.get("services", ())
    ]
    for card in scan.graph.knowledge.cards:
        for rule in card.routes:
            if not all(scan.graph.naming(n) for n in rule.options.get("requires", ())):
                continue
            if rule.shape == "services" and "registered" in rule.options:
                found.extend(_registered(scan, card, rule))
            if rule.shape == "services" and "based" in rule.options:
                found.extend(_based(scan, card, rule))
    known = services(scan.graph, found[0].rule.options["proto"], found[0].rule.options.get("generated", ())) if found else {}
    answers: dict[tuple[str, str], AV | None] = {}
    written = {(r.method, tuple(shape(uniform(r.path)))) for r in scan.routing.registrations} if found else set()
    below = {b for item in found for b in _above(scan, item.value)}
    for item in sorted(found, key=lambda i: "based" in i.rule.options and _class(i.value) in below):  # what is put on a server, then leaves
        same = meant(known, item.service, item.written) or meant(known, item.service.removesuffix("Service"), item.written)
        where = _class(item.value)
        for service in nearest(same, where.file) if where is not None else same:
            rows = [(name, "RPC", f"{service.full_name}/{name}", place) for name, place in service.methods]
            for name, method, path, place in service.paths if item.rule.options.get("gateway") else rows:
                if method != "RPC" and (method, tuple(shape(uniform(path)))) in written:
                    continue  # what is generated from the document is there too
                handler = _handler(scan, item, name)
                first = answers.setdefault((method, path), handler)
                if first is not None and first is not handler:
                    continue  # another implementation of the same procedure: the first one stands for it
                answers[method, path] = handler
                scan.routing.registrations.append(
                    Registration(
                        router=None, method=method, path=path, place=place, start=place.line, card=item.card, rule=item.rule,
                        handler=handler,
                    )
                )  # fmt: skip
    _without_places(scan)


def _without_places(scan: Scan) -> None:
    """Leave out the places of whole services among the routes (`mux.Handle(NewOrdersHandler(orders))`): their procedures are the routes."""
    known = scan.routing.registrations
    names = {r.path.strip("/").rpartition("/")[0] for r in known if r.method == "RPC"} - {""}
    known[:] = [r for r in known if r.method != "ANY" or r.path.strip("/") not in names]


def _class(value: AV | None) -> SymbolId | None:
    return value.cls.symbol if isinstance(value, InstV) else None


def _above(scan: Scan, value: AV | None) -> Iterator[SymbolId]:
    """The classes of the repository that the class of an implementation extends."""
    if isinstance(value, InstV):
        for base in inheritance.bases(scan.graph.ev, value.cls):
            if isinstance(base, ClassV) and base.symbol != value.cls.symbol:
                yield base.symbol


# ---------------------------------------------------------------- implementations


def _registered(scan: Scan, card: Card, rule: RouteRule) -> Iterator[_Implementation]:
    """Calls of a function whose name says that it puts an implementation of a service on a server."""
    pattern = re.compile(str(rule.options["registered"]))
    for path, index in scan.graph.production.items():
        if family(index.language) not in spoken(card) or not any(pattern.fullmatch(n) for n in index.names):
            continue
        view = scan.graph.view(path)
        for number, call in enumerate(view.facts.calls):
            name = pattern.fullmatch(callee_name(call) or "")
            if name is None or rule.handler is None:
                continue
            site = Site(path, number, None)
            thunk = argument_thunk(scan.graph.ev, site, rule.handler)
            callee = next(iter(options(scan.graph.ev.value(call.callee, path, call.owner))))
            if thunk is None or (rule.options.get("outside") and not isinstance(callee, Ext)):
                continue
            written_in = rule.options.get("written_in")
            if written_in and isinstance(callee, FuncV) and not fnmatch(callee.symbol.file, str(written_in)):
                continue
            where = callee.path if isinstance(callee, Ext) else callee.symbol.file if isinstance(callee, FuncV) else ""
            value = scan.graph.ev.thunk(thunk)
            yield _Implementation(card, rule, name.group("service"), f"{where} {_dotted(call.callee)}", value)


def _based(scan: Scan, card: Card, rule: RouteRule) -> Iterator[_Implementation]:
    """Classes with a base that is generated for a service."""
    pattern = re.compile(str(rule.options["based"]))
    for path, index in scan.graph.production.items():
        if family(index.language) not in spoken(card):
            continue
        view = scan.graph.view(path)
        for number, symbol in enumerate(view.facts.symbols):
            if symbol.kind != "class" or not symbol.bases:
                continue
            cls = ClassV(SymbolId(path, number))
            for text, base in _bases(scan, view, cls):
                name = pattern.fullmatch(text)
                if name is not None:
                    yield _Implementation(card, rule, name.group("service"), text, InstV(cls), base)
                    break


def _bases(scan: Scan, view: FileView, cls: ClassV) -> Iterator[tuple[str, SymbolId | None]]:
    """The dotted names of the bases of a class: of those outside, of those in the repository, and as the class writes them."""
    for base in inheritance.bases(scan.graph.ev, cls):
        if isinstance(base, Ext):
            yield base.path.lstrip("~?"), None
        elif isinstance(base, ClassV) and base.symbol != cls.symbol:
            other = scan.graph.view(base.symbol.file)
            names = [other.symbol(s).name for s in other.enclosing(base.symbol.index) if s > 0]
            folder = base.symbol.file.rpartition(".")[0].replace("/", ".")
            yield ".".join([folder, *reversed(names)]), base.symbol
    for written in view.symbol(cls.symbol.index).bases:
        name = _dotted(written)
        first = name.partition(".")[0]
        for item in view.facts.imports:
            if item.local == first:
                name = f"{item.module}.{item.name or ''}".rstrip(".") + name[len(first) :]
        yield name, None


def _dotted(value: Value | None) -> str:
    names: list[str] = []
    while isinstance(value, Member | Index):
        if isinstance(value, Member):
            names.append(value.name)
        value = value.base
    return ".".join(reversed([*names, value.id] if isinstance(value, Name) else names))


def _written(scan: Scan, hit: Hit) -> Value | None:
    thunk = scan.thunk(hit, hit.rule.name)
    return thunk.expr if thunk is not None else None


def _given(scan: Scan, hit: Hit) -> AV | None:
    """What implements the service: the value that the call is given, or the class in whose body the call stands."""
    if hit.rule.handlers != "class":
        return scan.value(hit, hit.rule.handler)
    is_class = scan.graph.view(hit.site.file).symbol(hit.call.owner).kind == "class"
    return InstV(ClassV(SymbolId(hit.site.file, hit.call.owner))) if is_class else None


def _service(scan: Scan, hit: Hit) -> str:
    for option in options(scan.value(hit, hit.rule.name) or UNKNOWN):
        if isinstance(option, Ext) and option.path.endswith(
            ".service"
        ):  # what a document is loaded into says it, whatever a variable is called
            return option.path.removesuffix(".service").rpartition(".")[2].partition("(")[0]
    value = _written(scan, hit)
    while isinstance(value, Member) and value.name in ("service", "default"):
        value = value.base
    name = value.name if isinstance(value, Member) else value.id if isinstance(value, Name) else ""
    name = name.removesuffix(".Service").rpartition(".")[2]  # `Shop.Orders.Service` is one name where modules have dotted names
    return name.removesuffix("Definition") if name.endswith("ServiceDefinition") else name


def _handler(scan: Scan, item: _Implementation, method: str) -> AV | None:
    for option in options(item.value) if item.value is not None else ():
        for name in method_names(method):
            found: AV | None = None
            if isinstance(option, Obj):
                thunk = members.field_thunk(scan.graph.ev, option, name)
                found = scan.graph.ev.thunk(thunk) if thunk is not None else None
            elif isinstance(option, InstV | ClassV):
                found = members.own_member(scan.graph.ev, option, name)
            if found is not None and not _is_generated(scan, item, found):
                return found
    return None


def _is_generated(scan: Scan, item: _Implementation, found: AV) -> bool:
    """Does the method stand in what was generated, to say that nothing implements it?"""
    if not isinstance(found, FuncV):
        return False
    view = scan.graph.view(found.symbol.file)
    parent = view.symbol(found.symbol.index).parent
    return SymbolId(found.symbol.file, parent) == item.generated or view.symbol(max(0, parent)).name.startswith("Unimplemented")
