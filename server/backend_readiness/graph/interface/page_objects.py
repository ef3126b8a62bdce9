"""Objects that a script of a page makes and whose members are names of the page: `new Vue({ el: "#shop", methods: { buy() {} } })`.

Cards name the calls and the keys (`made` and `parts` of `scopes`). The script stands in the page, or in a file that the page loads.
"""

from __future__ import annotations

from collections import defaultdict
from functools import cached_property
from typing import TYPE_CHECKING

from backend_readiness.facts.model import Element, Lit, Record
from backend_readiness.graph.interface.page_scripts import pages_by_script
from backend_readiness.graph.patterns import compiled, last_step
from backend_readiness.graph.values import Ext, FuncV, Obj, Site, Thunk, options
from backend_readiness.graph.views import callee_name

if TYPE_CHECKING:
    from backend_readiness.graph.world import Graph
    from backend_readiness.rules.page_rules import ScopeRule

MAX_SCRIPTS = 20


class PageObjects:
    """The objects of one repository, one page at a time."""

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self._rules = [(graph.knowledge.patterns(c, r.made), r) for c in graph.knowledge.cards for r in c.scopes if r.made]
        self._known: dict[str, list[tuple[Obj, Obj]]] = {}
        self.busy = 0  # how many scripts are read right now: what is found meanwhile lacks these objects and must not be kept

    @cached_property
    def _scripts(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = defaultdict(list)
        for script, pages in pages_by_script(self.graph).items():
            for page in pages:
                found[page].append(script)
        return found

    def of_page(self, file: str) -> list[tuple[Element, Obj]]:
        """Each object with the element that it is put on: that of its selector, else the first of the page."""
        elements = self.graph.view(file).facts.elements
        scripts = [file, *self._scripts.get(file, ())[:MAX_SCRIPTS]] if self._rules and elements else []
        return [(_element(given, elements), whole) for script in scripts for given, whole in self._of_script(script)]

    def around(self, file: str, written: Record) -> Obj | None:
        """The whole object that a function stands in which is written into one of its parts, or into itself."""
        for given, whole in self._of_script(file) if self._rules else ():
            parts = (t.expr for k, t in given.fields.items() if any(k == p.removesuffix("()") for r in self._rules for p in r[1].parts))
            if given.place.expr == written or any(p == written for p in parts):
                return whole
        return None

    def _of_script(self, file: str) -> list[tuple[Obj, Obj]]:
        """(object as written, its members) for each that a script makes."""
        known = self._known.get(file)
        if known is None:
            known = self._known[file] = []  # while they are looked for, there is none
            self.busy += 1
            view = self.graph.view(file)
            found: list[tuple[Obj, Obj]] = []
            for patterns, rule in self._rules:
                names = {last_step(p).lstrip("~") for p in patterns}
                for number, call in enumerate(view.facts.calls):
                    if callee_name(call) not in names or not call.args:
                        continue
                    callee = options(self.graph.ev.value(call.callee, file, call.owner))
                    if any(isinstance(v, Ext) and any(compiled(p).fullmatch(v.path) for p in patterns) for v in callee):
                        found.extend((o, self._merged(o, rule)) for o in self._given(file, number))
            self.busy -= 1
            known.extend(found)
        return known

    def _given(self, file: str, call: int) -> list[Obj]:
        value = self.graph.ev.arg_value(Site(file, call, None), 0)
        return [o for o in options(value) if isinstance(o, Obj)][:2] if value is not None else []

    def _merged(self, given: Obj, rule: ScopeRule) -> Obj:
        """The members of the parts of an object, and its own that run when the page is shown."""
        fields: dict[str, Thunk] = {k: v for k, v in given.fields.items() if k in rule.starts}
        for thunk in (given.fields.get(part.removesuffix("()")) for part in rule.parts):
            if thunk is None:
                continue
            given_as = self.graph.ev.thunk(thunk)
            value = self.graph.ev.invoke(given_as) if isinstance(given_as, FuncV) else given_as
            for option in options(value):
                fields |= option.fields if isinstance(option, Obj) else {}
        return Obj(fields, (), given.place)


def _element(given: Obj, elements: tuple[Element, ...]) -> Element:
    thunk = given.fields.get("el")
    wanted = str(thunk.expr.value).lstrip("#") if thunk is not None and isinstance(thunk.expr, Lit) else ""
    fits = (e for e in elements for a in e.attrs if wanted and a.name == "id" and a.value == Lit(wanted))
    return next(fits, elements[0])
