"""Functions that a guard asks by name: `authenticate("local")` runs what `use(new LocalStrategy(verify))` holds.

A strategy without a name of its own has that of its package (`passport-local`); cards say how (`rules.guard_rules.StrategyRule`).
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from functools import cached_property

from backend_readiness.graph.classes.inheritance import external_bases
from backend_readiness.graph.evaluation import members
from backend_readiness.graph.evaluation.stand_ins import decorated
from backend_readiness.graph.patterns import compiled, last_step
from backend_readiness.graph.references import argument_value
from backend_readiness.graph.routes.routing import functions_in
from backend_readiness.graph.urls import texts
from backend_readiness.graph.values import AV, ClassV, Const, Ext, FuncV, InstV, ListV, Site, SymbolId, options
from backend_readiness.graph.views import callee_name
from backend_readiness.graph.world import Graph
from backend_readiness.rules.guard_rules import StrategyRule

MAX_ASKED = 6


class Strategies:
    """The strategies of one repository by their names."""

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self._rules = [
            (r, [compiled(p) for p in graph.knowledge.patterns(c, r.asks)], [compiled(p) for p in graph.knowledge.patterns(c, r.puts)])
            for c in graph.knowledge.cards
            for r in c.strategies
        ]

    def signs_in(self, value: AV | None) -> list[FuncV]:
        """The functions that check what a user has typed for a guard (the result of a call) or a list of guards."""
        found: list[FuncV] = []
        for option in options(value) if self._rules and value is not None else ():
            if isinstance(option, ListV):
                found.extend(f for t in option.items[:20] for f in self.signs_in(self.graph.ev.thunk(t)))
            elif isinstance(option, Ext):
                if option.site is not None and isinstance(option.base, Ext):
                    found.extend(f for f in self.asked(option.base, option.site) if f not in found)
                found.extend(f for f in self._of_object(option) if f not in found)
            elif isinstance(option, ClassV | InstV):  # `class LocalGuard extends AuthGuard("local")`
                for base in external_bases(self.graph.ev, option.cls if isinstance(option, InstV) else option):
                    found.extend(self.signs_in(base))
        return found

    def _of_object(self, guard: Ext) -> list[FuncV]:
        """The functions that an object is given by a decorator, where it is the guard, has it as a member, or is handed to it."""
        if not self._objects:
            return []
        given = self.graph.ev.arg_value(guard.site, 0) if guard.site is not None else None
        near = (guard, guard.base, getattr(guard.base, "base", None), given)
        paths = {o.path for v in near if v is not None for o in options(v) if isinstance(o, Ext)}
        held = [functions for objects, functions in self._objects if any(p.fullmatch(path) for p in objects for path in paths)]
        return [f for functions in held for f in functions]

    @cached_property
    def _objects(self) -> list[tuple[list[re.Pattern[str]], list[FuncV]]]:
        known = self.graph.knowledge
        rules = [(c, r) for c in known.cards for r in c.strategies if r.objects]
        return [
            ([compiled(p) for p in known.patterns(c, r.objects)], list(decorated(self.graph, tuple(known.patterns(c, r.callbacks)))))
            for c, r in rules
        ]

    def asked(self, callee: Ext, site: Site) -> list[FuncV]:
        """The same for the call at `site`."""
        found: list[FuncV] = []
        for rule, asks, _ in self._rules:
            if any(p.fullmatch(callee.path) for p in asks):
                given = argument_value(self.graph.ev, site, rule.name, callee)
                values = [self.graph.ev.thunk(t) for t in given.items[:MAX_ASKED]] if isinstance(given, ListV) else [given]
                found.extend(f for v in values if v is not None for n in texts(self.graph.ev, v) for f in self._put.get(n, ()))
        return found[:MAX_ASKED]

    @cached_property
    def _put(self) -> dict[str, list[FuncV]]:
        found: dict[str, list[FuncV]] = defaultdict(list)
        for rule, _, puts in self._rules:
            wanted = {last_step(p) for p in rule.puts}
            for path in dict.fromkeys(f for n in wanted for f in self.graph.naming(n) if f in self.graph.production):
                view = self.graph.view(path)
                for number, call in enumerate(view.facts.calls):
                    if callee_name(call) not in wanted or not call.args:
                        continue
                    callee = options(self.graph.ev.value(call.callee, path, call.owner))
                    if any(isinstance(v, Ext) and p.fullmatch(v.path) for v in callee for p in puts):
                        for name, function in self._strategy(Site(path, number, None), len(call.args), rule):
                            found[name].append(function)
            for where in self._classes(rule):
                for base in external_bases(self.graph.ev, ClassV(where)):
                    if base.site is not None and any(compiled(p).fullmatch(base.path) for p in rule.base):
                        names = [
                            m["name"] for p in self._packages(self.graph.ev.arg_value(base.site, 0)) if (m := re.match(rule.package, p))
                        ]
                        own = next(iter(texts(self.graph.ev, self.graph.ev.arg_value(base.site, 1) or Const(None))), "")
                        for method in rule.methods if names else ():
                            check = members.own_member(self.graph.ev, InstV(ClassV(where)), method)
                            if isinstance(check, FuncV):
                                found[own or names[0]].append(check)
        return found

    def _classes(self, rule: StrategyRule) -> list[SymbolId]:
        """The classes in files that name one of the bases."""
        files = dict.fromkeys(f for b in rule.base for f in self.graph.naming(last_step(b)) if f in self.graph.production)
        symbols = [(f, self.graph.view(f).facts.symbols) for f in files]
        return [SymbolId(f, i) for f, several in symbols for i, s in enumerate(several) if s.kind == "class" and s.bases]

    def _strategy(self, site: Site, given: int, rule: StrategyRule) -> Iterator[tuple[str, FuncV]]:
        """(name, function) of what one call puts."""
        ev = self.graph.ev
        first = ev.arg_value(site, 0)
        own = next(iter(texts(ev, first)), "") if first is not None and given > 1 else ""
        for option in options(ev.arg_value(site, given - 1) or first) if first is not None else ():
            package = next((m for p in self._packages(option) if (m := re.match(rule.package, p))), None)
            if package is None:
                continue
            for function in [f for f in functions_in(self.graph, option) if isinstance(f, FuncV)][:1]:
                yield own or package["name"], function

    def _packages(self, value: AV | None) -> list[str]:
        return [o.path for o in options(value) if isinstance(o, Ext)] if value is not None else []
