"""`@router.get("/path")` over a function or a class.

Option `of_class`: a method belongs to its class, which is a router of its own: rows of `base` (external bases of the class) and
`template` of its path, in which `{field=default}` is a field of the class (`@` in the default is the class's name in small letters), the
fields in `guards` list what runs first, and `mounted` says that something must put the class somewhere, if anything mounts classes at
all. Each subclass has the routes too. With `of_decorated` it is a decorator of the class (`callee`) that gives its `prefix` and `guards`.
`below` are decorators of the modules around a function, which put a path before its own; `with_marks` those that the function must have
too, `without_marks` those that it must not have. With `by_package` a function without a path has the names of its package and its own.
`path_of_name`, `method_of_name`, `by_module` and `uncalled`: see `graph.routes.own_names`; `answers` as in shape `call`, of a class.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from backend_readiness.facts.model import Call, CallRef
from backend_readiness.graph.classes import inheritance
from backend_readiness.graph.classes.annotations import arguments, decorators_of, of_kind
from backend_readiness.graph.evaluation import members
from backend_readiness.graph.handling.wrappers import decorator_guards
from backend_readiness.graph.patterns import compiled
from backend_readiness.graph.references import argument
from backend_readiness.graph.routes.made_paths import paths_of
from backend_readiness.graph.routes.mapped_methods import mapped
from backend_readiness.graph.routes.own_names import addressed, method_of_name, path_of_module, path_of_name, register_uncalled
from backend_readiness.graph.routes.registering import register
from backend_readiness.graph.routes.routing import Guard, RouterKey, call_place, functions_in
from backend_readiness.graph.routes.scan import Hit, Scan
from backend_readiness.graph.urls import join, texts
from backend_readiness.graph.values import AV, ClassV, FuncV, InstV, SymbolId, options
from backend_readiness.model import Param, Place
from backend_readiness.rules.card_rules import Ref
from backend_readiness.rules.cards import Card

_ASKED = re.compile(r"<(\w+)(?:\.\.)?>")
_FIELD = re.compile(r"\{(\w+)=([^{}]*)\}")


def collect(scan: Scan) -> None:
    made = {h.over for h in scan.hits.get("decorator", ()) if h.over is not None and not scan.is_open(h, h.rule.path)}
    again: dict[str, dict[int, Call]] = {}  # what calls give that is called at once, by files
    for hit in scan.hits.get("decorator", ()):
        if hit.over in made and scan.is_open(hit, hit.rule.path):
            continue  # `for p in path: app.route(p)` for one text, where another call of the maker takes the text itself
        written = scan.decorated.get((hit.site.file, hit.site.call))
        where = hit.over or (SymbolId(hit.site.file, written) if written is not None else None)
        put_on = _put_on(scan, hit, again) if where is None else None
        where = where or (put_on.symbol if put_on is not None else None)
        if where is None:
            continue
        rule = hit.rule
        if not _is_marked(scan, where, rule.options):
            continue
        router = scan.router(hit)
        described = bool(rule.options.get("own")) and _is_of_interface(scan, where)  # of an API that a trait describes as a whole
        if rule.options.get("own") and not described:  # served where the function is mounted: `app.service(show)`
            router = scan.function_router(where, hit.card)
            scan.routing.routers[router].needs_mount = scan.is_served(hit.card)
        handler = put_on or scan.graph.ev.symbol_value(_implemented(scan, where) if described else where)
        paths = paths_of(scan, hit) or path_of_name(scan, where, rule)
        module = path_of_module(scan, where, rule)
        if module == []:
            continue
        paths = module or paths
        above = _path_around(scan, where, tuple(rule.options.get("below", ())))
        paths = [join(above, p, keep_root=False) for p in paths] if above else paths
        if any(p.startswith("{$") for p in paths):  # an expression of OpenAPI: the address of somebody else
            continue
        own = None
        if rule.options.get("named"):  # the function's name is the operation
            own = addressed(scan, hit, paths)
            paths = [scan.graph.view(where.file).symbol(where.index).name if own is None else own[1]]
        if rule.options.get("by_package") and not paths:
            paths = [f"/{scan.graph.facts.files[where.file].package}.{scan.graph.view(where.file).symbol(where.index).name}"]
        asked: tuple[Param, ...] = ()
        if rule.options.get("query"):  # `/orders?<page>`: what follows is no part of the path
            asked = tuple(Param(name=n, where="query") for p in paths for n in _ASKED.findall(p.partition("?")[2]))
            paths = [p.partition("?")[0] for p in paths]
        found: list[tuple[RouterKey | None, AV]] = [(router, handler)]
        if "of_class" in rule.options:
            parent = scan.graph.view(where.file).symbol(where.index).parent
            found = list(_classes(scan, hit, where, parent)) if parent > 0 else found
        if "of_decorated" in rule.options:
            parent = scan.graph.view(where.file).symbol(where.index).parent
            found = list(_decorated(scan, hit, where, parent)) if parent > 0 else []
        before = len(scan.routing.registrations)
        around = decorator_guards(scan, SymbolId(hit.site.file, written)) if hit.over is not None and written is not None else []
        for key, answers in found:
            for path in paths or [""]:
                named = method_of_name(scan, where, rule) if scan.value(hit, rule.methods) is None else ""
                named = own[0] if own is not None else named
                each = list(mapped(scan, hit, answers)) if isinstance(answers, ClassV) else []
                for verb, inner in each or [(named, answers)]:
                    register(scan, hit, key, path, inner, (*scan.guards(hit, rule.middleware), *around), verb)
        for number in range(before, len(scan.routing.registrations) if asked else 0):
            scan.routing.registrations[number] = replace(scan.routing.registrations[number], params=asked)
    register_uncalled(scan)


def _is_of_interface(scan: Scan, where: SymbolId) -> bool:
    view = scan.graph.view(where.file)
    return view.symbol(view.symbol(where.index).parent).kind == "interface"


def _implemented(scan: Scan, where: SymbolId) -> SymbolId:
    """The method of the only class that implements the one of an interface, else that itself."""
    view = scan.graph.view(where.file)
    method = view.symbol(where.index)
    below = list(scan.graph.subclasses(view.symbol(method.parent).name))
    found = [SymbolId(c.file, n) for c in below for n in scan.graph.view(c.file).named_children.get((c.index, method.name), ())]
    return found[0] if len(found) == 1 else where


def _is_marked(scan: Scan, where: SymbolId, given: Mapping[str, Any]) -> bool:
    """Does the function have the other decorators that the rule asks for, and none of those that say the path themselves?"""
    marks = decorators_of(scan.graph, where) if "with_marks" in given or "without_marks" in given else []
    wanted, unwanted = tuple(given.get("with_marks", ())), tuple(given.get("without_marks", ()))
    return (not wanted or bool(of_kind(marks, wanted))) and not (unwanted and of_kind(marks, unwanted))


def _path_around(scan: Scan, where: SymbolId, marks: tuple[str, ...]) -> str:
    """What the attributes of the modules around a function put before its path: `#[scope("/api")] mod api { ... }`."""
    view = scan.graph.view(where.file)
    path = ""
    for index in view.enclosing(where.index) if marks else ():
        if view.symbol(index).kind == "namespace" and view.symbol(index).decorators:
            for mark in of_kind(decorators_of(scan.graph, SymbolId(where.file, index)), marks):
                said = [t for given in arguments(scan.graph, mark)[:1] for t in texts(scan.graph.ev, scan.graph.ev.thunk(given))]
                path = join(said[0], path, keep_root=False) if said else path
    return path


def _put_on(scan: Scan, hit: Hit, again: dict[str, dict[int, Call]]) -> FuncV | None:
    """The function that the decorator is called with by hand: `app.get("/orders")(list_orders)`."""
    view = scan.graph.view(hit.site.file)
    if view.path not in again:
        again[view.path] = {c.callee.call: c for c in view.facts.calls if isinstance(c.callee, CallRef)}
    call = again[view.path].get(hit.site.call)
    if call is None or not call.args:
        return None
    given = functions_in(scan.graph, scan.graph.ev.value(call.args[0].value, view.path, call.owner, hit.site.env))
    return next((f for f in given if isinstance(f, FuncV)), None)


def _decorated(scan: Scan, hit: Hit, method: SymbolId, parent: int) -> Iterator[tuple[RouterKey, AV]]:
    """The class of a method as a router, when a decorator makes it one."""
    cls = SymbolId(method.file, parent)
    for key in decorated_router(scan, cls, hit.rule.options["of_decorated"]):
        yield key, FuncV(method, InstV(ClassV(cls)))


def decorated_router(scan: Scan, cls: SymbolId, spec: Mapping[str, Any]) -> list[RouterKey]:
    """A class as a router with the prefix and the guards of the decorator that makes it one; empty without that decorator."""
    key: RouterKey = ("class", cls.file, cls.index)
    marks = of_kind(decorators_of(scan.graph, cls), (str(spec["callee"]),))
    for site in (m.site for m in marks) if key not in scan.routing.routers else ():
        info = scan.routing.routers[key]
        info.needs_mount = True
        if site is None:  # `@api_controller class Orders`
            continue
        place = call_place(scan.graph, site)
        thunk = argument(scan.graph, site, Ref(**spec["prefix"]))
        info.prefixes = texts(scan.graph.ev, scan.graph.ev.thunk(thunk)) if thunk is not None else []
        for thunk in (argument(scan.graph, site, Ref(**ref)) for ref in spec.get("guards", ())):
            if thunk is not None:
                info.guards.extend(scan.guards_of(scan.graph.ev.thunk(thunk), place, 0))
    return [key] if marks else []


def _classes(scan: Scan, hit: Hit, method: SymbolId, parent: int) -> Iterator[tuple[RouterKey, AV]]:
    """The class of a method and its subclasses as routers, with the method that each of them has."""
    graph = scan.graph
    own = ClassV(SymbolId(method.file, parent))
    name = graph.view(method.file).symbol(parent).name
    below = [c for c in (ClassV(s) for s in graph.subclasses(name)) if own.symbol in _above(scan, c)]
    for cls in (own, *below):
        bases = list(inheritance.external_bases(graph.ev, cls))
        for spec in hit.rule.options["of_class"]:
            if any(compiled(p).fullmatch(b.path) for p in spec["base"] for b in bases):
                yield class_router(scan, hit.card, cls, spec), FuncV(method, InstV(cls))
                break


def _above(scan: Scan, cls: ClassV) -> set[SymbolId]:
    return {b.symbol for b in inheritance.bases(scan.graph.ev, cls) if isinstance(b, ClassV)}


def class_router(scan: Scan, card: Card, cls: ClassV, spec: Mapping[str, Any]) -> RouterKey:
    """The class as a router of its own, with the path that the `template` of the rule makes of its fields."""
    key: RouterKey = ("class", cls.symbol.file, cls.symbol.index)
    if key in scan.routing.routers and scan.routing.routers[key].prefixes:
        return key
    ev, info = scan.graph.ev, scan.routing.routers[key]
    symbol = scan.graph.view(cls.symbol.file).symbol(cls.symbol.index)
    place = Place(file=cls.symbol.file, line=symbol.line, end_line=symbol.line)

    def field(match: re.Match[str]) -> str:
        value = members.own_member(ev, cls, match.group(1))
        found = [t for t in texts(ev, value) if not t.startswith("{")] if value is not None else []
        return found[0] if found else match.group(2).replace("@", symbol.name.lower())

    info.prefixes = ["/" + _FIELD.sub(field, str(spec["template"])).strip("/")]
    mounts = any(h.card.id == card.id and h.rule.options.get("classes") for h in scan.hits.get("mount", ()))
    info.needs_mount = bool(spec.get("mounted")) and mounts
    for name in spec.get("guards", ()):
        value = members.own_member(ev, cls, name)
        for option in options(value) if value is not None else ():
            info.guards.extend(Guard(value=g.value, place=place, start=0) for g in scan.guards_of(option, place, 0))
    return key
