"""Events of elements: which functions an attribute or a registered listener runs."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace
from functools import cached_property

from backend_readiness.facts.model import CallRef, Element, Func, Lit, Member, Name, Op, Seq, Value
from backend_readiness.graph.backend.edges import Edges
from backend_readiness.graph.interface.handed_down import HandedDown
from backend_readiness.graph.interface.listeners import Listeners
from backend_readiness.graph.interface.named_methods import NamedMethods
from backend_readiness.graph.interface.page_scripts import called_by_link, calls_in
from backend_readiness.graph.routes.routing import functions_in
from backend_readiness.graph.sent.dispatched import run_for
from backend_readiness.graph.steps import Step, event_step
from backend_readiness.graph.values import Ext, FuncV, Site, SymbolId, options
from backend_readiness.graph.world import Graph


class Events:
    """The events of one repository, one file at a time."""

    def __init__(self, graph: Graph, edges: Edges) -> None:
        self.graph = graph
        self.edges = edges
        self.listeners = Listeners(graph)
        self.named = NamedMethods(graph)
        self._handed_down = HandedDown(graph)
        self._known: dict[str, dict[SymbolId, list[Step]]] = {}
        self._in_events: dict[str, frozenset[int]] = {}

    @cached_property
    def _event_patterns(self) -> list[tuple[re.Pattern[str], frozenset[str]]]:
        return [(re.compile(t.rule.attribute), frozenset(t.rule.tags)) for t in self.graph.knowledge.events if not t.rule.request]

    def is_event(self, tag: str, attribute: str) -> bool:
        return any(p.fullmatch(attribute) and (not tags or tag in tags) for p, tags in self._event_patterns)

    def _made_by_name(self, tag: str, attribute: str) -> Name | None:
        """What an attribute without a value names by its own name: the `form` of `use:form`, which a package made."""
        matches = (p.fullmatch(attribute) for p, tags in self._event_patterns if "made" in p.groupindex and (not tags or tag in tags))
        return next((Name(m.group("made")) for m in matches if m is not None), None)

    def _is_load(self, attribute: str) -> bool:
        return any(t.rule.loads and re.fullmatch(t.rule.attribute, attribute) for t in self.graph.knowledge.events)

    def of_file(self, file: str) -> dict[SymbolId, list[Step]]:
        """Function -> the events of the file that run it."""
        known = self._known.get(file)
        if known is not None:
            return known
        known = self._known[file] = defaultdict(list)
        view = self.graph.view(file)
        for element in view.facts.elements:
            for attr in element.attrs:
                if attr.name == "href" and (called := called_by_link(attr.value)) is not None:
                    for option in options(self.graph.ev.lookup(called, file, element.owner)):
                        if isinstance(option, FuncV):
                            known[option.symbol].append(event_step(file, element, attr.name))
                made = self._made_by_name(element.tag, attr.name) if attr.value is None else None
                if made is not None:
                    for edge in self._edges_of_value(file, element, made):
                        known[edge].append(event_step(file, element, attr.name))
                if attr.value is None or isinstance(attr.value, Lit) or not self.is_event(element.tag, attr.name):
                    continue
                step = event_step(file, element, attr.name)
                step = replace(step, kind="load") if self._is_load(attr.name) else step
                value = self.graph.ev.value(attr.value, file, element.owner)
                above = self._handed_down.attribute_of(file, value)
                if above is not None and above[0].value is not None:
                    value = self.graph.ev.value(above[0].value, file, above[1])
                direct = [Func(attr.value.symbol)] if isinstance(attr.value, Func) else []
                functions = functions_in(self.graph, value) or direct
                for function in functions:
                    where = (
                        function.symbol
                        if isinstance(function, FuncV)
                        else SymbolId(file, function.symbol)
                        if isinstance(function, Func)
                        else None
                    )
                    if where is not None:
                        known[where].append(step)
                for edge in self._edges_of_value(file, element, attr.value):
                    known[edge].append(step)
        for element, attribute, function in self.graph.attribute_scopes.starts(file):
            known[function.symbol].append(replace(event_step(file, element, attribute), kind="load"))
        for where, step in (*self.listeners.of_file(file), *self.named.of_file(file), *self.graph.attribute_scopes.controllers.steps(file)):
            known[where].append(step)
        return known

    def _edges_of_value(self, file: str, element: Element, value: object) -> Iterator[SymbolId]:
        """Functions that a call written in the attribute runs: `@click="save(order)"`, `onClick={mutation.mutate}`."""
        if isinstance(value, Op) and value.op == "delete":  # a method of that name in a template: `(click)="delete(order.id)"`
            method = self.graph.ev.lookup("delete", file, element.owner)
            if isinstance(method, FuncV):
                yield method.symbol
        values = value.items if isinstance(value, Seq) else (value,)
        for item in values:
            if isinstance(item, CallRef):
                for number in self._in_receiver(file, item):
                    for edge in self.edges.of_call(Site(file, number, None)):
                        yield edge.target.symbol
            elif isinstance(item, Value):
                evaluated = self.graph.ev.value(item, file, element.owner)
                for option in options(evaluated):
                    if isinstance(option, Ext):
                        yield from run_for(self.graph, option)

    def _in_receiver(self, file: str, written: CallRef) -> Iterator[int]:
        """A call and those on whose results it is made: `save(order).subscribe()` runs `save`."""
        calls = self.graph.view(file).facts.calls
        value: object = written
        while isinstance(value, CallRef | Member):
            if isinstance(value, CallRef):
                yield value.call
            value = calls[value.call].callee if isinstance(value, CallRef) else value.base

    def calls_of(self, file: str) -> frozenset[int]:
        """Calls that are written in event attributes: the event runs them, not the file."""
        known = self._in_events.get(file)
        if known is None:
            facts = self.graph.view(file).facts
            values = [a.value for e in facts.elements for a in e.attrs if self.is_event(e.tag, a.name)]
            known = self._in_events[file] = frozenset(c for v in values for c in calls_in(facts.calls, v, 0))
        return known

    def around(self, file: str, start: int) -> Step | None:
        """The event in whose attribute the call at an offset is written, where no function stands between."""
        facts = self.graph.view(file).facts
        number = next((n for n in self.calls_of(file) if facts.calls[n].start == start), None)
        if number is None:
            return None
        inner = {s.start for s in facts.symbols if s.start <= start <= s.end}
        for element in facts.elements:
            for attr in element.attrs if element.start <= start <= element.end else ():
                if self.is_event(element.tag, attr.name) and number in calls_in(facts.calls, attr.value, 0):
                    step = event_step(file, element, attr.name)
                    return None if any(s > element.start for s in inner) else step
        return None
