"""Names that an attribute of a page brings in for the elements below it: `<div x-data="{ load() { ... } }">`, `<form x-data="cart()">`.

The value is an object, a function that returns one, or a name under which a script registered one. Cards say which attribute and which
calls (`rules.page_rules.ScopeRule`). A name that several objects of a page have tells nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from backend_readiness.facts.model import Record
from backend_readiness.graph.evaluation.drawn_values import DrawnValues
from backend_readiness.graph.interface.page_controllers import PageControllers
from backend_readiness.graph.interface.page_objects import PageObjects
from backend_readiness.graph.values import AV, Const, Ext, FuncV, Obj, Site, Thunk, options
from backend_readiness.graph.views import callee_name

if TYPE_CHECKING:
    from backend_readiness.facts.model import Element
    from backend_readiness.graph.world import Graph


class AttributeScopes:
    """The scopes of one repository, one page at a time."""

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self.controllers = PageControllers(graph)
        self.drawn = DrawnValues(graph)
        self.objects = PageObjects(graph)
        self._rules = [(c, r) for c in graph.knowledge.cards for r in c.scopes]
        self._languages = frozenset(language for c, _ in self._rules for language in c.languages)
        self._of_file: dict[str, list[tuple[Element, Obj]]] = {}
        self._registered: dict[tuple[str, ...], dict[str, AV]] = {}

    def member(self, file: str, name: str | Record) -> AV | None:
        """What the name means in the elements of a page; None when no scope of it has the name, or several have.

        Of an object in a script: the whole one that a page makes of it (`page_objects`).
        """
        if isinstance(name, Record):
            return self.objects.around(file, name)
        if (of_controller := self.controllers.member(file, name)) is not None:
            return of_controller
        if (given := self.drawn.member(file, name)) is not None:
            return given
        if not self._rules or self.graph.facts.files[file].language not in self._languages:
            return None
        for card, rule in self._rules:
            if name == rule.store:
                made = self._made(self.graph.knowledge.patterns(card, rule.stores))
                held = {k: v for k, v in made.items() if isinstance(v, Obj)}
                return Obj({k: v.place for k, v in held.items()}, (), next(iter(held.values())).place) if held else None
        found = [t for _, scope in self.of_file(file) if (t := scope.fields.get(name)) is not None]
        return self.graph.ev.thunk(found[0]) if len(found) == 1 else None

    def starts(self, file: str) -> list[tuple[Element, str, FuncV]]:
        """The functions that run when an element with a scope is shown, with the attribute."""
        found = []
        for element, scope in self.of_file(file):
            for _, rule in self._rules:
                for name in rule.starts:
                    value = self.graph.ev.thunk(scope.fields[name]) if name in scope.fields else None
                    if isinstance(value, FuncV):
                        found.append((element, rule.attribute or name, value))
        return found

    def pages_of(self, file: str, name: str) -> list[str]:
        """The pages with a controller that the file holds, or with an element that starts a function of this name which it declares."""
        return [*self.controllers.pages(file), *self._starting(file, name)]

    def _starting(self, file: str, name: str) -> list[str]:
        if not any(name in rule.starts for _, rule in self._rules):
            return []
        pages = [f for f, index in self.graph.production.items() if index.elements and index.language in self._languages]
        return [f for f in pages if any(where.symbol.file == file for _, _, where in self.starts(f))]

    def of_file(self, file: str) -> list[tuple[Element, Obj]]:
        """Each element of a page that brings in names, with the object that has them."""
        known = self._of_file.get(file)
        if known is None:
            if self.objects.busy:
                return []
            self._of_file[file] = known = []  # while it is looked for, a name means none of it
            index = self.graph.facts.files[file]
            if not index.elements or index.language not in self._languages:
                return known
            found: list[tuple[Element, Obj]] = []
            for element in self.graph.view(file).facts.elements:
                for attr in element.attrs:
                    for card, rule in self._rules:
                        if rule.attribute and attr.name == rule.attribute and attr.value is not None:
                            value = self.graph.ev.value(attr.value, file, element.owner)
                            found.extend((element, o) for o in self._objects(value, self.graph.knowledge.patterns(card, rule.registered)))
            known.extend([*found, *self.objects.of_page(file)])
        return known

    def _objects(self, value: AV, register: list[str]) -> list[Obj]:
        found: list[Obj] = []
        for option in options(value):
            if isinstance(option, Ext) and option.path.startswith("~"):
                option = self._made(register).get(option.path.removeprefix("~").removesuffix("()"), option)
            returned = self.graph.ev.invoke(option) if isinstance(option, FuncV) else option
            found.extend(o for o in options(returned) if isinstance(o, Obj))
        return found[:4]

    def _made(self, register: list[str]) -> dict[str, AV]:
        """Name -> what a call of these registers under it."""
        key = tuple(register)
        known = self._registered.get(key)
        if known is None:
            known = self._registered[key] = {}
            names = {p.rpartition(".")[2] for p in register}
            for file in {f for p in register for f in self.graph.naming(p.rpartition(".")[0].rpartition(".")[2].lstrip("~"))}:
                view = self.graph.view(file)
                for number, call in enumerate(view.facts.calls if file in self.graph.production else ()):
                    if callee_name(call) not in names or len(call.args) < 2:
                        continue
                    callee = options(self.graph.ev.value(call.callee, file, call.owner))
                    if not any(isinstance(v, Ext) and v.path in register for v in callee):
                        continue
                    name = self.graph.ev.arg_value(Site(file, number, None), 0)
                    value = self.graph.ev.thunk(Thunk(file, call.owner, call.args[1].value, None))
                    if isinstance(name, Const) and isinstance(name.value, str):
                        known.setdefault(name.value, value)
        return known
