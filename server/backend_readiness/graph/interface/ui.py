"""From an API call up to what the user does: callers, hooks, properties, event attributes, page loads.

The search walks predecessors with weights, cheapest first: an event or a call is worth more than a function that is only
passed on, and that more than a component that only renders. The result is a list of steps, user action first.
"""

from __future__ import annotations

import heapq
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from backend_readiness.facts.model import Func, Symbol
from backend_readiness.graph.backend.edges import Edges
from backend_readiness.graph.evaluation import later_members
from backend_readiness.graph.families import PAGES
from backend_readiness.graph.interface.component_events import ComponentEvents
from backend_readiness.graph.interface.component_parts import rules_of
from backend_readiness.graph.interface.component_props import goes_by
from backend_readiness.graph.interface.events import Events
from backend_readiness.graph.interface.given_functions import GivenFunctions
from backend_readiness.graph.interface.handed_back import events_through
from backend_readiness.graph.interface.page_scripts import script_links, scripts_of_pages
from backend_readiness.graph.interface.pages import pages_of
from backend_readiness.graph.interface.shown import is_whole_file, kebab, loads, page_that_loads, runs_when_shown
from backend_readiness.graph.interface.templates import component_of_tag
from backend_readiness.graph.steps import Step, function_name, own_name
from backend_readiness.graph.values import SymbolId
from backend_readiness.graph.views import FileView
from backend_readiness.graph.world import Graph
from backend_readiness.model import LinkStatus, Place

MAX_STEPS_UP = 14
MAX_VISITED = 160
MAX_PATHS = 6
MAX_RENDERED = 40
MAX_NAMING = 60


@dataclass(frozen=True, slots=True)
class _Before:
    """What leads to a function: another function, or (`step`) a user action. `shown`: it runs when a component is shown."""

    cost: int
    source: SymbolId | None
    step: Step | None
    status: LinkStatus
    why: str
    shown: bool = False


def _is_field(view: FileView, symbol: Symbol) -> bool:
    """Is the function a field of an object, which others call through it, rather than a value of a name or an argument?"""
    return bool(symbol.name) and (symbol.parent, symbol.name) not in view.bindings


