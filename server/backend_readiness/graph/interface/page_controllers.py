"""Functions whose members are the names of a page: `<div ng-controller="Orders as vm">`, `{ templateUrl: "x.html", controller: Orders }`.

Cards say which attribute and which keys (`rules.page_rules.PageControllerRule`). A name that several controllers on a page have means
none of them; where one template is shown with one controller or another (to make a thing and to change it), the name means both.
"""

from __future__ import annotations

import posixpath
import re
from collections import defaultdict
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from backend_readiness.facts.model import CallRef, Element, Lit, Name, Param, Record, Value
from backend_readiness.graph.classes.injection import records_of
from backend_readiness.graph.classes.named_injection import NamedInjection, text_of
from backend_readiness.graph.classes.set_members import set_members
from backend_readiness.graph.evaluation import members
from backend_readiness.graph.steps import Step, event_step
from backend_readiness.graph.values import AV, ClassV, FuncV, InstV, Obj, SymbolId, Thunk, identity, options, union
from backend_readiness.model import LinkStatus, Place

if TYPE_CHECKING:
    from backend_readiness.graph.world import Graph
    from backend_readiness.rules.page_rules import PageControllerRule

MAX_SHOWN = 4


class Shown(NamedTuple):
    """A controller on a page: the function or class, its alias there, and the element that names it."""

    value: FuncV | ClassV
    alias: str
    rule: PageControllerRule
    element: Element | None
    attribute: str


