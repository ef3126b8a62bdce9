"""Modules that go by their whole name everywhere (Elixir), and the aliases that a module gets from one that it uses.

`use Web, :controller` puts what `def controller do quote do alias Shop.Orders end end` of `Web` quotes into the module,
and what the modules quote that it uses in turn (`use Shop.Shared`).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from backend_readiness.facts.model import Import, Member, Name
from backend_readiness.graph.values import AV, Ext, SymbolId
from backend_readiness.graph.views import FileView

if TYPE_CHECKING:
    from backend_readiness.graph.evaluation.evaluate import Evaluator

MAX_DEPTH = 3
_USING = "__using__"  # runs where another module says `use` of this one
_BY_WHOLE_NAME = frozenset({"python"})  # `import shop.views` binds `shop`


def meant(ev: Evaluator, view: FileView, name: str, depth: int = 0) -> AV:
    """The module of that name: a class of the repository, or one of a package."""
    found = [s for s in ev.world.defining(name) if ev.world.view(s.file).language == view.language]
    if found:
        return ev.symbol_value(found[0])
    first, dot, rest = name.partition(".")
    for item in _quoted(ev, view) if depth < MAX_DEPTH else ():
        if item.local == first:
            return meant(ev, view, item.module + dot + rest, depth + 1)
    return Ext(name)


def imported_module(ev: Evaluator, view: FileView, written: Member) -> str | None:
    """The file of a module that is imported and spoken of by its whole name, whose folders need be no packages: `import shop.views`."""
    if view.language not in _BY_WHOLE_NAME or not any(m.endswith(f".{written.name}") for m in view.loaded):
        return None
    names, root = [written.name], written.base
    while isinstance(root, Member):
        names.append(root.name)
        root = root.base
    dotted = ".".join([root.id, *reversed(names)]) if isinstance(root, Name) else ""
    bound = (0, dotted.partition(".")[0]) in view.bindings
    return ev.world.resolve(dotted, view.path) if dotted in view.loaded and not bound else None


def macro(ev: Evaluator, view: FileView, written: Member) -> AV | None:
    """A macro of the repository that a module gets by what it uses: `use Web, :router`, which imports `Web.Routes` in quoted code."""
    if not isinstance(written.base, Name) or not written.base.id.startswith(":"):
        return None
    for star in quoted_stars(ev, view):
        for where in ev.world.defining(star):
            other = ev.world.view(where.file)
            for child in other.named_children.get((where.index, written.name), ()) if other.language == view.language else ():
                return ev.symbol_value(SymbolId(where.file, child))
    return None


def quoted_stars(ev: Evaluator, view: FileView) -> list[str]:
    """The modules that a file imports whole through what it uses."""
    return [item.module for item in _quoted(ev, view) if item.name == "*"]


def _quoted(ev: Evaluator, view: FileView) -> Iterator[Import]:
    asked = {b.id[1:] for s in view.facts.symbols for b in s.bases if isinstance(b, Name) and b.id.startswith(":")} | {_USING}
    return _of_used(ev, view, sorted(view.loaded), asked, 0)


def _of_used(ev: Evaluator, view: FileView, modules: list[str], asked: set[str], depth: int) -> Iterator[Import]:
    """What those modules quote for who uses them, then what the modules that they use in the quoted code do."""
    used = []
    for module in modules:
        for where in ev.world.defining(module):
            other = ev.world.view(where.file)
            if other is view or other.language != view.language:
                continue
            for item in other.facts.imports:
                if not item.owner or other.symbol(item.owner).name not in asked:
                    continue
                if item.local is None and item.name is None:
                    used.append(item.module)
                else:
                    yield item
    if used and depth < MAX_DEPTH:
        yield from _of_used(ev, view, used, {_USING}, depth + 1)
