"""Where routes that are values are kept: `val routes = ...`, `def routes(...) = ...`. A unit is such a definition, known by its place."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from backend_readiness.facts.model import CallRef, Index, Member, Name, Value
from backend_readiness.graph.classes import inheritance
from backend_readiness.graph.routes.routing import RouterKey
from backend_readiness.graph.values import ClassV, InstV, SymbolId, options
from backend_readiness.graph.views import FileView
from backend_readiness.graph.world import Graph

_KEPT = frozenset({"let", "const", "field"})
_OPEN_FILES = frozenset({"kotlin"})
_CALLED = ("apply", "invoke", "(by)")  # what is meant where an object is called; what a class of Kotlin delegates to
_FUNCTIONS = frozenset({"function", "method"})


_WITH_OBJECTS = frozenset({"scala"})  # where members of an object are imported like those of a package


@dataclass(frozen=True, slots=True)
class Unit:
    """`owner` is the symbol in which `values`, what the definition gives, are written."""

    file: str
    start: int
    end: int
    owner: int
    values: tuple[Value, ...]
    type: Value | None

    @property
    def key(self) -> RouterKey:
        return ("unit", self.file, self.start)


class RouteUnits:
    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self._of_file: dict[str, list[Unit]] = {}

    def of_file(self, view: FileView) -> list[Unit]:
        found = self._of_file.get(view.path)
        if found is None:
            found = [
                Unit(view.path, a.start, a.end, a.owner, (a.value,), a.type)
                for a in view.facts.assigns
                if a.kind in _KEPT and a.value is not None and isinstance(a.target, Name)
            ]
            for index, symbol in enumerate(view.facts.symbols):
                if symbol.kind in _FUNCTIONS:
                    given = tuple(r.value for r in view.returns.get(index, ()) if r.value is not None)
                    found.append(Unit(view.path, symbol.start, symbol.end, index, given, symbol.returns))
            self._of_file[view.path] = found
        return found

    def around(self, view: FileView, start: int) -> Unit | None:
        """The innermost unit around a place."""
        inside = [u for u in self.of_file(view) if u.start <= start < u.end]
        return min(inside, key=lambda u: u.end - u.start, default=None)

    def meant(self, view: FileView, owner: int, value: Value) -> Unit | None:
        """The unit that an expression reads or calls: `routes`, `orders.routes`, `new Orders(db).routes`, `Orders(db)`."""
        if isinstance(value, CallRef):
            call = view.facts.calls[value.call]
            callee = call.callee.base if isinstance(call.callee, Index) else call.callee
            found = self.meant(view, owner, callee)
            if found is None and call.kind == "call":
                found = next((u for name in _CALLED if (u := self._of_class(view, owner, callee, name)) is not None), None)
            return found
        if isinstance(value, Name):
            return (
                self._local(view, owner, value.id)
                or self._of_this(view, owner, value.id)
                or self._of_package(view, value.id)
                or self._of_object(view, value.id)
            )
        if isinstance(value, Member):
            return self._of_class(view, owner, value.base, value.name)
        return None

    def whole(self, view: FileView, owner: int, value: Value, names: Iterable[str]) -> Unit | None:
        """The routes of an object that is given itself, by the member that holds them: `orders.withPrefix("/orders")`."""
        found = options(self.graph.ev.value(value, view.path, owner)) if names and isinstance(value, Name | Member | CallRef) else ()
        made = [o.cls for o in found if isinstance(o, InstV)]
        return next((u for cls in made for name in names if (u := self.member(cls, name)) is not None), None)

    def _local(self, view: FileView, owner: int, name: str) -> Unit | None:
        for scope in view.enclosing(owner):
            is_body = view.symbol(scope).kind in ("class", "interface", "module", "enum")  # it has locals where a `for` gives a field
            kept = [a for a in view.facts.assigns if a.owner == scope and a.kind == "let" and a.target == Name(name)]
            for assign in kept[:1]:
                return next((u for u in self.of_file(view) if u.start == assign.start and u.end == assign.end), None)
            if is_body:
                return None
        return None

    def _of_object(self, view: FileView, name: str) -> Unit | None:
        """A member of an object that the file imports, by its name or whole: `import shop.Orders.routes`, `import shop.Orders._`."""
        if view.language not in _WITH_OBJECTS:
            return None
        holders = [i.module for i in view.imports.get(name, ())] + list(view.stars)
        for package, _, last in (h.rpartition(".") for h in holders):
            for where in self.graph.defining(last) if last[:1].isupper() else ():
                if self.graph.facts.files[where.file].package == package or not package:
                    found = self.member(ClassV(where), name, is_companion_first=True)
                    if found is not None:
                        return found
        return None

    def _of_package(self, view: FileView, name: str) -> Unit | None:
        """A function or value outside of every class (Kotlin), of the file, of what it imports, or of its package."""
        if view.language not in _OPEN_FILES:
            return None
        files = self.graph.facts.files
        found = [(s.file, self.graph.view(s.file).symbol(s.index)) for s in self.graph.defining(name)]
        places = [(f, s.start) for f, s in found if s.kind == "function" and s.parent == 0]
        for file, owner in self.graph.variables(name):
            assigns = self.graph.view(file).facts.assigns if owner == 0 else ()
            places.extend((file, a.start) for a in assigns if a.owner == 0 and a.target == Name(name))
        modules = {i.module for i in view.imports.get(name, ())}
        near = [p for p in places if p[0] == view.path] or [p for p in places if files[p[0]].package in modules]
        for file, start in near or [p for p in places if files[p[0]].package == files[view.path].package]:
            unit = next((u for u in self.of_file(self.graph.view(file)) if u.start == start), None)
            if unit is not None and unit.values:
                return unit
        return None

    def _of_this(self, view: FileView, owner: int, name: str) -> Unit | None:
        for scope in view.enclosing(owner):
            if view.symbol(scope).kind in ("class", "interface"):
                found = self.member(ClassV(SymbolId(view.path, scope)), name)
                if found is not None:
                    return found
        return None

    def _of_class(self, view: FileView, owner: int, base: Value, name: str) -> Unit | None:
        return next(self._of_classes(view, owner, base, name), None)

    def _of_classes(self, view: FileView, owner: int, base: Value, name: str) -> Iterator[Unit]:
        for option in options(self.graph.ev.value(base, view.path, owner)):
            cls = option.cls if isinstance(option, InstV) else option
            if isinstance(cls, ClassV):
                found = self.member(cls, name, is_companion_first=not isinstance(option, InstV))
                if found is not None:
                    yield found

    def all_meant(self, view: FileView, owner: int, value: Value) -> list[Unit]:
        """The same where an element of a list stands for each of them: `controllers.map { it.routes }`."""
        call = view.facts.calls[value.call] if isinstance(value, CallRef) else None
        named = call.callee if call is not None and not call.args else value
        if isinstance(named, Member) and isinstance(named.base, Name):
            found = {u.key: u for u in self._of_classes(view, owner, named.base, named.name)}
            if len(found) > 1:
                return list(found.values())
        unit = self.meant(view, owner, value)
        return [unit] if unit is not None else []

    def member(self, cls: ClassV, name: str, is_companion_first: bool = False) -> Unit | None:
        """The definition of a member of a class, or of its bases in the repository."""
        from backend_readiness.graph.classes import parts

        for current in (cls, *(b for b in inheritance.bases(self.graph.ev, cls) if isinstance(b, ClassV))):
            held = list(dict.fromkeys((current.symbol, *parts.parts(self.graph.ev, current))))
            for where in sorted(held, key=lambda w: is_companion_first and not self.graph.view(w.file).symbol(w.index).is_static):
                view = self.graph.view(where.file)
                fields = [a.start for a in view.facts.assigns if a.owner == where.index and a.kind == "field" and a.target == Name(name)]
                methods = [view.symbol(i).start for i in view.named_children.get((where.index, name), ())]
                for start in (*methods, *fields):
                    unit = next((u for u in self.of_file(view) if u.start == start), None)
                    if unit is not None and unit.values:
                        return unit
        return None
