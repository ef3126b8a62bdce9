"""Services of Protocol Buffers and what implements them: `RPC shop.Orders/Show`.

`handler` is the object, or object of a class, that is put on the server. The service is the one whose name stands at `name` (the last
name of the expression, `hello.Greeter.service`). With `base` it is a class with such a base, whose name ends with `options.ends`.
`options.proto` are the documents. A method that the implementation lacks has no handler.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from fnmatch import fnmatch

from backend_readiness.facts.model import Member, Name, Value
from backend_readiness.graph import inheritance, members
from backend_readiness.graph.patterns import last_step
from backend_readiness.graph.routing import Registration
from backend_readiness.graph.scan import Hit, Scan
from backend_readiness.graph.values import AV, ClassV, Ext, InstV, Obj, SymbolId, options
from backend_readiness.model import Place
from backend_readiness.rules.card_rules import RouteRule
from backend_readiness.rules.cards import Card

MAX_CHARS = 400_000
MAX_DOCUMENTS = 400
_COMMENT = re.compile(r"//[^\n]{0,4000}|/\*[\s\S]{0,20000}?\*/")
_PACKAGE = re.compile(r"^\s*package\s+([\w.]{1,200})\s*;", re.MULTILINE)
_SERVICE = re.compile(r"\bservice\s+(\w{1,200})\s*\{")
_METHOD = re.compile(r"\brpc\s+(\w{1,200})\s*\(")


def collect(scan: Scan) -> None:
    found = [(h.card, h.rule, _service(scan, h), scan.value(h, h.rule.handler)) for h in scan.hits.get("services", ())]
    for card in scan.graph.knowledge.cards:
        for rule in card.routes:
            if rule.shape == "services" and rule.base:
                found.extend((card, rule, name, InstV(cls)) for name, cls in _implementations(scan, card, rule))
    known: dict[str, list[tuple[str, str, Place]]] = {}
    for service, package, method, place in _declared(scan, found[0][1]) if found else ():
        known.setdefault(service, []).append((package, method, place))
    for card, rule, service, value in found:
        for package, method, place in known.get(service, ()):
            whole = f"{package}.{service}" if package else service
            scan.routing.registrations.append(
                Registration(
                    router=None, method="RPC", path=f"{whole}/{method}", place=place, start=place.line, card=card, rule=rule,
                    handler=_handler(scan, value, method),
                )
            )  # fmt: skip


def _implementations(scan: Scan, card: Card, rule: RouteRule) -> Iterator[tuple[str, ClassV]]:
    """(service, class) for each class of production code with the base that is generated for a service."""
    ends = str(rule.options["ends"])
    for path, index in scan.graph.production.items():
        if index.language != card.id.partition("/")[0] or not any(n.endswith(ends) for n in index.names):
            continue
        view = scan.graph.view(path)
        for number, symbol in enumerate(view.facts.symbols):
            cls = ClassV(SymbolId(path, number))
            for base in inheritance.bases(scan.graph.ev, cls) if symbol.kind == "class" and symbol.bases else ():
                name = last_step(base.path) if isinstance(base, Ext) else ""
                if isinstance(base, ClassV):
                    name = scan.graph.view(base.symbol.file).symbol(base.symbol.index).name
                if name.endswith(ends) and name != ends:
                    yield name.removesuffix(ends), cls
                    break


def _declared(scan: Scan, rule: RouteRule) -> Iterator[tuple[str, str, str, Place]]:
    """(service, package, method, place) for each method of the documents."""
    wanted = [f.path for f in scan.graph.snapshot.files if any(fnmatch(f.path, g) for g in rule.options["proto"])]
    for path in wanted[:MAX_DOCUMENTS]:
        text = _COMMENT.sub(lambda m: re.sub(r"[^\n]", " ", m.group()), scan.graph.text(path)[:MAX_CHARS])
        package = _PACKAGE.search(text)
        starts = list(_SERVICE.finditer(text))
        for number, found in enumerate(starts):
            end = starts[number + 1].start() if number + 1 < len(starts) else len(text)
            for method in _METHOD.finditer(text, found.end(), end):
                line = text.count("\n", 0, method.start()) + 1
                yield found.group(1), package.group(1) if package else "", method.group(1), Place(file=path, line=line, end_line=line)


def _service(scan: Scan, hit: Hit) -> str:
    thunk = scan.thunk(hit, hit.rule.name)
    value: Value | None = thunk.expr if thunk is not None else None
    while isinstance(value, Member) and value.name in ("service", "default"):
        value = value.base
    name = value.name if isinstance(value, Member) else value.id if isinstance(value, Name) else ""
    return name.removesuffix("Definition") if name.endswith("ServiceDefinition") else name


def _handler(scan: Scan, value: AV | None, method: str) -> AV | None:
    small = method[:1].lower() + method[1:]
    snake = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", method).lower()
    for option in options(value) if value is not None else ():
        for name in (method, small, snake):
            if isinstance(option, Obj):
                thunk = members.field_thunk(scan.graph.ev, option, name)
                found = scan.graph.ev.thunk(thunk) if thunk is not None else None
            elif isinstance(option, InstV | ClassV):
                found = members.own_member(scan.graph.ev, option, name)
            else:
                found = None
            if found is not None:
                return found
    return None
