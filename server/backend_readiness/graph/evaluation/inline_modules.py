"""What modules hold that stand inside of a file, and paths that start with a name which a file takes from another one whole (Rust)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from backend_readiness.graph.evaluation import exports
from backend_readiness.graph.values import AV, ClassV, Ext, ModV, SymbolId
from backend_readiness.graph.views import FileView

if TYPE_CHECKING:
    from backend_readiness.graph.evaluation.evaluate import Evaluator

LANGUAGES = frozenset({"rust"})  # languages that keep the names of modules and of functions apart
MAX_STARS = 24


def member(ev: Evaluator, cls: ClassV, name: str) -> AV | None:
    """A module that an inline module declares or takes over (`mod endpoints { pub mod orders; }`), a constant that it holds, or a name
    of what it gives whole (`pub mod prelude { pub use super::create_order::*; }`)."""
    view = ev.world.view(cls.symbol.file)
    if view.language not in LANGUAGES or view.symbol(cls.symbol.index).kind != "namespace":
        return None
    items = [i for i in view.imports.get(name, ()) if i.owner == cls.symbol.index]
    if items:
        return exports.all_imported(ev, view, items)
    held = [a.value for a, path in view.bindings.get((cls.symbol.index, name), ())[-1:] if a.value is not None and not path]
    return ev.value(held[0], view.path, cls.symbol.index) if held else _given_whole(ev, view, cls.symbol.index, name)


def _given_whole(ev: Evaluator, view: FileView, namespace: int, name: str) -> AV | None:
    for star in [i.module for i in view.facts.imports if i.owner == namespace and i.name == "*" and i.local is None][:MAX_STARS]:
        split = ev.world.split_module(star, view.path)
        if split is not None and not split[1] and split[0] != view.path:
            found = exports.exported(ev, split[0], name)
            if found is not None:
                return found
    return None


def of_class(ev: Evaluator, target: AV, name: str) -> AV | None:
    """A name that a class or inline module declares, or what stands behind it when its base is a package's."""
    cls = target.subject if isinstance(target, Ext) else target
    if not isinstance(cls, ClassV):
        return None
    view, index = ev.world.view(cls.symbol.file), cls.symbol.index
    own = (index, name) in view.fields or (index, name) in view.named_children
    return ev.member(target, name) if own or (isinstance(target, Ext) and view.symbol(index).name == name) else None


def inside_file(ev: Evaluator, name: str, importer: str) -> AV | None:
    """A path that goes on into what a file declares: an inline module, an enum, a module that is exported again."""
    split = ev.world.split_module(name, importer)
    if split is not None:
        value: AV | None = ModV(split[0])
        steps = split[1]
    else:
        first, *rest = name.split(".")
        view = ev.world.view(importer)
        value = _declared(ev, view, first) or _starred(ev, view, first, {importer}) if view.language in LANGUAGES else None
        steps = tuple(rest)
    for step in steps:
        value = ev.member(value, step) if value is not None else None
    return value


def _declared(ev: Evaluator, view: FileView, name: str) -> ClassV | None:
    own = view.named_children.get((0, name), ())
    held = ev.symbol_value(SymbolId(view.path, own[-1])) if own else None
    return held if isinstance(held, ClassV) else None


def _starred(ev: Evaluator, view: FileView, name: str, seen: set[str]) -> AV | None:
    """The module `name` of those that a file takes whole: `use super::*; use schema::orders::dsl;`, and `mod schema;` above it."""
    for star in view.stars[:MAX_STARS]:
        split = ev.world.split_module(star, view.path) if star.partition(".")[0] != name else None
        if split is None or split[1] or split[0] in seen:
            continue
        seen.add(split[0])
        above = ev.world.view(split[0])
        for item in above.imports.get(name, ()):
            found = ev.world.split_module(item.module if item.name is None else f"{item.module}.{item.name}", above.path)
            if found is not None and not found[1]:
                return ModV(found[0])
        held = _declared(ev, above, name)
        found_above = held if held is not None and _is_module(ev, held) else _starred(ev, above, name, seen)
        if found_above is not None:
            return found_above
    return None


def _is_module(ev: Evaluator, held: ClassV) -> bool:
    return ev.world.view(held.symbol.file).symbol(held.symbol.index).kind == "namespace"
