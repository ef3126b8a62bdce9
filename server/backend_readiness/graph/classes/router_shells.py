"""Classes of the repository around one router, whose methods only hand on to it:

    func (r *shell) Get(path string, fn handler)          { r.chi.Get(path, wrap(fn)) }
    func (r *shell) Route(path string, fn func(r *shell)) { r.chi.Route(path, func(c chi.Router) { fn(&shell{c}) }) }

Only a class that also makes the shells of the routers below it, as `Route` does, is read so: there it matters on which router a call of
`Get` stands. Such a method is the member of the router that it hands on to, and what stands in its body registers nothing by itself.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from backend_readiness.facts.builder import last_name
from backend_readiness.facts.model import Call, CallRef, Func, Member, Name, Symbol, Value
from backend_readiness.graph.classes import parts
from backend_readiness.graph.classes.structural import LANGUAGES
from backend_readiness.graph.values import AV, ClassV, Ext, InstV, SymbolId, options
from backend_readiness.graph.views import FileView

if TYPE_CHECKING:
    from backend_readiness.graph.evaluation.evaluate import Evaluator


@dataclass(frozen=True, slots=True)
class HandedOn:
    """What a method hands on to: `field.member(...)`, written in the symbol `where`."""

    field: str
    member: str
    where: SymbolId


Methods = Mapping[str, HandedOn]  # name of a method -> what it hands on to


def behind(ev: Evaluator, receiver: AV, name: str) -> AV | None:
    """The member of the router that a method of a shell hands on to; None when the receiver is no shell, or the method does more."""
    if not isinstance(receiver, InstV):
        return None
    meant = _methods(ev, receiver.cls).get(name)
    if meant is None:
        return None
    held = ev.member(receiver, meant.field)
    found = [_member(h, meant.member, receiver) for h in options(held) if isinstance(h, Ext)]
    return found[0] if len(found) == 1 else None


def renamed(ev: Evaluator, router: Ext, name: str) -> str:
    """The name that a method of the shell around a router has there: `UseBypass` is `Use`."""
    meant = _methods(ev, router.subject.cls).get(name) if isinstance(router.subject, InstV) else None
    return meant.member if meant is not None else name


def is_shell(ev: Evaluator, value: AV) -> bool:
    return isinstance(value, InstV) and bool(_methods(ev, value.cls))


def hands_on_to_router(ev: Evaluator, view: FileView, owner: int) -> bool:
    """Does a call in this symbol stand in a method that hands on to the router of its shell? It is read where that method is called."""
    for scope in view.enclosing(owner) if view.language in LANGUAGES else ():
        symbol = view.symbol(scope)
        if symbol.kind == "method" and symbol.parent > 0:
            cls = ClassV(parts.declared(ev, SymbolId(view.path, symbol.parent)))
            meant = _methods(ev, cls).get(symbol.name)
            return meant is not None and meant.where == SymbolId(view.path, scope)
    return False


def _member(router: Ext, name: str, shell: InstV) -> Ext:
    return Ext(f"{router.path}.{name}", router, None, shell, f"{router.alias}.{name}" if router.alias else "")


def _methods(ev: Evaluator, cls: ClassV) -> Methods:
    """Those of a class that is a shell; of any other none."""
    known = ev.shells.get(cls.symbol)
    if known is not None:
        return known
    ev.shells[cls.symbol] = {}
    if ev.world.view(cls.symbol.file).language not in LANGUAGES:
        return {}
    found: dict[str, HandedOn] = {}
    makes_below = False
    for view, index in _written(ev, cls):
        symbol = view.symbol(index)
        call = _handing_on(view, index, symbol)
        if call is not None and isinstance(call.callee, Member) and isinstance(call.callee.base, Member):
            found[symbol.name] = HandedOn(call.callee.base.name, call.callee.name, SymbolId(view.path, index))
            makes_below = makes_below or _makes_below(view, call, symbol, ev.world.view(cls.symbol.file).symbol(cls.symbol.index).name)
    if makes_below and _is_around_a_router(ev, cls, found):
        ev.shells[cls.symbol] = found
    return ev.shells[cls.symbol]


def _written(ev: Evaluator, cls: ClassV) -> Iterator[tuple[FileView, int]]:
    for part in parts.parts(ev, cls):
        view = ev.world.view(part.file)
        yield from ((view, i) for i in view.children.get(part.index, ()) if view.symbol(i).kind == "method")


def _handing_on(view: FileView, index: int, symbol: Symbol) -> Call | None:
    """The only call of a method on a field of its object, when it is given the parameters of the method in their order."""
    names = [p.name for p in symbol.params if p.name != "self"]
    calls = [view.facts.calls[n] for n in view.calls_of.get(index, ())]
    on_field = [
        c for c in calls if isinstance(c.callee, Member) and isinstance(c.callee.base, Member) and c.callee.base.base == Name("self")
    ]
    if len(on_field) != 1 or not names or len(on_field[0].args) != len(names):
        return None
    given = zip(on_field[0].args, names, strict=True)
    return on_field[0] if all(_holds(view, arg.value, name) for arg, name in given) else None


def _holds(view: FileView, value: Value, name: str) -> bool:
    """Is the value a parameter, a call that is given it, or a function that calls it?"""
    match value:
        case Name():
            return value.id == name
        case CallRef():
            return any(_holds(view, a.value, name) for a in view.facts.calls[value.call].args)
        case Func():
            return any(c.callee == Name(name) and value.symbol in view.enclosing(c.owner) for c in view.facts.calls)
    return False


def _makes_below(view: FileView, call: Call, symbol: Symbol, cls: str) -> bool:
    """Is a parameter of the method called with a new shell: `fn(&shell{c})`?"""
    names = {p.name for p in symbol.params}
    for arg in call.args:
        for inner in view.facts.calls if isinstance(arg.value, Func) else ():
            if isinstance(arg.value, Func) and arg.value.symbol in view.enclosing(inner.owner) and isinstance(inner.callee, Name):
                made = [view.facts.calls[a.value.call] for a in inner.args if isinstance(a.value, CallRef)]
                if inner.callee.id in names and any(last_name(m.callee) == cls for m in made):
                    return True
    return False


def _is_around_a_router(ev: Evaluator, cls: ClassV, methods: Methods) -> bool:
    """Is the field that the methods hand on to a router, by the type that it is declared with?"""
    fields = {m.field for m in methods.values()}
    held = ev.member(InstV(cls), next(iter(fields))) if len(fields) == 1 else None
    return held is not None and any(
        isinstance(h, Ext) and ev.world.registers(f"{h.path}.{m.member}") for h in options(held) for m in methods.values()
    )
