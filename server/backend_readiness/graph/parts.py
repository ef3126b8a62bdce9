"""Classes whose methods stand in several files of a package: the declared class, and the parts that other files add to it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from backend_readiness.graph import constants
from backend_readiness.graph.values import AV, ClassV, PackageV, SymbolId

if TYPE_CHECKING:
    from backend_readiness.graph.evaluate import Evaluator


def declared(ev: Evaluator, where: SymbolId) -> SymbolId:
    """The class that a part belongs to; the symbol itself when it is none, or when no file of the package declares it."""
    symbol = ev.world.view(where.file).symbol(where.index)
    if not symbol.partial:
        return where
    for package in ev.world.packages_seen(where.file):
        for found in ev.world.defining(symbol.name):
            if found.file in package.files and ev.world.view(found.file).symbol(found.index).parent == 0:
                return found
    meant = ev.lookup(symbol.name, where.file, max(0, symbol.parent))  # of another module, imported where the part stands
    return meant.symbol if isinstance(meant, ClassV) else where


def parts(ev: Evaluator, cls: ClassV) -> Iterator[SymbolId]:
    """The class itself and its parts in other files of its package, or in files that import it, or wherever it is opened again."""
    reopened = constants.parts(ev, cls.symbol)
    if reopened:
        yield from reopened
        return
    yield cls.symbol
    name = ev.world.view(cls.symbol.file).symbol(cls.symbol.index).name
    others = ev.world.parts_named(name)
    if not others:
        return
    package: PackageV | None = next(iter(ev.world.packages_seen(cls.symbol.file)), None)
    if package is not None:
        yield from (where for where in others if where.file in package.files and where != cls.symbol)
        return
    for where in others:
        if where not in ev.part_of:
            ev.part_of[where] = where  # asked again while it is looked for
            ev.part_of[where] = declared(ev, where)
        if where != cls.symbol and ev.part_of[where] == cls.symbol:
            yield where


def fitting(ev: Evaluator, defined: list[SymbolId], receiver: AV) -> list[SymbolId]:
    """Of several members of one name, those of the class itself for the class and the others for its instances."""
    if len(defined) < 2:
        return defined
    same = [s for s in defined if ev.world.view(s.file).symbol(s.index).is_static == isinstance(receiver, ClassV)]
    return same or defined


def methods(ev: Evaluator, cls: ClassV, name: str) -> list[SymbolId]:
    """The members of that name that are written in the class or in a part of it, the last one first."""
    found: list[SymbolId] = []
    for part in parts(ev, cls):
        found.extend(SymbolId(part.file, i) for i in reversed(ev.world.view(part.file).named_children.get((part.index, name), ())))
    return found
