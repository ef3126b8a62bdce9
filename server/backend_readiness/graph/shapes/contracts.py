"""Contracts of services: interfaces with a mark, whose marked methods other programs call on the classes that implement them.

    [ServiceContract] interface IOrders { [OperationContract] Order Find(int id); }
    class Orders : IOrders { ... }

`callee` are the marks of such an interface. Options of the rule: `operations` are the marks of its methods; `named` is the keyword of
either mark that gives another name; `clients` are bases of classes that only call the service. `templates` maps further marks of a method
to the HTTP method that they stand for unless their keyword `method` names one: then the method answers at the path of the keyword
`template` below the address of its class, which files with `suffix` give that name the class in the attribute `names` of the directive
`directive`.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator

from backend_readiness.graph.classes import inheritance
from backend_readiness.graph.classes.annotations import decorators_of, of_kind
from backend_readiness.graph.evaluation import members
from backend_readiness.graph.patterns import compiled
from backend_readiness.graph.references import argument_thunk
from backend_readiness.graph.routes.routing import Registration
from backend_readiness.graph.routes.scan import Hit, Scan
from backend_readiness.graph.urls import join, texts
from backend_readiness.graph.values import ClassV, Ext, FuncV, InstV, SymbolId
from backend_readiness.model import Place
from backend_readiness.rules.card_rules import Ref

MAX_CHARS = 20_000
MAX_CLASSES = 40


def collect(scan: Scan) -> None:
    for hit in scan.hits.get("contracts", ()):
        number = scan.decorated.get((hit.site.file, hit.site.call))
        view = scan.graph.view(hit.site.file)
        if number is None or view.symbol(number).kind not in ("class", "interface"):
            continue
        contract = SymbolId(view.path, number)
        service = _text(scan, Ext("", None, hit.site), str(hit.rule.options.get("named", ""))) or view.symbol(number).name
        for cls in _implementing(scan, hit, contract):
            for child in view.children.get(number, ()):
                _operation(scan, hit, service, SymbolId(view.path, child), cls)


def _implementing(scan: Scan, hit: Hit, contract: SymbolId) -> list[ClassV]:
    """The classes that do what a contract says, without those that call it."""
    view = scan.graph.view(contract.file)
    if view.symbol(contract.index).kind == "class":
        return [ClassV(contract)]
    clients = [compiled(p) for p in hit.rule.options.get("clients", ())]
    found = [ClassV(s) for s in scan.graph.subclasses(view.symbol(contract.index).name) if s.file in scan.graph.production]
    found = [c for c in found if scan.graph.view(c.symbol.file).symbol(c.symbol.index).kind == "class"]
    above = [[b.symbol for b in inheritance.bases(scan.graph.ev, c) if isinstance(b, ClassV)] for c in found]
    found = [c for c, bases in zip(found, above, strict=True) if contract in bases][:MAX_CLASSES]
    return [c for c in found if not any(p.fullmatch(b.path) for p in clients for b in inheritance.external_bases(scan.graph.ev, c))]


def _operation(scan: Scan, hit: Hit, service: str, method: SymbolId, cls: ClassV) -> None:
    options = hit.rule.options
    symbol = scan.graph.view(method.file).symbol(method.index)
    own = decorators_of(scan.graph, method)
    marked = of_kind(own, tuple(options.get("operations", ())))
    handler = members.own_member(scan.graph.ev, InstV(cls), symbol.name)
    if symbol.kind != "method" or (not marked and "operations" in options) or not isinstance(handler, FuncV):
        return
    place = Place(file=method.file, line=symbol.line, end_line=symbol.line)
    templates: dict[str, str] = options.get("templates", {})
    found: list[tuple[str, str]] = []
    for mark in of_kind(own, tuple(templates)):
        verb = _text(scan, mark, str(options.get("method", ""))).upper() or templates[mark.path.removesuffix("()")]
        template = _text(scan, mark, str(options.get("template", ""))) or symbol.name
        path = re.sub(r"\{(\w+)=[^{}]*\}", r"{\1}", template.partition("?")[0])
        found.extend((verb, join(base, path, keep_root=False)) for base in _addresses(scan, hit, cls) or [""])
    name = next((t for m in marked if (t := _text(scan, m, str(options.get("named", ""))))), symbol.name)
    for verb, path in found or [("RPC", f"{service}/{name}")]:
        rule = hit.rule if not found else hit.rule.model_copy(update={"options": {**options, "bare": False}})
        scan.routing.registrations.append(
            Registration(
                router=None, method=verb, path=path if not found else f"/{path.lstrip('/')}", place=place, start=symbol.start,
                card=hit.card, rule=rule, handler=handler,
            )
        )  # fmt: skip


def _addresses(scan: Scan, hit: Hit, cls: ClassV) -> list[str]:
    return list(_written_addresses(scan, hit, scan.graph.view(cls.symbol.file).symbol(cls.symbol.index).name))


def _written_addresses(scan: Scan, hit: Hit, name: str) -> Iterator[str]:
    """The paths of the files that name a class: `Orders.svc` with `<%@ ServiceHost Service="Shop.Orders" %>`."""
    options = hit.rule.options
    suffix, pattern = (
        options.get("suffix"),
        re.compile(rf"<%@\s*{options.get('directive')}\b[^%]*\b{options.get('names')}\s*=\s*\"([^\"]*)\""),
    )
    for file in scan.graph.snapshot.files if suffix else ():
        said = pattern.search(scan.graph.text(file.path)[:MAX_CHARS]) if file.path.endswith(str(suffix)) else None
        if said is not None and said.group(1).partition(",")[0].rpartition(".")[2] == name:
            yield f"/{posixpath.relpath(file.path, _application(scan, file.path))}"


def _application(scan: Scan, path: str) -> str:
    """The folder that the application begins in: the nearest above a file with a description of the project."""
    folder = posixpath.dirname(path)
    described = {posixpath.dirname(f.path) for f in scan.graph.snapshot.files if f.path.lower().endswith((".csproj", "web.config"))}
    while folder and folder not in described:
        folder = posixpath.dirname(folder)
    return folder or "."


def _text(scan: Scan, mark: Ext, key: str) -> str:
    thunk = argument_thunk(scan.graph.ev, mark.site, Ref(kwarg=key)) if key and mark.site is not None else None
    return next(iter(texts(scan.graph.ev, scan.graph.ev.thunk(thunk))), "") if thunk is not None else ""
