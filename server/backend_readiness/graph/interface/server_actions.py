"""Components that run on the server: what the user does on their page runs a method, and one endpoint of the framework carries it.

The chain is the honest one: the element, the message with the name of the method, the framework's own endpoint (`WS /_blazor`,
`POST /livewire/update`), and then the method as what answers. Cards say in `server_actions` which components these are, in one of two ways:
component files (`language`), whose events the interface knows already, or classes below `base`, which show a view that names their methods
in attributes. Nothing is said where no such endpoint was found.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from fnmatch import fnmatch
from functools import cached_property

from backend_readiness.facts.model import Attr, Concat, Element, Lit, Member, Name
from backend_readiness.graph.classes import parts
from backend_readiness.graph.evaluation import members
from backend_readiness.graph.evaluation.folders import shared
from backend_readiness.graph.interface.component_parts import component_of
from backend_readiness.graph.interface.component_views import ComponentViews
from backend_readiness.graph.interface.shown import runs_when_shown
from backend_readiness.graph.interface.ui import Ui
from backend_readiness.graph.routes.routing import BoundRoute
from backend_readiness.graph.sent.clients import ApiCall
from backend_readiness.graph.sent.linking import Match
from backend_readiness.graph.shapes.directives import posted_by_controls
from backend_readiness.graph.shapes.page_forms import form_matches
from backend_readiness.graph.steps import Step
from backend_readiness.graph.values import ClassV, FuncV, InstV, SymbolId
from backend_readiness.graph.views import FileView
from backend_readiness.graph.world import Graph
from backend_readiness.model import LinkStatus, Place
from backend_readiness.rules.page_rules import ServerActionRule

MAX_ACTIONS = 4_000
MAX_TEXT = 300
_METHOD = re.compile(r"\s*(?:\$wire\s*\.\s*)?([A-Za-z_]\w*)\s*(?:\(|$)")


def action_matches(graph: Graph, ui: Ui, routes: Sequence[BoundRoute]) -> list[Match]:
    """One match for each element and method that its event runs on the server."""
    found = [*form_matches(graph, routes), *posted_by_controls(graph, routes)]
    posted = {(m.call.place.file, m.call.start) for m in found}
    for card, rule in ((c, r) for c in graph.knowledge.cards for r in c.server_actions):
        pattern = re.compile(rule.endpoint)
        own = [r for r in routes if r.card is card] if rule.language else routes  # a hub is not what carries the events of components
        carrying = [r for r in own if pattern.fullmatch(str(r.route.endpoint))]
        if carrying:
            actions = _Actions(graph, ui, rule, carrying, posted)
            found.extend(actions.of_files() if rule.language else actions.of_classes())
    return found[:MAX_ACTIONS]


class _Actions:
    def __init__(self, graph: Graph, ui: Ui, rule: ServerActionRule, carrying: list[BoundRoute], posted: set[tuple[str, int]]) -> None:
        """`posted`: forms, by file and start, that the browser posts to the page."""
        self.graph, self.ui, self.rule, self.carrying, self.posted = graph, ui, rule, carrying, posted

    # ------------------------------------------------------------ component files

    def of_files(self) -> Iterator[Match]:
        for path, index in self.graph.production.items():
            if index.language != self.rule.language or self._runs_elsewhere(path):
                continue
            for where, steps in self.ui.events_of(path).items():
                for step in steps:
                    if step.element is not None and (path, step.element.start) in self.posted:
                        continue
                    for method in self._own(path, where):
                        yield self._match(path, step.place, self._kind(step), method)
            yield from self._loads(path)

    def _own(self, path: str, where: SymbolId) -> Iterator[SymbolId]:
        """The function itself; of a lambda the methods of the component that it calls."""
        if self.graph.view(where.file).symbol(where.index).kind != "lambda":
            if self._is_of(path, where):
                yield where
            return
        called = [e.target.symbol for e in self.ui.edges.of_symbol(where) if self._is_of(path, e.target.symbol)]
        yield from called or [where]

    def _is_of(self, path: str, where: SymbolId) -> bool:
        parent = self.graph.view(where.file).symbol(where.index).parent
        found = component_of(self.graph, SymbolId(where.file, parent)) if parent > 0 else None
        return found is not None and found[0] == path

    def _loads(self, path: str) -> Iterator[Match]:
        """What runs when a page is shown."""
        page = self.ui.pages.get(SymbolId(path, 0))
        for part in parts.parts(self.graph.ev, ClassV(SymbolId(path, 1))) if page is not None else ():
            for child in self.graph.view(part.file).children.get(part.index, ()):
                if page is not None and runs_when_shown(self.graph, SymbolId(part.file, child)) == SymbolId(path, 0):
                    yield self._match(path, page.place, page.symbol, SymbolId(part.file, child))

    def _runs_elsewhere(self, path: str) -> bool:
        """Does the project around the file say that it runs in the browser?"""
        if not self.rule.projects:
            return False
        folder = path
        while folder:
            folder = folder.rpartition("/")[0]
            names = [f"{folder}/{n}" if folder else n for n in self._projects.get(folder, ())]
            if names:
                return any(re.search(self.rule.elsewhere, self.graph.text(n)) for n in names)
        return False

    @cached_property
    def _projects(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for file in self.graph.snapshot.files:
            folder, _, name = file.path.rpartition("/")
            if fnmatch(name, self.rule.projects):
                found.setdefault(folder, []).append(name)
        return found

    # ------------------------------------------------------------ classes with a view

    def of_classes(self) -> Iterator[Match]:
        views = ComponentViews(self.graph, self.rule)
        attribute = re.compile(self.rule.attribute)
        for path, cls in views.pairs():
            view = self.graph.view(path)
            yield from self._through_object(view, cls)
            for element in view.facts.elements:
                for attr in element.attrs:
                    if attribute.fullmatch(attr.name):
                        method = self._named(cls, attr)
                        if method is not None:
                            yield self._match(path, _place(path, element, attr), f"{element.tag} {attr.name}", method, InstV(cls))

    def _named(self, cls: ClassV, attr: Attr) -> SymbolId | None:
        """The public method of the class that the attribute's text begins with."""
        value = attr.value.parts[0] if isinstance(attr.value, Concat) and attr.value.parts else attr.value
        text = str(value.value)[:MAX_TEXT] if isinstance(value, Lit) else ""
        found = _METHOD.match(text)
        return self._public(cls, found[1]) if found is not None else None

    def _through_object(self, view: FileView, cls: ClassV) -> Iterator[Match]:
        """What scripts of the view call through the object that stands for the component: `$wire.pay(4)`, `$wire.call("pay", 4)`."""
        for call in view.facts.calls if self.rule.object else ():
            callee = call.callee
            base = callee.base if isinstance(callee, Member) else None
            if not isinstance(callee, Member) or self.rule.object not in (getattr(base, "id", ""), getattr(base, "name", "")):
                continue
            first = call.args[0].value if call.args else None
            by_text = callee.name in self.rule.object_calls and isinstance(first, Lit)
            method = self._public(cls, str(first.value) if by_text and isinstance(first, Lit) else callee.name)
            around = [e for e in view.facts.elements if e.start <= call.start < e.end]
            element = max(around, key=lambda e: e.start, default=None)
            if method is not None:
                event = next((a.name for a in element.attrs if not isinstance(a.value, Lit)), "") if element is not None else ""
                place = Place(file=view.path, line=call.line, end_line=call.end_line)
                kind = f"{element.tag} {event}".strip() if element is not None else self.rule.object
                yield self._match(view.path, place, kind, method, InstV(cls))

    def _public(self, cls: ClassV, name: str) -> SymbolId | None:
        member = members.own_member(self.graph.ev, InstV(cls), name)
        if not isinstance(member, FuncV):
            return None
        marks = self.graph.view(member.symbol.file).symbol(member.symbol.index).decorators
        return None if Name("private") in marks or Name("protected") in marks else member.symbol

    # ------------------------------------------------------------ matches

    def _kind(self, step: Step) -> str:
        return f"{step.element.tag} {step.attribute}" if step.element is not None else step.symbol

    def _match(self, path: str, place: Place, kind: str, method: SymbolId, this: InstV | None = None) -> Match:
        symbol = self.graph.view(method.file).symbol(method.index)
        bound = max(self.carrying, key=lambda r: shared(r.route.place.file, path))
        holder = this or (InstV(ClassV(SymbolId(method.file, symbol.parent))) if symbol.parent > 0 else None)
        call = ApiCall(
            method=bound.route.endpoint.method, urls=((symbol.name or "callback",),), place=place, start=0, owner=SymbolId(path, 0),
            card="", rpc="message", kind=kind,
        )  # fmt: skip
        answering = replace(bound, handler=FuncV(method, holder), registration=replace(bound.registration, runs=()))
        return Match(
            call=call, route=answering, status=LinkStatus.CONFIRMED, why="the framework's own endpoint carries it to the component"
        )


def _place(path: str, element: Element, attr: Attr) -> Place:
    return Place(file=path, line=attr.line, end_line=max(attr.line, element.end_line))
