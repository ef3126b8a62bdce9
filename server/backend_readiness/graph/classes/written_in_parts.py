"""Classes that each of several files declares a part of: `partial class` of C#. All parts say so, have one name and one name space."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from backend_readiness.facts.model import Name, Symbol
from backend_readiness.graph.values import SymbolId

if TYPE_CHECKING:
    from backend_readiness.graph.evaluation.questions import World
    from backend_readiness.graph.views import FileView

LANGUAGES = frozenset({"csharp"})
MAX_PARTS = 40
_SAYS = Name("partial")


def parts_of(world: World, where: SymbolId) -> tuple[SymbolId, ...]:
    """The parts, the asked one first; empty for a class that is written in one piece."""
    view = world.view(where.file)
    symbol = view.symbol(where.index)
    if view.language not in LANGUAGES or _SAYS not in symbol.decorators:
        return ()
    package = next(iter(world.packages_seen(where.file)), None)
    files, around = (package.files if package is not None else (where.file,)), _around(view, where.index)
    same = (s for s in world.defining(symbol.name) if s != where and s.file in files)
    others = [s for s in same if _SAYS in _symbol(world, s).decorators and _around(world.view(s.file), s.index) == around]
    return (where, *others[:MAX_PARTS]) if others else ()


def leading(world: World, parts: Sequence[SymbolId]) -> SymbolId:
    """The part that stands for the class: one that says what is above it, the first file else."""
    return min(parts, key=lambda s: (not _symbol(world, s).bases, s.file, s.index))


def _symbol(world: World, where: SymbolId) -> Symbol:
    return world.view(where.file).symbol(where.index)


def _around(view: FileView, index: int) -> tuple[str, ...]:
    """The names of the classes around a class."""
    found: list[str] = []
    parent = view.symbol(index).parent
    while parent > 0 and len(found) < MAX_PARTS:
        found.append(view.symbol(parent).name)
        parent = view.symbol(parent).parent
    return tuple(found)