class Ui:
    def __init__(self, graph: Graph, edges: Edges) -> None:
        self.graph = graph
        self.edges = edges
        self.events = Events(graph, edges)
        self.component_events = ComponentEvents(self.events)
        self.given = GivenFunctions(self.events)
        self._before: dict[SymbolId, list[_Before]] = {}

    def is_event(self, tag: str, attribute: str) -> bool:
        return self.events.is_event(tag, attribute)

    def events_of(self, file: str) -> dict[SymbolId, list[Step]]:
        """Function -> the events of the file that run it."""
        return self.events.of_file(file)

    # ------------------------------------------------------------ paths

    def paths(self, owner: SymbolId, shown: bool = False) -> list[tuple[Step, ...]]:
        """Ways from a user action to the function `owner`, cheapest first, user action at the head; empty when none is found.

        `shown`: what is looked for in it happens by itself whenever a component that runs it is shown.
        """
        queue: list[tuple[int, int, SymbolId, tuple[Step, ...], bool]] = [(0, 0, owner, (), shown)]
        visited: set[tuple[SymbolId, bool]] = set()
        found: list[tuple[Step, ...]] = []
        fallback: tuple[Step, ...] = ()
        number = 0
        while queue and len(visited) < MAX_VISITED and len(found) < MAX_PATHS:
            cost, _, where, below, shown = heapq.heappop(queue)
            if is_whole_file(self.graph, where):
                where = SymbolId(where.file, 0)
            if (where, shown) in visited or len(below) > MAX_STEPS_UP:
                continue
            visited.add((where, shown))
            if where.index == 0 and (shown_by := self.script_pages(where.file)):
                found.extend((step, *below) for step in shown_by)
                continue
            own_fields = where in self.graph.decorated_components.classes  # a call in a field runs when it is made
            if (shown or where.index == 0 or own_fields) and self.is_component(where):
                own = (self.function_step(where, LinkStatus.CONFIRMED, "runs when it is shown"),) if where.index else ()
                found.append((*(self.page_of(where) or self.own_page(where)), *own, *below))
                continue
            for before in self.before(where):
                steps = (
                    (self.function_step(where, before.status, before.why), *below)
                    if before.step is not None or not self._is_inline(where)
                    else below
                )
                if before.step is not None:
                    found.append((before.step, *steps))
                elif before.source is not None:
                    number += 1
                    heapq.heappush(queue, (cost + before.cost, number, before.source, steps, shown or before.shown))
            if where.index > 0 and len(below) >= len(fallback):
                fallback = (self.function_step(where, LinkStatus.INFERRED, "nothing that runs it was found"), *below)
        return found or ([fallback] if fallback else [])

    def _is_inline(self, where: SymbolId) -> bool:
        """A callback that is written inside of a function that is a step itself adds nothing for a reader."""
        view = self.graph.view(where.file)
        symbol = view.symbol(where.index)
        if symbol.kind != "lambda" or symbol.parent <= 0:
            return False
        passed = view.passed_in.get(where.index)
        handed = any(
            r.value == Func(where.index) for r in view.returns.get(symbol.parent, ())
        )  # `save = (order) => async (dispatch) => ...`
        return handed or (passed is not None and loads(self.graph, where.file, passed[0]))

    def function_step(self, where: SymbolId, status: LinkStatus, why: str) -> Step:
        symbol = self.graph.view(where.file).symbol(where.index)
        if where.index == 0:
            page = Place(file=where.file, line=1, end_line=1)
            return Step(kind="function", place=page, symbol=self.component_name(where), status=status, why=why, where=where)
        return Step(
            kind="function",
            place=Place(file=where.file, line=symbol.line, end_line=symbol.end_line),
            symbol=function_name(self.graph, where),
            status=status,
            why=why,
            where=where,
        )

    # ------------------------------------------------------------ predecessors

    def before(self, where: SymbolId) -> list[_Before]:
        """What runs a function, best first."""
        known = self._before.get(where)
        if known is None:
            known = self._before[where] = sorted(self._find_before(where), key=lambda b: b.cost)
        return known

    def _find_before(self, where: SymbolId) -> Iterator[_Before]:
        view = self.graph.view(where.file)
        if where.index == 0:
            return
        symbol = view.symbol(where.index)
        component = runs_when_shown(self.graph, where)
        if component is not None:
            yield _Before(2, component, None, LinkStatus.CONFIRMED, "runs when it is shown", shown=True)
        page = page_that_loads(self.graph, where)
        if page is not None:
            yield _Before(1, None, page, page.status, "runs before the page is shown")
        for step in self.events.named.of(where):
            yield _Before(0, None, step, step.status, "the element names it")
        names, passed_only = self._names(where)
        listened = called = False
        sending = self.edges.buses.files_sending_to(where)
        shared = self.graph.attribute_scopes.pages_of(where.file, symbol.name)
        files = list(dict.fromkeys((*self._files(where.file, names), *shared, *sending)))
        for item in self.given.runs(where, names, files):
            why = "the component runs what it is given"
            yield _Before(0 if item.step is not None else 1, item.source, item.step, LinkStatus.CONFIRMED, why, shown=item.shown)
        for file in files:
            for step in self.events_of(file).get(where, ()):
                listened = True
                sent = self.component_events.sent(file, step.element, step.attribute) if step.element is not None else []
                for item in sent:
                    why = "the component sends the event that runs it"
                    yield _Before(0 if item.step is not None else 1, item.source, item.step, LinkStatus.CONFIRMED, why)
                if not sent:
                    yield _Before(0, None, step, step.status, "the event runs it")
            for edge in self.edges.of_file(file).get(where, ()):
                if edge.source == where or (edge.source.index == 0 and edge.site.call in self.events.calls_of(file)):
                    continue
                weight = {"call": 1, "dispatch": 1, "callback": 4}[edge.kind]
                shows = loads(self.graph, edge.site.file, edge.site.call)
                called = called or edge.kind == "call"
                yield _Before(weight, edge.source, None, edge.status, edge.why, shown=shows)
        for step in events_through(self.graph, where, self.events_of):
            listened = True
            yield _Before(0, None, step, step.status, "the event runs what it was given to")
        passed = view.passed_in.get(where.index)
        if symbol.parent > 0 or passed is not None:
            if passed is not None and loads(self.graph, where.file, passed[0]):
                yield _Before(2, SymbolId(where.file, symbol.parent), None, LinkStatus.CONFIRMED, "runs when it is shown", shown=True)
            elif (
                (symbol.kind == "lambda" or passed_only)
                and not (listened and symbol.parent == 0)
                and not ((called or listened) and _is_field(view, symbol))
            ):
                yield _Before(3, SymbolId(where.file, symbol.parent), None, LinkStatus.CONFIRMED, "written inside of it")

    def _names(self, where: SymbolId) -> tuple[set[str], bool]:
        """The names under which a function may be run: its own, the variable of a call it is given to, a property."""
        view = self.graph.view(where.file)
        symbol = view.symbol(where.index)
        names = {symbol.name} if symbol.name else set()
        export = view.exports.get("default")
        exported = export is not None and export.value == Func(where.index)  # `export default (id) => ...` goes by the names of its imports
        if symbol.parent <= 0 and (symbol.name or exported):
            names |= {local for _, local in self.graph.importers(where.file) if local}
        names |= self.edges.named_functions.callers(where) | later_members.names(self.graph.ev, view, where.index)
        names |= view.returned_as.get(symbol.name, frozenset())
        passed = view.passed_in.get(where.index)
        if symbol.kind == "lambda":
            names |= self._hooks_of(where)
        if passed is not None:
            names |= self._aliases(where.file, passed[0])
        for file in self._files(where.file, set(names)):
            other = self.graph.view(file)
            for edge in self.edges.of_file(file).get(where, ()):
                if edge.kind == "callback":
                    names |= self._aliases(file, edge.site.call)
            for element in other.facts.elements:
                for attr in element.attrs:
                    if element.tag[:1].isupper() and goes_by(attr.value, names, where.index if file == where.file else -1):
                        names.add(attr.name)
        return names, passed is not None

    def _hooks_of(self, where: SymbolId) -> set[str]:
        """The generated hooks that may run a function that is written into a call of an object: those its key gives."""
        view = self.graph.view(where.file)
        around = view.passed_in.get(where.index)
        if around is None or not self.edges.named_functions.hook_names():
            return set()
        start, end = view.facts.calls[around[0]].start, view.facts.calls[around[0]].end
        text = self.graph.text(where.file).encode()[max(0, start - 120) : start].decode("utf-8", "replace")
        key = re.search(r"(\w+)\s*:\s*$", text) if end > start else None
        wanted = key.group(1).lower() if key else ""
        return {n for n in self.edges.named_functions.hook_names() if wanted and wanted in n.lower()}

    def _aliases(self, file: str, call: int) -> set[str]:
        """The variable that holds the result of a call, else the function that returns it."""
        view = self.graph.view(file)
        name = view.result_names.get(call)
        if name:
            return {name}
        owner = view.symbol(view.facts.calls[call].owner)
        return {owner.name} if owner.name else set()

    def _files(self, own: str, names: set[str]) -> list[str]:
        files = [own, *self._templates_of(own)]
        files.extend(f for name in names for f in self._script_links.get(name, ()) if f not in files)
        for name in sorted(names):
            naming = self.graph.naming(name)
            near = self.graph.reached_from(own, name, 120) if len(naming) > MAX_NAMING else naming
            files.extend(f for f in near if f not in files and f in self.graph.production)
        return files

    @cached_property
    def _script_links(self) -> dict[str, list[str]]:
        return script_links(self.graph)

    @cached_property
    def _scripts(self) -> dict[str, list[Step]]:
        return scripts_of_pages(self.graph)

    def _templates_of(self, file: str) -> list[str]:
        """Template files that classes of the file name."""
        named = [t for t, c in self.graph.decorated_components.by_template.items() if c.symbol.file == file]
        beside = [file.removesuffix(r.beside) for r in rules_of(self.graph) if r.beside and file.endswith(r.beside)]
        return [*named, *(f for f in beside if f in self.graph.production)]

    # ------------------------------------------------------------ components

    def is_component(self, where: SymbolId) -> bool:
        """A function or class that returns or holds elements and has a component's name."""
        view = self.graph.view(where.file)
        if where.index == 0:
            return self.graph.is_component_file(where.file) or where in self.pages
        if where in self.graph.decorated_components.classes:
            return True
        symbol = view.symbol(where.index)
        if symbol.kind not in ("function", "class", "lambda") or not own_name(self.graph, where)[:1].isupper():
            return False
        return any(where.index in view.enclosing(e.owner) for e in view.facts.elements)

    def page_of(self, where: SymbolId) -> tuple[Step, ...]:
        """The page on which a component is shown, then the components between; empty when no page names one of them."""
        queue: list[tuple[SymbolId, tuple[Step, ...]]] = [(where, ())]
        seen = {where}
        while queue and len(seen) < MAX_RENDERED:
            current, between = queue.pop(0)
            page = self.pages.get(current)
            if page is not None:
                return (page, *between)
            for owner in self._shown_by(current):
                if owner not in seen and len(between) < 6:
                    seen.add(owner)
                    step = self.function_step(owner, LinkStatus.CONFIRMED, "shows the component")
                    queue.append((owner, (step, *between)))
        return ()

    def script_pages(self, file: str) -> list[Step]:
        """What loads a script's file: the page that it stands in, or the elements that name it as their source."""
        if self.graph.facts.files[file].language in PAGES:
            name = file.rpartition("/")[2]
            return [
                Step(
                    kind="load",
                    place=Place(file=file, line=1, end_line=1),
                    symbol=f"page {name}",
                    status=LinkStatus.CONFIRMED,
                    why="its script runs",
                )
            ]
        return self._scripts.get(file.rpartition("/")[2], [])[:2]

    @cached_property
    def pages(self) -> dict[SymbolId, Step]:
        return pages_of(self.graph)

    def _shown_by(self, where: SymbolId) -> Iterator[SymbolId]:
        """The components that use a component as an element."""
        name = self.component_name(where)
        names = {name} | {local for _, local in self.graph.importers(where.file) if local}
        names |= {kebab(n) for n in names} | {t for t, c in self.graph.decorated_components.by_tag.items() if c.symbol == where}
        for file in self._files(where.file, names):
            view = self.graph.view(file)
            for element in view.facts.elements:
                if element.tag not in names or component_of_tag(self.graph, file, element.owner, element.tag) != where:
                    continue
                around = [SymbolId(file, i) for i in view.enclosing(element.owner) if i]
                owner = next((s for s in around if self.is_component(s)), around[-1] if around else SymbolId(file, 0))
                cls = self.graph.template_class(file)
                yield cls.symbol if cls is not None else SymbolId(file, 0) if self.graph.is_component_file(file) else owner

    def own_page(self, where: SymbolId) -> tuple[Step, ...]:
        """A component that stands apart from functions, when no page that shows it was found: showing it is the action."""
        if where.index and where not in self.graph.decorated_components.classes:
            return ()
        line = self.graph.view(where.file).symbol(where.index).line if where.index else 1
        place = Place(file=where.file, line=line, end_line=line)
        return (
            Step(kind="load", place=place, symbol=self.component_name(where), status=LinkStatus.INFERRED, why="the component is shown"),
        )

    def component_name(self, where: SymbolId) -> str:
        """The name of a component's function or class; of a file that is one, its stem."""
        return own_name(self.graph, where) or where.file.rpartition("/")[2].partition(".")[0]
