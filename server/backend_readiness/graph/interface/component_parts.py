"""Components whose file holds a class: the other files that the members of that class stand in.

`Cart.razor` and `Cart.razor.cs` are two parts of the class `Cart`, and what a file like `_Imports.razor` declares, all components of its
folder and below have. Cards name both (`beside`, `shared`).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from backend_readiness.graph.values import SymbolId

if TYPE_CHECKING:
    from backend_readiness.graph.evaluation.questions import World
    from backend_readiness.rules.page_rules import ComponentRule

MAX_FOLDERS = 40


def rules_of(world: World) -> list[ComponentRule]:
    """The rules of components whose file holds a class."""
    return [r for r in world.knowledge.components if r.beside or r.shared]


def component_of(world: World, where: SymbolId) -> tuple[str, ComponentRule] | None:
    """The component file that a class is a part of, with its rule; None for any other class."""
    for rule in rules_of(world):
        view = world.view(where.file)
        if view.language == rule.language:
            return where.file, rule
        file = where.file.removesuffix(rule.beside)
        if rule.beside and file != where.file and _stands(world, file) and world.view(file).language == rule.language:
            return (file, rule) if view.symbol(where.index).name == stem(file) else None
    return None


def _stands(world: World, file: str) -> bool:
    folder, _, name = file.rpartition("/")
    return name in world.entries(folder) and not world.entries(file)  # a folder may be called like a class beside it


def stem(file: str) -> str:
    return file.rpartition("/")[2].partition(".")[0]


def parts_of(world: World, where: SymbolId) -> Sequence[SymbolId]:
    """The parts of a component's class, the asked one first; empty for a class of no component."""
    found = component_of(world, where)
    if found is None:
        return ()
    return list(dict.fromkeys((where, *_parts(world, *found))))


def _parts(world: World, file: str, rule: ComponentRule) -> Iterator[SymbolId]:
    yield from _classes(world, file, "")
    if rule.beside:
        yield from _classes(world, file + rule.beside, stem(file))
    folder = file
    for _ in range(MAX_FOLDERS if rule.shared else 0):
        folder, slash, _ = folder.rpartition("/")
        yield from _classes(world, f"{folder}/{rule.shared}" if slash else rule.shared, "")
        if not slash:
            break


def _classes(world: World, file: str, name: str) -> list[SymbolId]:
    if not _stands(world, file):
        return []
    symbols = world.view(file).facts.symbols
    return [SymbolId(file, i) for i, s in enumerate(symbols) if s.kind == "class" and s.parent == 0 and s.name == name]
