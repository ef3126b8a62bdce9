"""What stands behind abstract members: objects that are annotated with an interface, and members that only subclasses have.

`class Base { abstract route; list() { return get(this.route) } }`: what `route` is, only the receiver of a call tells.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from backend_readiness.facts.model import Index, Member, Name, Value
from backend_readiness.graph.values import AV, ClassV, Ext, FuncV, InstV, Obj, SymbolId, Text, UnionV, options

if TYPE_CHECKING:
    from backend_readiness.graph.evaluation.evaluate import Evaluator

MAX_FILES = 60
MAX_IMPLEMENTATIONS = 3


def annotated(ev: Evaluator, cls: ClassV, name: str) -> list[AV]:
    """The member in object literals that functions return as this interface; one for each function it leads to."""
    interface = ev.world.view(cls.symbol.file).symbol(cls.symbol.index)
    if interface.kind != "interface":
        return []
    key = (cls.symbol, name)
    known = ev.annotated_members.get(key)
    if known is not None or ("annotated", key) in ev.active:
        return known or []
    cuts = ev.cuts
    ev.active.add(("annotated", key))
    try:
        with ev.fresh():
            found = _find(ev, interface.name, name)
    finally:
        ev.active.discard(("annotated", key))
    if ev.cuts == cuts:
        ev.annotated_members[key] = found
    return found


def _find(ev: Evaluator, interface: str, name: str) -> list[AV]:
    found: dict[SymbolId, AV] = {}
    files = ev.world.naming(interface)
    for file in files if len(files) <= MAX_FILES else ():
        view = ev.world.view(file)
        for index, symbol in enumerate(view.facts.symbols):
            if symbol.returns is None or _last(symbol.returns) != interface or symbol.kind == "interface":
                continue
            for value in options(ev.invoke(FuncV(SymbolId(file, index)))):
                member = ev.member(value, name) if isinstance(value, Obj) else None
                for option in options(member) if member is not None else ():
                    if isinstance(option, FuncV):
                        found.setdefault(option.symbol, option)
    return list(found.values()) if len(found) <= MAX_IMPLEMENTATIONS else []


def _last(annotation: Value) -> str:
    """The name of a type; inside of a wrapper (`Promise<Requests>`) that of the first argument."""
    if isinstance(annotation, Index):
        return _last(annotation.key)
    return annotation.id if isinstance(annotation, Name) else annotation.name if isinstance(annotation, Member) else ""


def open_receivers(ev: Evaluator, value: AV, depth: int = 0) -> Iterator[SymbolId]:
    """The classes whose unknown members a value depends on, when they have subclasses: the receiver decides."""
    match value:
        case Text(parts=parts) if depth < 6:
            for part in parts:
                if not isinstance(part, str):
                    yield from open_receivers(ev, part, depth + 1)
        case UnionV(options=several) if depth < 6:
            for option in several:
                yield from open_receivers(ev, option, depth + 1)
        case Ext(base=InstV(cls=cls)) if not value.known:
            if ev.world.subclasses(ev.world.view(cls.symbol.file).symbol(cls.symbol.index).name):
                yield cls.symbol
        case Ext(base=base) if base is not None and not value.known and depth < 6:
            yield from open_receivers(ev, base, depth + 1)
        case _:
            return


def on_receiver(ev: Evaluator, value: Ext, receiver: AV) -> AV | None:
    """An unknown member of an abstract receiver (`?Base.route`, `?Base.path()`) on the receiver that a call has."""
    if value.known or not isinstance(value.base, InstV) or not isinstance(receiver, InstV):
        return None
    name = value.path.rpartition(".")[2]
    found = ev.member(receiver, name.removesuffix("()"))
    return ev.invoke(found) if name.endswith("()") else found
