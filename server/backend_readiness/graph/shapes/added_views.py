"""Objects that a call puts on a holder, which say by their class and their arguments where they stand:
`admin.add_view(OrderAdmin(Order, session, endpoint="orders"))`.

`callee` is given such objects, each as an argument. Options of the rule: `holder` names the argument with which the holder was made and
which is the path before all, with its `default`; `at` are references to the arguments of an object that give its address, the name of its
model (`model`) or of its class does without. `kinds` are external bases with the `routes` that an object has from them: HTTP method, path,
name of the method that answers, what it does to the model, and a field of the class that turns it on or off, with its default. `marks` are
decorators of methods that are routes below the object. `guards` are methods of the class that run first.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from backend_readiness.graph.backend.effects import value_name
from backend_readiness.graph.classes.annotations import arguments, decorators_of, of_kind
from backend_readiness.graph.classes.inheritance import bases
from backend_readiness.graph.evaluation import members
from backend_readiness.graph.patterns import compiled
from backend_readiness.graph.references import argument
from backend_readiness.graph.routes.routing import Guard, Registration, Touch
from backend_readiness.graph.routes.scan import Hit, Scan
from backend_readiness.graph.urls import join, texts
from backend_readiness.graph.values import AV, ClassV, Const, Ext, FuncV, InstV, Site, SymbolId, Thunk, options
from backend_readiness.model import Place
from backend_readiness.rules.card_rules import Ref

MAX_OBJECTS = 40


@dataclass(frozen=True, slots=True)
class Added:
    """One object: the classes of the repository from its own up, the bases of packages, the call that makes it, its path and its model."""

    classes: tuple[ClassV, ...]
    outside: tuple[str, ...]
    path: str
    model: str


def collect(scan: Scan) -> None:
    for hit in scan.hits.get("added_views", ()):
        for arg in hit.call.args[:MAX_OBJECTS]:
            value = scan.graph.ev.thunk(Thunk(hit.site.file, hit.call.owner, arg.value, hit.site.env))
            for option in options(value) if arg.name is None else ():
                added = _added(scan, hit, option)
                if added is not None:
                    _register(scan, hit, added)


def _added(scan: Scan, hit: Hit, value: AV) -> Added | None:
    site = value.site if isinstance(value, InstV | Ext) else None
    if site is None:
        return None
    if isinstance(value, InstV):
        above = [value.cls, *bases(scan.graph.ev, value.cls)]
        classes = tuple(b for b in above if isinstance(b, ClassV))
        outside = tuple(b.path for b in above if isinstance(b, Ext))
    else:
        classes, outside = (), (value.path.removesuffix("()"),) if isinstance(value, Ext) else ()
    kind = next(_kinds(hit, outside), None)
    if kind is None:
        return None
    said = [t for ref in hit.rule.options["at"] for t in _given(scan, site, ref)]
    thunk = argument(scan.graph, site, Ref(**kind["model"])) if "model" in kind else None
    model = value_name(scan.graph, scan.graph.ev.thunk(thunk)) if thunk is not None else ""
    name = next(iter(said), "") or (model.lower() if "model" in kind else _name(scan, classes).lower())
    if not name:
        return None
    return Added(classes, outside, name if name.startswith("/") else join(_before(scan, hit), name, keep_root=False), model or "")


def _kinds(hit: Hit, outside: tuple[str, ...]) -> Iterator[Mapping[str, Any]]:
    for kind in hit.rule.options["kinds"]:
        if any(compiled(p).fullmatch(path) for path in outside for p in kind["base"]):
            yield kind


def _given(scan: Scan, site: Site, ref: Mapping[str, Any]) -> list[str]:
    thunk = argument(scan.graph, site, Ref(**ref))
    return texts(scan.graph.ev, scan.graph.ev.thunk(thunk)) if thunk is not None else []


def _name(scan: Scan, classes: tuple[ClassV, ...]) -> str:
    return scan.graph.view(classes[0].symbol.file).symbol(classes[0].symbol.index).name if classes else ""


def _before(scan: Scan, hit: Hit) -> str:
    """The path of the holder."""
    holder, said = hit.callee.base, hit.rule.options["holder"]
    made = holder.site if isinstance(holder, Ext) else None
    return next(iter(_given(scan, made, {"kwarg": said["kwarg"]}) if made is not None else []), str(said["default"]))


def _register(scan: Scan, hit: Hit, added: Added) -> None:
    made = InstV(added.classes[0]) if added.classes else None
    guards = [f for g in hit.rule.options.get("guards", ()) if isinstance(f := members.own_member(scan.graph.ev, made, g), FuncV)]
    around = tuple(Guard(value=g, place=scan.place(hit), start=0) for g in guards)
    seen: set[str] = set()
    for cls in added.classes:
        view = scan.graph.view(cls.symbol.file)
        for child in view.children.get(cls.symbol.index, ()):
            symbol = view.symbol(child)
            for method, path in _marked(scan, hit, SymbolId(view.path, child)) if symbol.name not in seen else ():
                place = Place(file=view.path, line=symbol.line, end_line=symbol.line)
                _add(scan, hit, method, added.path + path, place, FuncV(SymbolId(view.path, child), made), around, None)
            seen.add(symbol.name)
    for kind in _kinds(hit, added.outside):
        for method, path, name, does, field, usual in kind["routes"]:
            value = members.own_member(scan.graph.ev, made, field) if field and made is not None else None
            if name in seen or (value.value if isinstance(value, Const) else usual) is not True:
                continue
            touch = Touch(operation=does, target=added.model, place=scan.place(hit)) if does and added.model else None
            _add(scan, hit, method, added.path + path, scan.place(hit), added.classes[0] if added.classes else None, around, touch)
        break


def _marked(scan: Scan, hit: Hit, where: SymbolId) -> Iterator[tuple[str, str]]:
    said = hit.rule.options["marks"]
    for mark in of_kind(decorators_of(scan.graph, where), tuple(said["callee"])):
        thunks = arguments(scan.graph, mark)[:1]
        paths = [t for given in thunks for t in texts(scan.graph.ev, scan.graph.ev.thunk(given))] or ["/"]
        methods = [m.upper() for m in _given(scan, mark.site, said["methods"])] if mark.site is not None else []
        yield from ((m, p) for p in paths for m in methods or ["GET"])


def _add(
    scan: Scan, hit: Hit, method: str, path: str, place: Place, handler: AV | None, guards: tuple[Guard, ...], touch: Touch | None
) -> None:
    scan.routing.registrations.append(
        Registration(
            router=None, method=method, path=path, place=place, start=place.line, card=hit.card, rule=hit.rule, handler=handler,
            guards=guards, touches=(touch,) if touch is not None else (),
        )
    )  # fmt: skip
