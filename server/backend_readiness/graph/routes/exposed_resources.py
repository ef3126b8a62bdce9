"""Parts of trees of exposed objects: collections, controllers that are looked up, and where the tree begins. See `graph.shapes.exposed`.

Options of the rule: `resources` describes classes that stand for a collection: their external bases (`base`), `methods`: the name of a
method to its HTTP method and the end of its path, in which `{}` is what the method takes, `custom`: the field that maps the names of
further methods to lists of HTTP methods, and `body`: the keyword of a mark with which the last parameter is no part of the path. Objects
below such a class stand below a member. `named`: decorators of the repository or of other packages that mark a page by their name.
`lookup`: the method that gives the controller of a part of the path. `segment`: the keyword of a mark that gives a page another name;
`more_by`: the member of a page by which further functions answer it for one HTTP method. `roots`: names of classes (`names`) that begin a
tree in files which fit `files`, where no call does.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from backend_readiness.facts.builder import last_name
from backend_readiness.facts.model import Call, CallRef, Lit, Member, Name, Param, Seq, Symbol
from backend_readiness.graph.classes.inheritance import external_bases
from backend_readiness.graph.evaluation import members
from backend_readiness.graph.patterns import compiled
from backend_readiness.graph.routes.scan import Scan
from backend_readiness.graph.urls import texts
from backend_readiness.graph.values import ClassV, InstV, Obj, SymbolId, options
from backend_readiness.graph.views import FileView


def is_resource(scan: Scan, spec: Mapping[str, Any], cls: ClassV) -> bool:
    """Does the class stand for a collection?"""
    wanted = spec.get("resources", {}).get("base", ())
    return bool(wanted) and any(compiled(p).fullmatch(b.path) for b in external_bases(scan.graph.ev, cls) for p in wanted)


def is_named(spec: Mapping[str, Any], view: FileView, symbol: Symbol) -> bool:
    """Has the function a decorator that goes by the name of a mark?"""
    names = spec.get("named", ())
    return any(last_name(view.facts.calls[d.call].callee if isinstance(d, CallRef) else d) in names for d in symbol.decorators if names)


def answers_of_method(scan: Scan, spec: Mapping[str, Any], cls: ClassV, symbol: Symbol, path: str) -> list[tuple[str, str]]:
    """(HTTP method, path) of what a method of a collection answers."""
    said = spec["resources"]
    taken = _taken(symbol, path)
    if _has_body(said, scan.graph.view(cls.symbol.file), symbol):
        taken = taken[:-1]
    if symbol.name in said["methods"]:
        method, end = said["methods"][symbol.name]
        ends = [end.replace("{}", f"{{{taken[0].name}}}")] if taken else [end.replace("{}", "").strip("/")]
        if end == "{}" and taken and taken[0].default is not None:
            ends = ["", *ends]
        return [(str(method), f"{path}/{e}".rstrip("/")) for e in ends]
    custom = members.own_member(scan.graph.ev, InstV(cls), str(said.get("custom", "")))
    found: list[tuple[str, str]] = []
    for option in options(custom) if custom is not None else ():
        listed = option.fields.get(symbol.name) if isinstance(option, Obj) else None
        for method in texts(scan.graph.ev, scan.graph.ev.thunk(listed)) if listed is not None else ():
            one = [p for p in taken if p.default is None]
            found.append((method.upper(), f"{path}/{{{one[0].name}}}/{symbol.name}" if one else f"{path}/{symbol.name}"))
    return found


def _has_body(said: Mapping[str, Any], view: FileView, symbol: Symbol) -> bool:
    """Does a mark say that the last thing which the method takes is the body of the request: `@wsexpose(Order, int, body=Order)`?"""
    calls = [view.facts.calls[d.call] for d in symbol.decorators if isinstance(d, CallRef)]
    return any(a.name is not None and a.name == said.get("body") for c in calls for a in c.args)


def _taken(symbol: Symbol, path: str) -> list[Param]:
    """The parameters that stand in the path behind those of what is above."""
    plain = [p for p in symbol.params[1:] if not p.kind and p.name]
    return plain[path.count("{") :]


def member_of(scan: Scan, spec: Mapping[str, Any], cls: ClassV, path: str) -> str:
    """What stands between a collection and the objects below it: its member, where it has one."""
    view = scan.graph.view(cls.symbol.file)
    for name in ("get_one", "get"):
        for child in view.named_children.get((cls.symbol.index, name), ()):
            taken = _taken(view.symbol(child), path)
            if taken:
                return f"/{{{taken[0].name}}}"
    return ""


def looked_up(scan: Scan, spec: Mapping[str, Any], cls: ClassV) -> Iterator[tuple[str, ClassV]]:
    """(parameter, class of the controller) that the lookup method gives: `return OrderController(order_id), remainder`."""
    view = scan.graph.view(cls.symbol.file)
    for child in view.named_children.get((cls.symbol.index, str(spec.get("lookup", ""))), ()):
        name = next((p.name for p in view.symbol(child).params[1:] if not p.kind), "")
        for returned in view.returns.get(child, ()):
            first = returned.value.items[0] if isinstance(returned.value, Seq) and returned.value.items else None
            value = scan.graph.ev.value(first, view.path, child) if first is not None and name else None
            yield from ((name, o.cls) for o in (options(value) if value is not None else ()) if isinstance(o, InstV))


def segment_of(spec: Mapping[str, Any], view: FileView, symbol: Symbol) -> str:
    """The name of a page in the path."""
    for decorator in symbol.decorators:
        call = view.facts.calls[decorator.call] if isinstance(decorator, CallRef) else None
        for arg in call.args if call is not None else ():
            if arg.name is not None and arg.name == spec.get("segment") and isinstance(arg.value, Lit) and isinstance(arg.value.value, str):
                return arg.value.value
    return symbol.name


def answers_when(spec: Mapping[str, Any], view: FileView, symbol: Symbol) -> tuple[str, str] | None:
    """(page, HTTP method) of a function that answers a page of its class: `@index.when(method="POST")`."""
    for decorator in symbol.decorators:
        call: Call | None = view.facts.calls[decorator.call] if isinstance(decorator, CallRef) else None
        callee = call.callee if call is not None else None
        if call is not None and isinstance(callee, Member) and callee.name == spec.get("more_by") and isinstance(callee.base, Name):
            said = next((a.value.value for a in call.args if a.name == "method" and isinstance(a.value, Lit)), None)
            return (callee.base.id, str(said).upper()) if said else None
    return None


def roots(scan: Scan, spec: Mapping[str, Any]) -> Iterator[ClassV]:
    """The classes that begin a tree by their name and place."""
    said = spec.get("roots", {})
    place = re.compile(str(said.get("files", "")))
    for name in said.get("names", ()):
        for file in scan.graph.naming(name):
            if file in scan.graph.production and place.search(file):
                symbols = scan.graph.view(file).facts.symbols
                yield from (ClassV(SymbolId(file, n)) for n, s in enumerate(symbols) if s.kind == "class" and s.name == name)