class PageControllers:
    """The controllers of one repository by page."""

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self.injection = NamedInjection(graph)
        self._rules = [(c, r) for c in graph.knowledge.cards for r in c.page_controllers]
        self._building = False
        self._scopes: dict[SymbolId, Obj] = {}

    def given(self, where: SymbolId, param: Param) -> AV | None:
        """What a parameter is by its name: the scope of the page that a controller fills, or what is injected under that name."""
        name = self.injection.name_of(where, param)
        if not name:
            return None
        if any(name == r.scope for _, r in self._rules):
            return self._scope(where, param.name)
        return self.injection.named(name, where.file)

    def member(self, file: str, name: str) -> AV | None:
        """What a name of a page means: an alias, or a member of the scope that one of its controllers has."""
        if not self._rules or self._building or self.injection.building:
            return None
        found: list[AV] = []
        instead = True
        for shown in self._by_page.get(file, ()):
            if name == shown.alias or (not shown.alias and name in shown.rule.aliases):
                found.append(self._instance(shown.value))
                instead = instead and shown.element is None
                continue
            where = self.injection.runs(shown.value)
            fields = self._scope_of(where, shown.rule).fields if where is not None else {}
            if name in fields:
                found.append(self.graph.ev.thunk(fields[name]))
                instead = instead and shown.element is None
        if not found or (len({identity(v) for v in found}) > 1 and not instead):
            return None
        return union(found[:MAX_SHOWN])

    def steps(self, file: str) -> list[tuple[SymbolId, Step]]:
        """The functions that run because a page, or an element of it, is shown."""
        found: list[tuple[SymbolId, Step]] = []
        for shown in self._by_page.get(file, ()) if self._rules else ():
            where = self.injection.runs(shown.value)
            if where is None:
                continue
            if shown.element is not None:
                step = event_step(file, shown.element, shown.attribute)
            else:
                place = Place(file=file, line=1, end_line=1)
                name = f"page {file.rpartition('/')[2]}"
                step = Step(kind="load", place=place, symbol=name, status=LinkStatus.CONFIRMED, why="the page is shown")
            found.append((where, Step(kind="load", place=step.place, symbol=step.symbol, status=step.status, why=step.why)))
        return found

    def pages(self, file: str) -> list[str]:
        """The pages with a controller that a file holds."""
        return self._by_file.get(file, []) if self._rules else []

    # ------------------------------------------------------------ members

    def _scope_of(self, where: SymbolId, rule: PageControllerRule) -> Obj:
        params = self.graph.view(where.file).symbol(where.index).params
        return self._scope(where, next((p.name for p in params if self.injection.name_of(where, p) == rule.scope), rule.scope))

    def _scope(self, where: SymbolId, name: str) -> Obj:
        known = self._scopes.get(where)
        if known is None:
            view = self.graph.view(where.file)
            fields = set_members(view, where.index, frozenset({name}))
            known = self._scopes[where] = Obj(fields, (), Thunk(where.file, where.index, view.keep(Record(())), None))
        return known

    def _instance(self, value: FuncV | ClassV) -> AV:
        if isinstance(value, ClassV):
            return InstV(value)
        view = self.graph.view(value.symbol.file)
        fields = set_members(view, value.symbol.index, frozenset())
        return Obj(fields, (), Thunk(value.symbol.file, value.symbol.index, view.keep(Record(())), None))

    # ------------------------------------------------------------ pages

    @cached_property
    def _by_file(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = defaultdict(list)
        for page, several in self._by_page.items():
            for shown in several:
                if page not in found[shown.value.symbol.file]:
                    found[shown.value.symbol.file].append(page)
        return dict(found)

    @cached_property
    def _by_page(self) -> dict[str, list[Shown]]:
        found: dict[str, list[Shown]] = defaultdict(list)
        self._building = True
        try:
            for card, rule in self._rules:
                kinds = frozenset(p.rpartition(".")[2] for p in rule.registered)
                for file, index in self.graph.production.items():
                    if index.elements and index.language in card.languages and index.language != "javascript":
                        found[file].extend(self._of_elements(file, rule, kinds))
                for file in dict.fromkeys((*self.injection.files, *self._naming(rule))):
                    for thunk in records_of(self.graph.view(file)):
                        self._of_record(file, thunk, rule, kinds, found)
        finally:
            self._building = False
        return {page: several for page, several in found.items() if several}

    def _of_elements(self, file: str, rule: PageControllerRule, kinds: frozenset[str]) -> list[Shown]:
        found = []
        for element in self.graph.view(file).facts.elements:
            for attr in element.attrs:
                if isinstance(attr.value, Lit) and re.fullmatch(rule.attribute, attr.name):
                    found.extend(self._named(str(attr.value.value), file, rule, kinds, element, attr.name))
        return found

    def _named(
        self, text: str, file: str, rule: PageControllerRule, kinds: frozenset[str], element: Element | None, attribute: str
    ) -> list[Shown]:
        match = re.fullmatch(rule.named, text[:200].strip())
        value = self.injection.function(match["name"], kinds, file) if match is not None else None
        alias = (match["alias"] or "") if match is not None else ""
        return [Shown(v, alias, rule, element, attribute) for v in options(value) if isinstance(v, FuncV | ClassV)] if value else []

    def _of_record(self, file: str, thunk: Thunk, rule: PageControllerRule, kinds: frozenset[str], into: dict[str, list[Shown]]) -> None:
        ev = self.injection.ev
        keys = dict(thunk.expr.items) if isinstance(thunk.expr, Record) else {}
        shown_by = next((k for k in (rule.template, rule.loaded) if k and k in keys), None)
        if shown_by is None or rule.controller not in keys:
            return
        value = ev.thunk(thunk)
        fields = {k: members.field_thunk(ev, value, k) for k in (shown_by, rule.controller, rule.alias)}
        template, controller, alias = (ev.thunk(t) if t is not None else None for t in fields.values())
        page = loaded_page(self.graph, file, keys[shown_by]) or (self._page(text_of(template), file) if shown_by == rule.template else None)
        if page is None or controller is None:
            return
        if text_of(controller):
            shown = self._named(text_of(controller), file, rule, kinds, None, "")
        else:
            last = options(self.injection.last(controller))
            shown = [Shown(v, "", rule, None, "") for v in last if isinstance(v, FuncV | ClassV)]
        into[page].extend(s._replace(alias=text_of(alias)) if text_of(alias) else s for s in shown)

    def _naming(self, rule: PageControllerRule) -> list[str]:
        """The files whose objects may name a page and its controller, also where nothing is registered."""
        named = (f for key in (rule.template, rule.loaded) if key for f in self.graph.naming(key))
        return [f for f in named if f in self.graph.production]

    def _page(self, address: str, file: str) -> str | None:
        """The file that an address of a template means: the only one with that end, the nearest of several, or the only one of its name."""
        path = address.partition("?")[0].lstrip("./")
        named = [f for f in self.graph.files_named(path.rpartition("/")[2]) if f in self.graph.production] if path else []
        found = [f for f in named if f"/{f}".endswith(f"/{path}")]
        if len(found) > 1:
            found = sorted(found, key=lambda f: -len(_common(f, file)))[:1]
        chosen = found or named
        return chosen[0] if len(chosen) == 1 else None


def loaded_page(graph: Graph, file: str, written: Value) -> str | None:
    """The page that a bundler puts where its file is loaded: `import page from "./orders.html"`, `require("./orders.html")`."""
    view, module = graph.view(file), ""
    if isinstance(written, Name):
        module = next((i.module for i in view.facts.imports if i.local == written.id), "")
    call = view.facts.calls[written.call] if isinstance(written, CallRef) else None
    if call is not None and call.callee == Name("require") and call.args and isinstance(call.args[0].value, Lit):
        module = str(call.args[0].value.value)
    path = posixpath.normpath(posixpath.join(posixpath.dirname(file), module)) if module.startswith(".") else ""
    return path if path in graph.production else None


def _common(one: str, other: str) -> str:
    """The beginning of folders that two paths share."""
    shared = []
    for a, b in zip(one.split("/")[:-1], other.split("/")[:-1], strict=False):
        if a != b:
            break
        shared.append(a)
    return "/".join(shared)
