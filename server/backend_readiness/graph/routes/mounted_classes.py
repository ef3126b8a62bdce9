"""Paths that a setting puts before classes: `@Configuration({ mount: { "/rest": [OrdersController, ...Object.values(pages)] } })`.

A rule of shape `prefix` with `options.class_mounts` refers to such a record at `child`. What stands under a path are classes, modules that
export them (with all of their folder where it is the index of one) and patterns of files. Where all is below one path, every class is.
With `options.parents`, decorators and the key of those with a list of classes (none: they are given the classes, or instances of them):
these stand below the path of the decorated class.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from functools import cached_property, partial, reduce

import msgspec

from backend_readiness.facts.model import CallRef, Concat, Lit, Name, Value
from backend_readiness.graph.classes.annotations import arguments, decorators_of, of_kind
from backend_readiness.graph.evaluation import loops, members
from backend_readiness.graph.routes.scan import Scan
from backend_readiness.graph.urls import join, texts
from backend_readiness.graph.values import ClassV, InstV, ListV, ModV, Obj, SymbolId, Thunk, options
from backend_readiness.graph.views import FileView
from backend_readiness.rules.cards import Card

MAX_LEAVES = 200
MAX_DEPTH = 8
MAX_ABOVE = 5


class MountedClasses:
    """What the settings of the applications of one card put before their classes."""

    def __init__(self, scan: Scan, card: Card) -> None:
        self._scan, self._card, self._ev = scan, card, scan.graph.ev
        self._hits = [h for h in scan.hits.get("prefix", ()) if h.card.id == card.id and h.rule.options.get("class_mounts")]

    def before(self, cls: SymbolId) -> str:
        """The path before that of a class; empty for none."""
        above: list[str] = []
        current: SymbolId = cls
        for _ in range(MAX_ABOVE if self._hits else 0):
            parent = self._parents.get(current)
            if parent is None:
                break
            above.insert(0, parent[1])
            current = parent[0]
        return reduce(partial(join, keep_root=False), above, self._mount(current)) if self._hits else ""

    def _mount(self, cls: SymbolId) -> str:
        found = self._classes.get(cls)
        if found is not None:
            return found
        fitting = [(len(place), path) for place, path in self._places if place in f"/{cls.file}"]
        paths = {path for path, _ in self._listed}
        return max(fitting)[1] if fitting else (paths.pop() if len(paths) == 1 else "")

    @cached_property
    def _listed(self) -> list[tuple[str, Thunk]]:
        found: list[tuple[str, Thunk]] = []
        for hit in self._hits:
            value = self._scan.value(hit, hit.rule.child)
            for record in options(value) if value is not None else ():
                found.extend(record.fields.items() if isinstance(record, Obj) else ())
        return [(f"/{path.strip('/')}", thunk) for path, thunk in found]

    @cached_property
    def _classes(self) -> dict[SymbolId, str]:
        return {o.symbol: path for path, leaf in self._leaves for o in options(self._ev.thunk(leaf)) if isinstance(o, ClassV)}

    @cached_property
    def _places(self) -> list[tuple[str, str]]:
        """(part of the path of a file, path before its classes)."""
        found: list[tuple[str, str]] = []
        for path, leaf in self._leaves:
            if isinstance(leaf.expr, Lit | Concat):
                parts = leaf.expr.parts if isinstance(leaf.expr, Concat) else (leaf.expr,)
                text = "".join(str(p.value) for p in parts if isinstance(p, Lit))
                place = re.sub(r"^(?:\.{1,2}/)+", "/", text.partition("*")[0])
                found.append((f"/{place.strip('/')}/", path)) if place.strip("/") else None
            for option in options(self._ev.thunk(leaf)):
                if isinstance(option, ModV):
                    stem = posixpath.splitext(option.file)[0]
                    found.append((f"/{stem.removesuffix('/index')}" + ("/" if stem.endswith("/index") else "."), path))
        return found

    @cached_property
    def _leaves(self) -> list[tuple[str, Thunk]]:
        return [
            (path, Thunk(t.file, t.owner, leaf, t.env))
            for path, t in self._listed
            for leaf in list(_leaves(self._scan.graph.view(t.file), t.expr, 0))[:MAX_LEAVES]
        ]

    @cached_property
    def _parents(self) -> dict[SymbolId, tuple[SymbolId, str]]:
        """Class -> the class that it stands below, with the path of that."""
        found: dict[SymbolId, tuple[SymbolId, str]] = {}
        names: dict[str, str] = self._hits[0].rule.options.get("parents", {}) if self._hits else {}
        for file, number in self._marked(tuple(names)):
            where = SymbolId(file, number)
            marks = decorators_of(self._scan.graph, where)
            path = next((t for m in of_kind(marks, tuple(names)) for t in self._path(arguments(self._scan.graph, m))), "")
            for name, key in names.items():
                for thunk in (t for m in of_kind(marks, (name,)) for t in arguments(self._scan.graph, m)):
                    for child in self._children(thunk, key):
                        found.setdefault(child, (where, path))
        return found

    def _marked(self, patterns: tuple[str, ...]) -> Iterator[tuple[str, int]]:
        """The classes that have such a decorator."""
        for file in dict.fromkeys(f for p in patterns for f in self._scan.graph.naming(p.rpartition(".")[2])):
            for number, symbol in enumerate(self._scan.graph.view(file).facts.symbols):
                if symbol.kind == "class" and symbol.decorators:
                    yield file, number

    def _path(self, given: list[Thunk]) -> list[str]:
        for thunk in given:
            value = self._ev.thunk(thunk)
            inner = members.field_thunk(self._ev, value, "path") if isinstance(value, Obj) else thunk
            if inner is not None and (found := texts(self._ev, self._ev.thunk(inner))):
                return found
        return []

    def _children(self, thunk: Thunk, key: str) -> Iterator[SymbolId]:
        value = self._ev.thunk(thunk)
        listed = members.field_thunk(self._ev, value, key) if isinstance(value, Obj) else None
        given = loops.elements(self._ev, value) if isinstance(value, ListV) else [thunk]
        items = loops.elements(self._ev, self._ev.thunk(listed)) if listed is not None else [] if key else given
        for option in (o for t in items for o in options(self._ev.thunk(t))):
            cls = option.cls if isinstance(option, InstV) else option
            if isinstance(cls, ClassV):
                yield cls.symbol


def _leaves(view: FileView, value: object, depth: int) -> Iterator[Value]:
    """The names and texts in an expression, in the arguments of its calls too."""
    if isinstance(value, tuple):
        for item in value:
            yield from _leaves(view, item, depth)
    elif isinstance(value, CallRef) and depth < MAX_DEPTH:
        yield from _leaves(view, tuple(a.value for a in view.facts.calls[value.call].args), depth + 1)
    elif isinstance(value, Name | Lit | Concat):
        yield value
    elif isinstance(value, msgspec.Struct) and depth < MAX_DEPTH:
        for name in value.__struct_fields__:
            yield from _leaves(view, getattr(value, name), depth + 1)


__all__ = ["MountedClasses"]
