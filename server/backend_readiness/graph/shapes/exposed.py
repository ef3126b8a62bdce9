"""Classes whose methods are pages by their names: `cherrypy.tree.mount(Root(), "/shop")`, `@cherrypy.expose def orders(self): ...`.

`handler` is the object that is mounted, `prefix` the path below which. Options of the rule: `marks` are decorators of such a method or of
a class whose methods are named after HTTP methods; `flags` are members that do the same when they are set to true; `index` is the method
at the object's own path, `rest` the one that takes what follows. Fields that hold other objects are paths of their own.
"""

from __future__ import annotations

from backend_readiness.facts.model import CallRef, Lit, Member, Value
from backend_readiness.graph import members
from backend_readiness.graph.patterns import compiled
from backend_readiness.graph.routing import Registration
from backend_readiness.graph.scan import Hit, Scan
from backend_readiness.graph.values import ClassV, Const, Ext, FuncV, InstV, SymbolId, options
from backend_readiness.graph.views import FileView
from backend_readiness.model import Place

MAX_DEPTH = 8
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS")


def collect(scan: Scan) -> None:
    for hit in scan.hits.get("exposed", ()):
        value = scan.value(hit, hit.rule.handler)
        prefixes = scan.texts(hit, hit.rule.prefix) if hit.rule.prefix is not None else []
        for option in options(value) if value is not None else ():
            if isinstance(option, InstV):
                for prefix in prefixes or [""]:
                    _object(scan, hit, option.cls, prefix.rstrip("/"), 0, frozenset())


def _object(scan: Scan, hit: Hit, cls: ClassV, path: str, depth: int, seen: frozenset[SymbolId]) -> None:
    if depth > MAX_DEPTH or cls.symbol in seen:
        return
    graph, spec = scan.graph, hit.rule.options
    view = graph.view(cls.symbol.file)
    whole = _is_marked(scan, spec, view, cls.symbol.index)
    for child in view.children.get(cls.symbol.index, ()):
        symbol = view.symbol(child)
        if symbol.kind not in ("method", "function") or symbol.name.startswith("__"):
            continue
        if whole and symbol.name in METHODS:
            extra = [p.name for p in symbol.params[1:] if p.default is None and not p.kind]
            _add(scan, hit, symbol.name, path + "".join(f"/{{{n}}}" for n in extra), cls, child)
        elif _is_marked(scan, spec, view, child):
            tail = "" if symbol.name == spec["index"] else "/{rest*}" if symbol.name == spec["rest"] else f"/{symbol.name}"
            _add(scan, hit, hit.rule.method or "ANY", path + tail, cls, child)
    for name in _fields(view, cls.symbol.index):
        value = members.own_member(graph.ev, InstV(cls), name)
        for option in options(value) if value is not None else ():
            if isinstance(option, InstV) and not name.startswith("_"):
                _object(scan, hit, option.cls, f"{path}/{name}", depth + 1, seen | {cls.symbol})


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
    flags = spec.get("flags", ())
    if symbol.kind == "class":
        value_of = (members.own_member(scan.graph.ev, ClassV(SymbolId(view.path, index)), f) for f in flags)
        return any(v == Const(True) for v in value_of)
    return any(
        isinstance(a.target, Member) and a.target.name in flags and getattr(a.target.base, "id", "") == symbol.name
        and isinstance(a.value, Lit) and a.value.value is True
        for a in view.facts.assigns if a.owner == symbol.parent
    )  # fmt: skip


def _add(scan: Scan, hit: Hit, method: str, path: str, cls: ClassV, child: int) -> None:
    symbol = scan.graph.view(cls.symbol.file).symbol(child)
    scan.routing.registrations.append(
        Registration(
            router=None, method=method, path=path or "/", place=Place(file=cls.symbol.file, line=symbol.line, end_line=symbol.line),
            start=symbol.start, card=hit.card, rule=hit.rule, handler=FuncV(SymbolId(cls.symbol.file, child), InstV(cls)),
        )
    )  # fmt: skip
