"""Classes whose methods stand in several files of a package: the declared class, and the parts that other files add to it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from backend_readiness.facts.model import Func, Name
from backend_readiness.graph.classes import written_in_parts
from backend_readiness.graph.evaluation import constants
from backend_readiness.graph.interface import component_parts
from backend_readiness.graph.values import AV, ClassV, PackageV, SymbolId
from backend_readiness.graph.views import FileView

if TYPE_CHECKING:
    from backend_readiness.graph.evaluation.evaluate import Evaluator

_NAMED_BESIDE = frozenset({"rust"})  # languages whose macros make classes under two names
_CASELESS = frozenset({"php"})  # languages to which `getAll` and `getall` are one method


def declared(ev: Evaluator, where: SymbolId) -> SymbolId:
    """The class that a part belongs to; the symbol itself when it is none, or when no file of the package declares it."""
    symbol = ev.world.view(where.file).symbol(where.index)
    if not symbol.partial:
        return where
    if symbol.returns is not None:  # `impl super::Orders`
        named = ev.value(symbol.returns, where.file, max(0, symbol.parent))
        return named.symbol if isinstance(named, ClassV) else where
    for package in ev.world.packages_seen(where.file):
        for found in ev.world.defining(symbol.name):
            if found.file in package.files and ev.world.view(found.file).symbol(found.index).parent == 0:
                return found
    meant = ev.lookup(symbol.name, where.file, max(0, symbol.parent))  # of another module, imported where the part stands
    return meant.symbol if isinstance(meant, ClassV) else where


def parts(ev: Evaluator, cls: ClassV) -> Sequence[SymbolId]:
    """The class itself and its parts in other files of its package, or in files that import it, or wherever it is opened again."""
    known = ev.parts_of.get(cls.symbol)
    if known is None:
        known, is_settled = _parts(ev, cls)
        if is_settled:
            ev.parts_of[cls.symbol] = known
    return known


def _parts(ev: Evaluator, cls: ClassV) -> tuple[Sequence[SymbolId], bool]:
    """The parts, and whether that is their last word: while it is looked for whose a part is, it is not."""
    of_component = component_parts.parts_of(ev.world, cls.symbol)
    if of_component:
        return of_component, True
    in_pieces = written_in_parts.parts_of(ev.world, cls.symbol)
    if in_pieces:
        return in_pieces, True
    reopened = constants.parts(ev, cls.symbol)
    if reopened:
        return reopened, True
    view = ev.world.view(cls.symbol.file)
    others = [where for name in _names(view, cls.symbol.index) for where in ev.world.parts_named(name)]
    package: PackageV | None = next(iter(ev.world.packages_seen(cls.symbol.file)), None) if others else None
    if package is not None:
        return [cls.symbol, *(where for where in others if where.file in package.files and where != cls.symbol)], True
    for where in others:
        if where not in ev.part_of:
            ev.part_of[where] = where  # asked again while it is looked for
            ev.part_of[where] = declared(ev, where)
    return [cls.symbol, *(where for where in others if where != cls.symbol and ev.part_of[where] == cls.symbol)], not others


def _names(view: FileView, index: int) -> list[str]:
    """The name of the class, and those that its file gives it beside: a derive makes `ActiveModel` of the table `users`."""
    bound = view.facts.assigns if view.language in _NAMED_BESIDE else ()
    beside = [a.target.id for a in bound if a.kind == "const" and a.value == Func(index) and isinstance(a.target, Name)]
    return [view.symbol(index).name, *beside]


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
        view = ev.world.view(part.file)
        named = view.named_children.get((part.index, name), ())
        if not named and view.language in _CASELESS:
            inside = (i for i in view.children.get(part.index, ()) if view.symbol(i).kind == "method")
            named = [i for i in inside if view.symbol(i).name.lower() == name.lower()]
        found.extend(SymbolId(part.file, i) for i in reversed(named))
    return found
