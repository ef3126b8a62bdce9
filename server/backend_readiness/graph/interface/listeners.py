"""Listeners that scripts register: `form.addEventListener("submit", send)`, `$("#buy").on("click", buy)`, `button.onclick = buy`.

The user action is the element that the selector names when the repository, or a page that loads the script, has exactly one such element,
else the registration.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace
from functools import cached_property

from backend_readiness.facts.model import Element, Lit, Member, Value
from backend_readiness.graph.interface.page_scripts import pages_by_script
from backend_readiness.graph.patterns import last_step
from backend_readiness.graph.references import argument_value
from backend_readiness.graph.routes.routing import functions_in
from backend_readiness.graph.steps import Step, event_step
from backend_readiness.graph.values import AV, Const, Ext, FuncV, Site, SymbolId, options
from backend_readiness.graph.world import Graph
from backend_readiness.model import LinkStatus, Place
from backend_readiness.rules.page_rules import ListenerRule

_SELECTOR = re.compile(r"(?:.*\s)?(?P<tag>[a-zA-Z][\w-]*)?(?P<kind>[#.])?(?P<name>[\w-]+)?(?:[\[:].*)?$")
_NAMED = re.compile(r"\[name=[\"']?(?P<name>[\w-]{1,80})[\"']?\]\s*$")
_FORM = re.compile(r"~(?:window\.)?document\.forms(?:\.|\[[\"']?)(?P<name>[A-Za-z_][\w-]{0,80})(?:[\"']?\])?$")
_ASKS = frozenset({"matches", "closest"})
_PROPERTY = re.compile(r"on[a-z]{3,}$")
_LOADS = ("onload", "onpageshow")
MAX_PAGES = 6


class Listeners:
    """All registrations of one repository, one file at a time."""

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self._named: dict[tuple[str, str], list[tuple[str, Element]]] | None = None

    @cached_property
    def on_pages(self) -> dict[str, list[tuple[SymbolId, Step]]]:
        """File of an element -> what scripts in other files register on its elements."""
        found: dict[str, list[tuple[SymbolId, Step]]] = defaultdict(list)
        names = self.graph.knowledge.listeners.names
        for path, index in self.graph.production.items():
            if not names.isdisjoint(index.names) or any(_PROPERTY.match(n) for n in index.names):
                for where, step in self.of_file(path):
                    if step.registered is not None and step.place.file != path:
                        found[step.place.file].append((where, step))
        return found

    def of_file(self, file: str) -> Iterator[tuple[SymbolId, Step]]:
        """(function, the user action that runs it)."""
        for symbol, steps, _ in self._of_file(file):
            yield from ((symbol, step) for step in steps)

    def selectors(self, file: str) -> Iterator[tuple[SymbolId, str]]:
        """(function, the text by which the elements were looked for that run it)."""
        for symbol, _, selector in self._of_file(file):
            if isinstance(selector, Const):
                yield symbol, str(selector.value)

    def _of_file(self, file: str) -> Iterator[tuple[SymbolId, list[Step], AV | None]]:
        index = self.graph.knowledge.listeners
        view = self.graph.view(file)
        names = index.names
        for number, call in enumerate(view.facts.calls):
            name = last_step_of(call.callee)
            if name is None or name not in names:
                continue
            for value in options(self.graph.ev.value(call.callee, file, call.owner)):
                hits = index.matches(value) if isinstance(value, Ext) else ()
                if isinstance(value, Ext) and hits:
                    yield from self._registered(hits[0][0].rule, value, Site(file, number, None))
                    break
        for assign in view.facts.assigns:
            if isinstance(assign.target, Member) and _PROPERTY.match(assign.target.name) and assign.value is not None:
                base = self.graph.ev.value(assign.target.base, file, assign.owner)
                place = Place(file=file, line=assign.line, end_line=assign.end_line)
                event = assign.target.name
                chosen = self._selected(base)
                steps = self._steps(event.removeprefix("on"), chosen, place, event, file, load=event in _LOADS)
                functions = functions_in(self.graph, self.graph.ev.value(assign.value, file, assign.owner))
                yield from ((f.symbol, steps, chosen) for f in functions if isinstance(f, FuncV))

    def _registered(self, rule: ListenerRule, callee: Ext, site: Site) -> Iterator[tuple[SymbolId, list[Step], AV | None]]:
        ev = self.graph.ev
        event = last_step(callee.path)
        if rule.event is not None:
            given = argument_value(ev, site, rule.event, callee)
            event = str(given.value).split(" ")[0].partition(".")[0] if isinstance(given, Const) else event
        functions: list[AV] = []
        for ref in rule.handler:
            functions = functions_in(self.graph, argument_value(ev, site, ref, callee))
            if functions:
                break
        selector: AV | None = None
        for ref in rule.selector:
            found = argument_value(ev, site, ref, callee)
            selector = found if isinstance(found, Const) and isinstance(found.value, str) else selector
        chosen = selector or self._selected(callee) or self._asked_for(functions)
        call = self.graph.view(site.file).facts.calls[site.call]
        place = Place(file=site.file, line=call.line, end_line=call.line)
        label = re.sub(r"[~?]|\(\d*(?::\w+)?\)<\d>", "", callee.path)
        steps = self._steps(event, chosen, place, label, site.file, load=event in rule.loads)
        yield from ((f.symbol, steps, chosen) for f in functions if isinstance(f, FuncV))

    def _asked_for(self, functions: list[AV]) -> AV | None:
        """The only selector that a listener of the whole page asks its event for: `if (event.target.matches("#order"))`."""
        said: set[str] = set()
        for function in functions:
            if not isinstance(function, FuncV):
                continue
            for call in self.graph.view(function.symbol.file).facts.calls:
                asks = isinstance(call.callee, Member) and call.callee.name in _ASKS and _is_target(call.callee.base)
                first = call.args[0].value if asks and call.args and call.owner == function.symbol.index else None
                said.update([str(first.value)] if isinstance(first, Lit) else [])
        return Const(next(iter(said))) if len(said) == 1 else None

    def selected(self, value: AV | None) -> str:
        """The text by which the element of a receiver was looked for, as a selector; empty when that is not known."""
        found = self._selected(value)
        return str(found.value) if isinstance(found, Const) else ""

    def _selected(self, value: AV | None) -> AV | None:
        """The text by which the element of a receiver was looked for: `document.getElementById("buy")`."""
        current = value
        for _ in range(8):
            named = _FORM.search(current.path) if isinstance(current, Ext) else None
            if named is not None:
                return Const(f"form[name={named['name']}]")
            if isinstance(current, Ext) and current.site is not None:
                given = self.graph.ev.arg_value(current.site, 0)
                if isinstance(given, Const) and isinstance(given.value, str):
                    by_id = last_step(current.path) == "getElementById"
                    return Const(f"#{given.value}") if by_id else given
            current = current.base if isinstance(current, Ext) else None
        return None

    def _steps(self, event: str, selector: AV | None, place: Place, label: str, file: str, *, load: bool) -> list[Step]:
        if load:
            why = "runs when the page is loaded"
            return [Step(kind="load", place=place, symbol=_written(label), status=LinkStatus.CONFIRMED, why=why)]
        meant = self._meant(str(selector.value), file) if isinstance(selector, Const) else []
        if meant:
            return [replace(event_step(page, element, event), registered=place) for page, element in meant]
        shown = f"{selector.value!s} " if isinstance(selector, Const) else ""
        return [Step(kind="event", place=place, symbol=f"{shown}{event}", status=LinkStatus.CONFIRMED, why=f"listens for {event}")]

    def _meant(self, selector: str, file: str) -> list[tuple[str, Element]]:
        """The only element that a simple selector means: in the file itself, in the repository, or in each page that loads the file."""
        key = _key(selector)
        found = self._elements.get(key, []) if key is not None else []
        found = [f for f in found if self._is_inside(f, selector)]
        own = [f for f in found if f[0] == file]
        chosen = own or found
        if len(chosen) <= 1 or own or key is None or not key[0]:
            return chosen if len(chosen) == 1 else []
        pages = [page for page, _ in found if page in self._pages.get(file, ())]
        return [(page, element) for page, element in found if pages.count(page) == 1][:MAX_PAGES]

    def _is_inside(self, found: tuple[str, Element], selector: str) -> bool:
        """Does the element stand in one that the part of a selector before the last one means?"""
        before = selector.replace(">", " ").split()[:-1]
        key = _key(before[-1]) if before and "," not in selector else None
        if key is None:
            return True
        page, element = found
        elements = self.graph.view(page).facts.elements
        while element.parent >= 0:
            element = elements[element.parent]
            if key in _keys(element):
                return True
        return False

    def chosen(self, selector: str, file: str) -> list[tuple[str, Element]]:
        """All elements that a simple selector means: in the file itself, else in the pages that load it."""
        key = _key(selector)
        found = self._elements.get(key, []) if key is not None else []
        own = [f for f in found if f[0] == file]
        return (own or [f for f in found if f[0] in self._pages.get(file, ())])[:MAX_PAGES]

    @cached_property
    def _pages(self) -> dict[str, set[str]]:
        return pages_by_script(self.graph)

    @property
    def _elements(self) -> dict[tuple[str, str], list[tuple[str, Element]]]:
        if self._named is None:
            self._named = {}
            for path, index in self.graph.production.items():
                if not index.elements or path.endswith((".jsx", ".tsx", ".vue", ".svelte")):
                    continue
                for element in self.graph.view(path).facts.elements:
                    for key in _keys(element):
                        self._named.setdefault(key, []).append((path, element))
        return self._named


def _key(selector: str) -> tuple[str, str] | None:
    """`#` or `.` with a name, or a tag, which the last part of a simple selector says."""
    named = _NAMED.search(selector[:120])
    if named is not None:
        return "@", named["name"]
    match = _SELECTOR.match(selector.strip()[:120])
    if match is None:
        return None
    return (match["kind"], match["name"] or "") if match["kind"] else ("", ((match["tag"] or "") + (match["name"] or "")).lower())


def _keys(element: Element) -> Iterator[tuple[str, str]]:
    yield "", element.tag.lower()
    for attr in element.attrs:
        if attr.name == "name" and isinstance(attr.value, Lit):
            yield "@", str(attr.value.value)
        if attr.name in ("id", "class") and isinstance(attr.value, Lit):
            for name in str(attr.value.value).split()[:12]:
                yield "#" if attr.name == "id" else ".", name


def _is_target(value: Value) -> bool:
    """Is it what the event happened on (`event.target`)?"""
    return isinstance(value, Member) and value.name in ("target", "srcElement")


def _written(label: str) -> str:
    """The path of a callee as a reader knows it."""
    return label.replace("$()", "$(document)") if label.startswith("$()") else label


def last_step_of(callee: object) -> str | None:
    from backend_readiness.facts.builder import last_name
    from backend_readiness.facts.model import Value

    return last_name(callee) if isinstance(callee, Value) else None
