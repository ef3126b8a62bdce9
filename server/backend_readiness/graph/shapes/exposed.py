"""Classes whose methods are pages by their names: `cherrypy.tree.mount(Root(), "/shop")`, `@cherrypy.expose def orders(self): ...`.

`handler` is the object that is mounted, `prefix` the path below which. Options of the rule: `marks` are decorators of such a method or of
a class whose methods are named after HTTP methods; `flags` are members that do the same when they are set to true, by a decorator of the
repository too; `index` is the method at the object's own path, `rest` the one that takes what follows, `takes` are decorators of a class
that name what its path takes.
Fields that hold other objects, set by the class or put on the object from outside, are paths of their own.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from backend_readiness.facts.model import CallRef, Lit, Member, Name, Value
from backend_readiness.graph.classes.inheritance import bases
from backend_readiness.graph.evaluation import members, params
from backend_readiness.graph.patterns import compiled
from backend_readiness.graph.routes.routing import Registration
from backend_readiness.graph.routes.scan import Hit, Scan
from backend_readiness.graph.urls import texts
from backend_readiness.graph.values import ClassV, Const, Ext, FuncV, InstV, ParamV, SymbolId, Thunk, options
from backend_readiness.graph.views import FileView
from backend_readiness.model import Place

MAX_DEPTH = 8
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS")


def collect(scan: Scan) -> None:
    for hit in scan.hits.get("exposed", ()):
        thunk = _made_by(scan, scan.thunk(hit, hit.rule.handler))
        value = scan.value(hit, hit.rule.handler)
        prefixes = _prefixes(scan, hit)
        for option in options(value) if value is not None else ():
            if isinstance(option, InstV):
                for prefix in prefixes or [""]:
                    _object(scan, hit, option.cls, prefix.rstrip("/"), frozenset(), thunk)


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


def _object(scan: Scan, hit: Hit, cls: ClassV, path: str, seen: frozenset[SymbolId], written: Thunk | None) -> None:
    """The pages of an object of the class at `path`; `written` is the name or member by which code speaks of the object."""
    if len(seen) > MAX_DEPTH or cls.symbol in seen:
        return
    path += _taken_by_class(scan, hit, cls)
    lines = (cls, *(b for b in bases(scan.graph.ev, cls) if isinstance(b, ClassV)))
    names: set[str] = set()
    for one in lines:
        names |= _pages(scan, hit, one, path, names, InstV(cls), lines)
    fields = [n for one in lines for n in _fields(scan.graph.view(one.symbol.file), one.symbol.index)]
    below = {n: members.own_member(scan.graph.ev, InstV(cls), n) for n in dict.fromkeys(fields)}
    put_on = _put_on(scan, written)
    for name, value in {**below, **{n: scan.graph.ev.thunk(t) for n, (t, _) in put_on.items()}}.items():
        for option in options(value) if value is not None else ():
            if isinstance(option, InstV) and not name.startswith("_"):
                _object(scan, hit, option.cls, f"{path}/{name}", seen | {cls.symbol}, put_on[name][1] if name in put_on else None)


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


def _taken_by_class(scan: Scan, hit: Hit, cls: ClassV) -> str:
    """The parts of the path that a decorator of the class takes as arguments: `@cherrypy.popargs("order_id")`."""
    view = scan.graph.view(cls.symbol.file)
    symbol = view.symbol(cls.symbol.index)
    found: list[str] = []
    for decorator in symbol.decorators:
        call = view.facts.calls[decorator.call] if isinstance(decorator, CallRef) else None
        for option in options(scan.graph.ev.value(call.callee, view.path, max(0, symbol.parent))) if call is not None else ():
            if call is not None and isinstance(option, Ext) and option.path in hit.rule.options.get("takes", ()):
                found += [str(a.value.value) for a in call.args if a.name is None and isinstance(a.value, Lit)]
    return "".join(f"/{{{name}}}" for name in found)


def _pages(scan: Scan, hit: Hit, cls: ClassV, path: str, known: set[str], made: InstV, lines: tuple[ClassV, ...]) -> set[str]:
    """Register the pages that the class itself writes, without those that a class below it writes too; their names."""
    spec, view = hit.rule.options, scan.graph.view(cls.symbol.file)
    whole = any(_is_marked(scan, spec, scan.graph.view(c.symbol.file), c.symbol.index) for c in lines)
    found: set[str] = set()
    for child in view.children.get(cls.symbol.index, ()):
        symbol = view.symbol(child)
        if symbol.kind not in ("method", "function") or symbol.name.startswith("__") or symbol.name in known:
            continue
        found.add(symbol.name)
        if whole and symbol.name in METHODS:
            in_path = re.findall(r"\{(\w+)\}", path)
            extra = [p.name for p in symbol.params[1:] if p.default is None and not p.kind and p.name not in in_path]
            _add(scan, hit, symbol.name, path + "".join(f"/{{{n}}}" for n in extra), made, cls, child)
        elif _is_marked(scan, spec, view, child):
            tail = "" if symbol.name == spec["index"] else "/{rest*}" if symbol.name == spec["rest"] else f"/{symbol.name}"
            _add(scan, hit, hit.rule.method or "ANY", path + tail, made, cls, child)
    return found


def _fields(view: FileView, cls: int) -> list[str]:
    """Fields of the class: in its body, and set on the object in its constructor."""
    found = [name for owner, name in view.fields if owner == cls]
    return list(dict.fromkeys(found))


def _is_marked(scan: Scan, spec: dict[str, list[str]], view: FileView, index: int) -> bool:
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


def _add(scan: Scan, hit: Hit, method: str, path: str, made: InstV, cls: ClassV, child: int) -> None:
    symbol = scan.graph.view(cls.symbol.file).symbol(child)
    scan.routing.registrations.append(
        Registration(
            router=None, method=method, path=path or "/", place=Place(file=cls.symbol.file, line=symbol.line, end_line=symbol.line),
            start=symbol.start, card=hit.card, rule=hit.rule, handler=FuncV(SymbolId(cls.symbol.file, child), made),
        )
    )  # fmt: skip
