"""Classes whose methods are pages by their names: `cherrypy.tree.mount(Root(), "/shop")`, `@cherrypy.expose def orders(self): ...`.

`handler` is the object that is mounted, `prefix` the path below which. Options of the rule: `marks` are decorators of such a method or of
a class whose methods are named after HTTP methods; `flags` are members that do the same when they are set to true, by a decorator of the
repository too; `index` is the method at the object's own path, `rest` the one that takes what follows, `takes` are decorators of a class
that name what its path takes.
Fields that hold other objects, set by the class or put on the object from outside, are paths of their own. The other options: see
`graph.routes.exposed_resources`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from backend_readiness.facts.model import CallRef, Lit, Member, Name, Value
from backend_readiness.graph.classes.inheritance import bases
from backend_readiness.graph.evaluation import members, params
from backend_readiness.graph.patterns import compiled
from backend_readiness.graph.routes.exposed_resources import (
    answers_of_method,
    answers_when,
    is_named,
    is_resource,
    looked_up,
    member_of,
    roots,
    segment_of,
)
from backend_readiness.graph.routes.routing import Registration
from backend_readiness.graph.routes.scan import Hit, Scan
from backend_readiness.graph.urls import texts
from backend_readiness.graph.values import ClassV, Const, Ext, FuncV, InstV, ParamV, SymbolId, Thunk, options
from backend_readiness.graph.views import FileView
from backend_readiness.model import Place
from backend_readiness.rules.card_rules import RouteRule
from backend_readiness.rules.cards import Card

MAX_DEPTH = 8
Said = tuple[Card, RouteRule]
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS")


def collect(scan: Scan) -> None:
    known: set[str] = set()  # cards of which a call says where a tree begins
    for hit in scan.hits.get("exposed", ()):
        thunk = _made_by(scan, scan.thunk(hit, hit.rule.handler))
        value = scan.value(hit, hit.rule.handler)
        prefixes = _prefixes(scan, hit)
        for option in options(value) if value is not None else ():
            if isinstance(option, InstV):
                known.add(hit.card.id)
                for prefix in prefixes or [""]:
                    _object(scan, (hit.card, hit.rule), option.cls, prefix.rstrip("/"), frozenset(), thunk)
    for card in [c for c in scan.graph.knowledge.cards if c.id not in known]:
        for rule in [r for r in card.routes if r.shape == "exposed" and "roots" in r.options][:1]:
            for cls in roots(scan, rule.options):
                _object(scan, (card, rule), cls, "", frozenset(), None)


def _prefixes(scan: Scan, hit: Hit) -> list[str]:
    """The paths that the object is mounted at; one that only a setting knows is the root by default."""
    given = scan.value(hit, hit.rule.prefix)
    if isinstance(given, ParamV):
        return texts(scan.graph.ev, params.given_by_callers(scan.graph.ev, given))
    return [] if hit.rule.prefix is None or scan.is_open(hit, hit.rule.prefix) else scan.texts(hit, hit.rule.prefix)


def _made_by(scan: Scan, thunk: Thunk | None) -> Thunk | None:
    """The name by which a function speaks of the object that it gives back: `mount(make_root())`."""
    if thunk is None or not isinstance(thunk.expr, CallRef):
        return thunk
    call = scan.graph.view(thunk.file).facts.calls[thunk.expr.call]
    for option in options(scan.graph.ev.value(call.callee, thunk.file, call.owner, thunk.env)):
        if isinstance(option, FuncV):
            where = option.symbol
            for returned in scan.graph.view(where.file).returns.get(where.index, ()):
                if isinstance(returned.value, Name):
                    return Thunk(where.file, where.index, returned.value, None)
    return thunk


def _object(scan: Scan, said: Said, cls: ClassV, path: str, seen: frozenset[SymbolId], written: Thunk | None) -> None:
    """The pages of an object of the class at `path`; `written` is the name or member by which code speaks of the object."""
    if len(seen) > MAX_DEPTH or cls.symbol in seen:
        return
    spec = said[1].options
    path += _taken_by_class(scan, spec, cls)
    lines = (cls, *(b for b in bases(scan.graph.ev, cls) if isinstance(b, ClassV)))
    names: set[str] = set()
    for one in lines:
        names |= _pages(scan, said, one, path, names, InstV(cls), lines)
    fields = [n for one in lines for n in _fields(scan.graph.view(one.symbol.file), one.symbol.index)]
    below = {n: members.own_member(scan.graph.ev, InstV(cls), n) for n in dict.fromkeys(fields)}
    outside = Thunk(cls.symbol.file, 0, Name(scan.graph.view(cls.symbol.file).symbol(cls.symbol.index).name), None)
    put_on = {**_put_on(scan, outside), **_put_on(scan, written)}  # `Root.orders = Orders()`, `root.orders = Orders()`
    for name, inner in looked_up(scan, spec, cls):
        _object(scan, said, inner, f"{path}/{{{name}}}", seen | {cls.symbol}, None)
    path += member_of(scan, spec, cls, path) if is_resource(scan, spec, cls) else ""
    for name, value in {**below, **{n: scan.graph.ev.thunk(t) for n, (t, _) in put_on.items()}}.items():
        for option in options(value) if value is not None else ():
            if isinstance(option, InstV) and not name.startswith("_"):
                _object(scan, said, option.cls, f"{path}/{name}", seen | {cls.symbol}, put_on[name][1] if name in put_on else None)


def _put_on(scan: Scan, written: Thunk | None) -> dict[str, tuple[Thunk, Thunk]]:
    """What code puts on the object from outside, and how it is then spoken of: `root.orders = Orders()`."""
    found: dict[str, tuple[Thunk, Thunk]] = {}
    if written is None or not isinstance(written.expr, Name | Member):
        return found
    for assign in scan.graph.view(written.file).facts.assigns:
        target = assign.target
        if isinstance(target, Member) and target.base == written.expr and assign.owner in (0, written.owner) and assign.value is not None:
            thunks = (Thunk(written.file, assign.owner, e, written.env) for e in (assign.value, target))
            found[target.name] = (next(thunks), next(thunks))
    return found


def _taken_by_class(scan: Scan, spec: Mapping[str, Any], cls: ClassV) -> str:
    """The parts of the path that a decorator of the class takes as arguments: `@cherrypy.popargs("order_id")`."""
    view = scan.graph.view(cls.symbol.file)
    symbol = view.symbol(cls.symbol.index)
    found: list[str] = []
    for decorator in symbol.decorators:
        call = view.facts.calls[decorator.call] if isinstance(decorator, CallRef) else None
        for option in options(scan.graph.ev.value(call.callee, view.path, max(0, symbol.parent))) if call is not None else ():
            if call is not None and isinstance(option, Ext) and option.path in spec.get("takes", ()):
                found += [str(a.value.value) for a in call.args if a.name is None and isinstance(a.value, Lit)]
    return "".join(f"/{{{name}}}" for name in found)


def _pages(scan: Scan, said: Said, cls: ClassV, path: str, known: set[str], made: InstV, lines: tuple[ClassV, ...]) -> set[str]:
    """Register the pages that the class itself writes, without those that a class below it writes too; their names."""
    spec, view = said[1].options, scan.graph.view(cls.symbol.file)
    whole = any(_is_marked(scan, spec, scan.graph.view(c.symbol.file), c.symbol.index) for c in lines)
    collection = is_resource(scan, spec, made.cls)
    found: set[str] = set()
    for child in view.children.get(cls.symbol.index, ()):
        symbol = view.symbol(child)
        if symbol.kind not in ("method", "function") or symbol.name in known:
            continue
        if symbol.name.startswith("_") and symbol.name != spec["rest"]:
            continue
        found.add(symbol.name)
        page = answers_when(spec, view, symbol)
        if whole and symbol.name in METHODS:
            in_path = re.findall(r"\{(\w+)\}", path)
            extra = [p.name for p in symbol.params[1:] if p.default is None and not p.kind and p.name not in in_path]
            _add(scan, said, symbol.name, path + "".join(f"/{{{n}}}" for n in extra), made, cls, child)
        elif page is not None:
            _add(scan, said, page[1], path if page[0] == spec["index"] else f"{path}/{page[0]}", made, cls, child)
        elif _is_marked(scan, spec, view, child) or is_named(spec, view, symbol):
            listed = answers_of_method(scan, spec, made.cls, symbol, path) if collection else []
            for method, whole_path in listed:
                _add(scan, said, method, whole_path, made, cls, child)
            tail = segment_of(spec, view, symbol)
            tail = "" if tail == spec["index"] else "/{rest*}" if tail == spec["rest"] else f"/{tail}"
            if not listed:
                _add(scan, said, said[1].method or "ANY", path + tail, made, cls, child)
    return found


def _fields(view: FileView, cls: int) -> list[str]:
    """Fields of the class: in its body, and set on the object in its constructor."""
    found = [name for owner, name in view.fields if owner == cls]
    return list(dict.fromkeys(found))


def _is_marked(scan: Scan, spec: Mapping[str, Any], view: FileView, index: int) -> bool:
    symbol = view.symbol(index)
    for decorator in symbol.decorators:
        value: Value = view.facts.calls[decorator.call].callee if isinstance(decorator, CallRef) else decorator
        for option in options(scan.graph.ev.value(value, view.path, max(0, symbol.parent))):
            if isinstance(option, Ext) and any(compiled(m).fullmatch(option.path) for m in spec["marks"]):
                return True
            if isinstance(option, FuncV) and symbol.kind != "class" and _marks(scan, option.symbol, spec.get("flags", ())):
                return True
    flags = spec.get("flags", ())
    if symbol.kind == "class":
        value_of = (members.own_member(scan.graph.ev, ClassV(SymbolId(view.path, index)), f) for f in flags)
        return any(v == Const(True) for v in value_of)
    return any(
        isinstance(a.target, Member) and a.target.name in flags and getattr(a.target.base, "id", "") == symbol.name
        and isinstance(a.value, Lit) and a.value.value is True
        for a in view.facts.assigns if a.owner == symbol.parent
    )  # fmt: skip


def _marks(scan: Scan, where: SymbolId, flags: Iterable[str]) -> bool:
    """Does a decorator of the repository set such a member on the function that it is given (`wrapped.exposed = True`)?"""
    view = scan.graph.view(where.file)
    inside = set(view.body(where.index)) | {i for i in range(len(view.facts.symbols)) if where.index in view.enclosing(i)}
    given = {p.name for i in inside for p in view.symbol(i).params}
    return any(
        a.owner in inside and isinstance(a.target, Member) and a.target.name in flags and getattr(a.target.base, "id", "") in given
        and isinstance(a.value, Lit) and a.value.value is True
        for a in view.facts.assigns
    )  # fmt: skip


def _add(scan: Scan, said: Said, method: str, path: str, made: InstV, cls: ClassV, child: int) -> None:
    symbol = scan.graph.view(cls.symbol.file).symbol(child)
    scan.routing.registrations.append(
        Registration(
            router=None, method=method, path=path or "/", place=Place(file=cls.symbol.file, line=symbol.line, end_line=symbol.line),
            start=symbol.start, card=said[0], rule=said[1], handler=FuncV(SymbolId(cls.symbol.file, child), made),
        )
    )  # fmt: skip
