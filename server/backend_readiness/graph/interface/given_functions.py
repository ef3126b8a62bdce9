"""Functions that a component is given under a name which is no event: `<ConfirmModal action={drop} />`, `<OrderForm callback={add} />`.

The component runs them under that name: in an event of one of its elements, in one of its functions, or by giving them on to a
component that it shows. Several dialogs share one such component; each use is followed by itself.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from backend_readiness.facts.file_index import bound_names
from backend_readiness.facts.model import Alt, CallRef, Element, Func, Member, Name, Op, Record, Value
from backend_readiness.graph.interface.component_events import Sent
from backend_readiness.graph.interface.component_props import goes_by
from backend_readiness.graph.interface.page_scripts import calls_in
from backend_readiness.graph.interface.shown import loads, runs_when_shown
from backend_readiness.graph.interface.templates import component_of_tag
from backend_readiness.graph.steps import event_step
from backend_readiness.graph.values import ClassV, FuncV, SymbolId, options
from backend_readiness.graph.views import FileView

if TYPE_CHECKING:
    from backend_readiness.graph.interface.events import Events

MAX_DEPTH = 5
MAX_FUNCTIONS = 30
PROPERTIES = "props"  # what components of all frameworks call the object of their properties
_APART = re.compile(r"-+(\w)")
_BINDING = re.compile(r"^(?:v-bind:|:|\[)(?P<name>[\w-]+)\]?$")


class GivenFunctions:
    """The functions that components of one repository are given."""

    def __init__(self, events: Events) -> None:
        self.events = events
        self.graph = events.graph
        self._known: dict[tuple[SymbolId, str], list[Sent]] = {}

    def runs(self, where: SymbolId, names: set[str], files: list[str]) -> Iterator[Sent]:
        """What runs the function `where`, which goes by `names`, in the components that elements of the files give it to."""
        for file in files:
            for element in self.graph.view(file).facts.elements:
                if not element.tag[:1].isupper() and "-" not in element.tag:
                    continue
                for attr in element.attrs:
                    if attr.value is None or not goes_by(attr.value, names, where.index if file == where.file else -1):
                        continue
                    name = property_name(attr.name)
                    if self.events.is_event(element.tag, attr.name) or not self._is(attr.value, where, file, element.owner):
                        continue
                    component = component_of_tag(self.graph, file, element.owner, element.tag)
                    for sent in self.uses(component, name) if component is not None else ():
                        yield replace(sent, source=SymbolId(file, element.owner)) if sent.shown else sent

    def of_element(self, file: str, element: Element) -> list[SymbolId]:
        """The functions that an element gives to the component it shows, which runs them for its user."""
        shown = component_of_tag(self.graph, file, element.owner, element.tag)
        found: list[SymbolId] = []
        for attr in element.attrs if shown is not None else ():
            if shown is None or attr.value is None or self.events.is_event(element.tag, attr.name):
                continue
            value = self.graph.ev.value(attr.value, file, element.owner) if isinstance(attr.value, Name | Member | CallRef) else None
            given = [o.symbol for o in options(value) if isinstance(o, FuncV)] if value is not None else []
            given += [SymbolId(file, attr.value.symbol)] if isinstance(attr.value, Func) else []
            found.extend(given if given and self.uses(shown, property_name(attr.name)) else ())
        return found

    def _is(self, value: Value, where: SymbolId, file: str, owner: int) -> bool:
        if isinstance(value, Func):
            return True
        return any(isinstance(o, FuncV) and o.symbol == where for o in options(self.graph.ev.value(value, file, owner)))

    def uses(self, component: SymbolId, name: str, depth: int = 0) -> list[Sent]:
        """What runs the function that a component is given under a name."""
        known = self._known.get((component, name))
        if known is None:
            self._known[component, name] = []  # a component may show itself
            known = self._known[component, name] = list(self._find(component, name, depth)) if depth < MAX_DEPTH else []
        return known

    def _find(self, component: SymbolId, name: str, depth: int) -> Iterator[Sent]:
        files = {component.file: component.index}
        files.update({t: 0 for t, c in self.graph.decorated_components.by_template.items() if c.symbol == component})
        for file, symbol in files.items():
            view = self.graph.view(file)
            locals_ = self._local_names(view, symbol, name)
            inside = {i for i in range(len(view.facts.symbols)) if symbol in view.enclosing(i)}
            for element in view.facts.elements:
                if element.owner in inside:
                    yield from self._of_element(view, element, name, locals_, depth)
            for number, call in enumerate(view.facts.calls):
                if call.owner in inside and self._is_property(call.callee, name, locals_, view, call.owner):
                    yield from self._of_call(view, symbol, number)

    def _of_element(self, view: FileView, element: Element, name: str, locals_: set[str], depth: int) -> Iterator[Sent]:
        for attr in element.attrs:
            if attr.name == "..." and isinstance(attr.value, Name) and attr.value.id in self._wholes(view, element.owner):
                given = name
            elif attr.value is not None and self._is_property(attr.value, name, locals_, view, element.owner):
                given = property_name(attr.name)
            else:
                continue
            shown = component_of_tag(self.graph, view.path, element.owner, element.tag)
            below = self.uses(shown, given, depth + 1) if shown is not None else []
            if below or attr.name == "...":
                yield from below
            elif self.events.is_event(element.tag, attr.name):
                yield Sent(event_step(view.path, element, attr.name), None)

    def _of_call(self, view: FileView, component: int, number: int) -> Iterator[Sent]:
        owner = view.facts.calls[number].owner
        if number in self.events.calls_of(view.path):
            for element in view.facts.elements:
                for attr in element.attrs:
                    if self.events.is_event(element.tag, attr.name) and number in calls_in(view.facts.calls, attr.value, 0):
                        yield Sent(event_step(view.path, element, attr.name), None)
                        return
        if owner in (0, component):
            return
        before = list(self._before(view, component, owner))
        if any(self.events.of_file(view.path).get(where) for where in before):
            yield Sent(None, SymbolId(view.path, owner))
        elif any(self._runs_by_itself(view, where) for where in before):
            yield Sent(None, None, shown=True)

    def _runs_by_itself(self, view: FileView, where: SymbolId) -> bool:
        passed = view.passed_in.get(where.index)
        return runs_when_shown(self.graph, where) is not None or (passed is not None and loads(self.graph, view.path, passed[0]))

    def _before(self, view: FileView, component: int, owner: int) -> Iterator[SymbolId]:
        """A function of the component and those of its file that run it: what a user's action on it runs, or what runs by itself."""
        queue, seen = [owner], {0, component}
        while queue and len(seen) < MAX_FUNCTIONS:
            index = queue.pop()
            if index in seen:
                continue
            where = SymbolId(view.path, index)
            yield where
            seen.add(index)
            queue.extend(e.source.index for e in self.events.edges.of_file(view.path).get(where, ()) if e.source.file == view.path)
            queue.extend((view.symbol(index).parent,) if view.symbol(index).kind == "lambda" else ())

    def _local_names(self, view: FileView, component: int, name: str) -> set[str]:
        """The names that the component has for its property: its own, or that which a pattern gives it."""
        found = {name} if component == 0 else set()
        symbol = view.symbol(component)
        for param in symbol.params[:1]:
            found |= _bound_to(param.pattern, name)
        for assign in view.facts.assigns:
            whole = _is_whole(assign.value) or (component == 0 and isinstance(assign.value, CallRef))
            if whole and component in view.enclosing(assign.owner) and isinstance(assign.target, Record):
                found |= _bound_to(assign.target, name)
        return found

    def _is_property(self, value: Value, name: str, locals_: set[str], view: FileView, owner: int) -> bool:
        if isinstance(value, Op | Alt):
            held = value.operands if isinstance(value, Op) else value.options
            return any(self._is_property(v, name, locals_, view, owner) for v in held)
        if isinstance(value, Member):
            base = value.base
            of_self = base == Name("self") and self.graph.is_component_file(view.path)
            return value.name == name and (of_self or _is_whole(base) or (isinstance(base, Name) and base.id in self._wholes(view, owner)))
        if not isinstance(value, Name) or value.id not in locals_:
            return False
        meant = self.graph.ev.lookup(value.id, view.path, owner) if value.id == name else None
        own = (o.symbol.file == view.path for o in options(meant) if isinstance(o, FuncV | ClassV)) if meant is not None else ()
        return not any(own)

    def _wholes(self, view: FileView, owner: int) -> set[str]:
        """The names of the object that holds all properties, or what is left of them."""
        found = {PROPERTIES}
        for index in view.enclosing(owner):
            for param in view.symbol(index).params[:1]:
                rest = [v for key, v in param.pattern.items if key is None] if isinstance(param.pattern, Record) else []
                found |= {v.id for v in rest if isinstance(v, Name)}
        return found


def property_name(attribute: str) -> str:
    """The name of the property that an attribute gives: `createTag` of `:create-tag`."""
    bound = _BINDING.match(attribute)
    return _APART.sub(lambda m: m.group(1).upper(), bound["name"] if bound else attribute)


def _is_whole(value: Value | None) -> bool:
    """`props`, `this.props`."""
    return value == Name(PROPERTIES) or value == Member(Name("self"), PROPERTIES)


def _bound_to(pattern: Value | None, name: str) -> set[str]:
    """The names that a pattern gives to what stands under a key."""
    items = pattern.items if isinstance(pattern, Record) else ()
    return {local for key, value in items if key == name for local, _ in bound_names(value)} if items else set()
