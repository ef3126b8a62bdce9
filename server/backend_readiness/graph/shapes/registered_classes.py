"""Classes that put their methods on a router: `OrdersView.register(app, route_base="/orders")`.

`callee` is the method of the external base that does it, `parent` the router. Options of the rule: `usual` maps names of methods to HTTP
methods; they answer at the path of the class, all others at their names for `default_methods`, with what they take behind it. `marks` are
decorators of a method that give it a path (`path`, `methods`) instead, `verbs` decorators that give the HTTP method alone. `base` names
what stands for the class in the path: the argument of the call (`given`), a `field`, else the name of the class in small letters without
`strip`; `above` the same of what stands before it. `but` are names that are no routes, `guards` fields that list what runs before.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from backend_readiness.facts.model import Symbol
from backend_readiness.graph.classes.annotations import arguments, decorators_of, of_kind
from backend_readiness.graph.classes.inheritance import bases
from backend_readiness.graph.evaluation import members
from backend_readiness.graph.references import argument
from backend_readiness.graph.routes.routing import Guard, Registration, RouterKey
from backend_readiness.graph.routes.scan import Hit, Scan
from backend_readiness.graph.urls import join, texts
from backend_readiness.graph.values import ClassV, Ext, FuncV, InstV, SymbolId
from backend_readiness.model import Place
from backend_readiness.rules.card_rules import Ref


def collect(scan: Scan) -> None:
    for hit in scan.hits.get("registered_classes", ()):
        cls = hit.callee.subject
        if isinstance(cls, ClassV):
            _class(scan, hit, cls)


def _class(scan: Scan, hit: Hit, cls: ClassV) -> None:
    said = hit.rule.options
    router = scan.router_of_value(scan.value(hit, hit.rule.parent), hit.card) or scan.router(hit)
    name = scan.graph.view(cls.symbol.file).symbol(cls.symbol.index).name
    base = _named(scan, hit, cls, said["base"])
    if base is None:
        base = name.removesuffix(str(said["base"].get("strip", ""))).lower() or name.lower()
    path = join(_named(scan, hit, cls, said.get("above", {})) or "", base, keep_root=False)
    guards = tuple(_guards(scan, hit, cls))
    seen: set[str] = set()
    for one in (cls, *(b for b in bases(scan.graph.ev, cls) if isinstance(b, ClassV))):
        view = scan.graph.view(one.symbol.file)
        for child in view.children.get(one.symbol.index, ()):
            symbol = view.symbol(child)
            if symbol.kind not in ("method", "function") or symbol.name.startswith("_") or symbol.name in (*said.get("but", ()), *seen):
                continue
            seen.add(symbol.name)
            for method, end in _routes(scan, hit, SymbolId(view.path, child), symbol):
                _add(scan, hit, router, method, join(path, end, keep_root=False), FuncV(SymbolId(view.path, child), InstV(cls)), guards)


def _named(scan: Scan, hit: Hit, cls: ClassV, spec: Mapping[str, Any]) -> str | None:
    """What a call gives for a part of the path, or else a field of the class."""
    given = [t for ref in spec.get("given", ()) for t in scan.texts(hit, Ref(**ref))]
    value = members.own_member(scan.graph.ev, cls, str(spec.get("field", ""))) if not given and spec.get("field") else None
    return next(iter(given or (texts(scan.graph.ev, value) if value is not None else [])), None)


def _guards(scan: Scan, hit: Hit, cls: ClassV) -> Iterator[Guard]:
    for field in hit.rule.options.get("guards", ()):
        value = members.own_member(scan.graph.ev, cls, field)
        yield from scan.guards_of(value, scan.place(hit), 0) if value is not None else ()


def _routes(scan: Scan, hit: Hit, where: SymbolId, symbol: Symbol) -> list[tuple[str, str]]:
    """(HTTP method, path below the class) of a method."""
    said = hit.rule.options
    marks = decorators_of(scan.graph, where) if symbol.decorators else []
    found: list[tuple[str, str]] = []
    for mark in of_kind(marks, tuple(said["marks"]["callee"])):
        paths = [t for given in arguments(scan.graph, mark)[:1] for t in texts(scan.graph.ev, scan.graph.ev.thunk(given))]
        methods = _methods(scan, mark, said["marks"]["methods"]) or list(hit.rule.default_methods)
        found.extend((m, p) for p in paths for m in methods)
    if found:
        return found
    taken = [p for p in symbol.params if p.name not in ("self", "cls") and not p.kind]
    ends = {"".join(f"/{{{p.name}}}" for p in several) for several in (taken, [p for p in taken if p.default is None])}
    usual = said["usual"].get(symbol.name)
    given = [m for mark in of_kind(marks, tuple(said.get("verbs", ()))) for m in _methods(scan, mark, {"arg": 0})]
    here = "" if usual else f"/{symbol.name}"
    return [(m, f"{here}{end}") for end in sorted(ends) for m in (given or ([usual] if usual else hit.rule.default_methods))]


def _methods(scan: Scan, mark: Ext, ref: Mapping[str, Any]) -> list[str]:
    thunk = argument(scan.graph, mark.site, Ref(**ref)) if mark.site is not None else None
    return [t.upper() for t in texts(scan.graph.ev, scan.graph.ev.thunk(thunk))] if thunk is not None else []


def _add(scan: Scan, hit: Hit, router: RouterKey | None, method: str, path: str, handler: FuncV, guards: tuple[Guard, ...]) -> None:
    symbol = scan.graph.view(handler.symbol.file).symbol(handler.symbol.index)
    place = Place(file=handler.symbol.file, line=symbol.line, end_line=symbol.line)
    scan.routing.registrations.append(
        Registration(
            router=router, method=method, path=path, place=place, start=symbol.start, card=hit.card, rule=hit.rule, handler=handler,
            guards=guards,
        )
    )  # fmt: skip
