"""From an API call up to what the user does: callers, hooks, properties, event attributes, page loads.

The search walks predecessors with weights, cheapest first: an event or a call is worth more than a function that is only
passed on, and that more than a component that only renders. The result is a list of steps, user action first.
"""

from __future__ import annotations

import heapq
import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from backend_readiness.facts.model import Element, Func, Lit
from backend_readiness.graph.edges import Edges
from backend_readiness.graph.routing import functions_in
from backend_readiness.graph.values import ClassV, Ext, FuncV, SymbolId, options
from backend_readiness.graph.world import Graph
from backend_readiness.model import LinkStatus, Place

MAX_STEPS_UP = 14
MAX_VISITED = 160
MAX_PATHS = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One step of the frontend. `kind`: `event`, `load`, `function`."""

    kind: str
    place: Place
    symbol: str
    status: LinkStatus
    why: str
    where: SymbolId | None = None


@dataclass(frozen=True, slots=True)
class _Before:
    """What leads to a function: another function, or (`step`) a user action."""

    cost: int
    source: SymbolId | None
    step: Step | None
    status: LinkStatus
    why: str


class Ui:
    def __init__(self, graph: Graph, edges: Edges) -> None:
        self.graph = graph
        self.edges = edges
        self._before: dict[SymbolId, list[_Before]] = {}
        self._events: dict[str, dict[SymbolId, list[Step]]] = {}

    @cached_property
    def _event_patterns(self) -> list[tuple[re.Pattern[str], frozenset[str]]]:
        return [(re.compile(t.rule.attribute), frozenset(t.rule.tags)) for t in self.graph.knowledge.events if not t.rule.request]

    def is_event(self, tag: str, attribute: str) -> bool:
        return any(p.fullmatch(attribute) and (not tags or tag in tags) for p, tags in self._event_patterns)

    # ------------------------------------------------------------ paths

    def paths(self, owner: SymbolId) -> list[tuple[Step, ...]]:
        """Ways from a user action to the function `owner`, cheapest first, user action at the head; empty when none is found."""
        queue: list[tuple[int, int, SymbolId, tuple[Step, ...]]] = [(0, 0, owner, ())]
        visited: set[SymbolId] = set()
        found: list[tuple[Step, ...]] = []
        fallback: tuple[int, tuple[Step, ...]] | None = None
        number = 0
        while queue and len(visited) < MAX_VISITED and len(found) < MAX_PATHS:
            cost, _, where, below = heapq.heappop(queue)
            if where in visited or len(below) > MAX_STEPS_UP:
                continue
            visited.add(where)
            for before in self.before(where):
                steps = (self.function_step(where, before.status, before.why), *below)
                if before.step is not None:
                    found.append((before.step, *steps))
                elif before.source is not None and before.source not in visited:
                    number += 1
                    heapq.heappush(queue, (cost + before.cost, number, before.source, steps))
            if where.index > 0:
                own = (self.function_step(where, LinkStatus.INFERRED, "nothing that runs it was found"), *below)
                if fallback is None or len(own) > len(fallback[1]):
                    fallback = (cost, own)
        if not found and fallback is not None:
            return [fallback[1]]
        return found

    def function_step(self, where: SymbolId, status: LinkStatus, why: str) -> Step:
        symbol = self.graph.view(where.file).symbol(where.index)
        parent = self.graph.view(where.file).symbol(symbol.parent) if symbol.parent > 0 else None
        name = symbol.name or (f"callback in {parent.name}" if parent is not None and parent.name else "callback")
        return Step(kind="function", place=Place(file=where.file, line=symbol.line, end_line=symbol.end_line), symbol=name, status=status, why=why, where=where)

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
        names, passed_only = self._names(where)
        for file in self._files(where.file, names):
            for step in self.events_of(file).get(where, ()):
                yield _Before(0, None, step, step.status, "the event runs it")
            for edge in self.edges.of_file(file).get(where, ()):
                if edge.source == where:
                    continue
                weight = {"call": 1, "dispatch": 1, "callback": 4}[edge.kind]
                loads = self._loads(edge.site.file, edge.site.call)
                if edge.kind == "callback" and loads:
                    yield from self._page_load(edge.source)
                    continue
                yield _Before(weight, edge.source, None, edge.status, edge.why)
        passed = view.passed_in.get(where.index)
        if symbol.parent > 0 or passed is not None:
            if passed is not None and self._loads(where.file, passed[0]):
                yield from self._page_load(SymbolId(where.file, view.facts.calls[passed[0]].owner))
                yield _Before(3, SymbolId(where.file, symbol.parent), None, LinkStatus.CONFIRMED, "runs when the component is shown")
            elif symbol.kind == "lambda" or passed_only:
                yield _Before(3, SymbolId(where.file, symbol.parent), None, LinkStatus.CONFIRMED, "written inside of it")
        if self.is_component(where):
            yield from self._rendered(where)

    def _names(self, where: SymbolId) -> tuple[set[str], bool]:
        """The names under which a function may be run: its own, the variable of a call it is given to, a property."""
        view = self.graph.view(where.file)
        symbol = view.symbol(where.index)
        names = {symbol.name} if symbol.name else set()
        if symbol.parent <= 0 and symbol.name:
            names |= {local for _, local in self.graph.importers(where.file) if local}
        passed = view.passed_in.get(where.index)
        if passed is not None:
            names |= self._aliases(where.file, passed[0])
        for file in self._files(where.file, set(names)):
            other = self.graph.view(file)
            for edge in self.edges.of_file(file).get(where, ()):
                if edge.kind == "callback":
                    names |= self._aliases(file, edge.site.call)
            for element in other.facts.elements:
                for attr in element.attrs:
                    if attr.value is not None and getattr(attr.value, "id", None) in names and element.tag[:1].isupper():
                        names.add(attr.name)
        return names, passed is not None

    def _aliases(self, file: str, call: int) -> set[str]:
        """The variable that holds the result of a call, else the function that returns it."""
        view = self.graph.view(file)
        name = view.result_names.get(call)
        if name:
            return {name}
        owner = view.symbol(view.facts.calls[call].owner)
        return {owner.name} if owner.name else set()

    def _files(self, own: str, names: set[str]) -> list[str]:
        files = [own]
        for name in sorted(names):
            files.extend(f for f in self.graph.naming(name)[:60] if f not in files)
        return files

    # ------------------------------------------------------------ events and loads

    def events_of(self, file: str) -> dict[SymbolId, list[Step]]:
        """Function -> the events of the file that run it."""
        known = self._events.get(file)
        if known is not None:
            return known
        known = self._events[file] = defaultdict(list)
        view = self.graph.view(file)
        for element in view.facts.elements:
            for attr in element.attrs:
                if attr.value is None or isinstance(attr.value, Lit) or not self.is_event(element.tag, attr.name):
                    continue
                value = self.graph.ev.value(attr.value, file, element.owner)
                direct = [Func(attr.value.symbol)] if isinstance(attr.value, Func) else []
                functions = functions_in(self.graph, value) or direct
                for function in functions:
                    where = function.symbol if isinstance(function, FuncV) else SymbolId(file, function.symbol) if isinstance(function, Func) else None
                    if where is not None:
                        known[where].append(event_step(file, element, attr.name))
                for edge in self._edges_of_value(file, element, attr.value):
                    known[edge].append(event_step(file, element, attr.name))
        return known

    def _edges_of_value(self, file: str, element: Element, value: object) -> Iterator[SymbolId]:
        """Functions that a call written in the attribute runs: `@click="save(order)"`, `onClick={mutation.mutate}`."""
        from backend_readiness.facts.model import CallRef, Seq, Value
        from backend_readiness.graph.values import Site

        values = value.items if isinstance(value, Seq) else (value,)
        for item in values:
            if isinstance(item, CallRef):
                for edge in self.edges.of_call(Site(file, item.call, None)):
                    yield edge.target.symbol
            elif isinstance(item, Value):
                evaluated = self.graph.ev.value(item, file, element.owner)
                for option in options(evaluated):
                    if isinstance(option, Ext):
                        yield from self._dispatch_targets(option)

    def _dispatch_targets(self, callee: Ext) -> Iterator[SymbolId]:
        from backend_readiness.graph.scan import argument, step_site

        for tagged, _ in self.graph.knowledge.dispatch.matches(callee.path):
            for ref in tagged.rule.calls:
                at = step_site(callee.base, ref.at) if ref.at is not None else None
                thunk = argument(self.graph, at, ref) if at is not None else None
                if thunk is not None:
                    for value in options(self.graph.ev.thunk(thunk)):
                        if isinstance(value, FuncV):
                            yield value.symbol

    def _loads(self, file: str, call: int) -> bool:
        """Does the call run its function argument when a page or component is shown?"""
        facts = self.graph.view(file).facts.calls[call]
        for value in options(self.graph.ev.value(facts.callee, file, facts.owner)):
            if isinstance(value, Ext) and self.graph.knowledge.effects.matches(value.path):
                return True
        return False

    def _page_load(self, source: SymbolId) -> Iterator[_Before]:
        if self.is_component(source):
            step = self.function_step(source, LinkStatus.CONFIRMED, "shown when the user opens the page")
            yield _Before(2, None, Step(kind="load", place=step.place, symbol=f"{step.symbol} is shown", status=step.status, why=step.why, where=source), LinkStatus.CONFIRMED, "runs when the page is shown")

    # ------------------------------------------------------------ components

    def is_component(self, where: SymbolId) -> bool:
        """A function or class that returns or holds elements and has a component's name."""
        view = self.graph.view(where.file)
        symbol = view.symbol(where.index)
        if not symbol.name[:1].isupper() or symbol.kind not in ("function", "class", "lambda"):
            return False
        return any(where.index in view.enclosing(e.owner) for e in view.facts.elements)

    def _rendered(self, where: SymbolId) -> Iterator[_Before]:
        """Where a component is used; its page is shown when the user opens it."""
        name = self.graph.view(where.file).symbol(where.index).name
        names = {name} | {local for _, local in self.graph.importers(where.file) if local}
        for file in self._files(where.file, names):
            view = self.graph.view(file)
            for element in view.facts.elements:
                if element.tag not in names:
                    continue
                owner = SymbolId(file, view.enclosing(element.owner)[0])
                meant = any(isinstance(v, FuncV | ClassV) and v.symbol == where for v in options(self.graph.ev.lookup(element.tag, file, element.owner)))
                if meant and owner != where:
                    yield _Before(6, owner, None, LinkStatus.CONFIRMED, f"shown by {view.symbol(owner.index).name or file}")


def event_step(file: str, element: Element, attribute: str) -> Step:
    """A user action: the element with its event attribute."""
    label = f" {element.text!r}" if element.text else ""
    return Step(
        kind="event",
        place=Place(file=file, line=element.line, end_line=element.end_line),
        symbol=f"<{element.tag} {attribute}>{label}",
        status=LinkStatus.CONFIRMED,
        why=f"{attribute} of <{element.tag}>",
        where=None,
    )
