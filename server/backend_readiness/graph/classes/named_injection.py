"""Injection by the names of parameters: `module.factory("orders", function ($http) { ... })`, `["$http", function (http) { ... }]`.

Which calls register a thing under a name and which only run a function, cards say (`rules.page_rules.NamedInjectionRule`). A name that
several files register means the one of its own file, or nothing.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from backend_readiness.facts.model import Func, Lit, Member, Name, Param, Record, Seq, Value
from backend_readiness.graph.classes.set_members import set_members
from backend_readiness.graph.evaluation.evaluate import Evaluator
from backend_readiness.graph.patterns import compiled, last_step
from backend_readiness.graph.values import AV, ClassV, Const, Ext, FuncV, InstV, ListV, Obj, SymbolId, Thunk, options
from backend_readiness.graph.views import CONSTRUCTORS, FileView, callee_name

if TYPE_CHECKING:
    from backend_readiness.graph.world import Graph
    from backend_readiness.rules.page_rules import NamedInjectionRule

MAX_DEPTH = 8
_ITSELF = "self"  # `this`, as facts write it


class Registration(NamedTuple):
    """What a call registers: `kind` is the name of the call's last step (`factory`); `name` is empty when it only runs a function."""

    kind: str
    made: str
    name: str
    given: Thunk


class NamedInjection:
    """The registrations of one repository, and what they make of parameters."""

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self.rules = [(c, r) for c in graph.knowledge.cards for r in c.named_injections]
        self.building = False
        self.ev = Evaluator(graph)  # what is not known yet while registrations are collected must not be kept

    def name_of(self, where: SymbolId, param: Param) -> str:
        """The name under which a parameter is injected; empty when nobody injects it."""
        if not self.rules:
            return ""
        if self.building:
            return ""
        names = self._names.get(where)
        position = self.graph.view(where.file).symbol(where.index).params.index(param)
        return names[position] if names is not None and position < len(names) else ""

    def named(self, name: str, file: str) -> AV | None:
        """What a name means to those who ask for it in a file."""
        for _, rule in self.rules:
            if not rule.makes and rule.names and re.fullmatch(rule.names, name):  # of a library, which may lie in the repository as well
                return Ext(rule.own.format(name=name))
        found = [r for r in self._by_name.get(name, ()) if r.made]
        own = [r for r in found if r.given.file == file]
        chosen = own or found
        for _, rule in self.rules:
            if len(chosen) == 1:
                return self._value(chosen[0], rule)
            if not chosen and rule.names and re.fullmatch(rule.names, name):
                return Ext(rule.own.format(name=name))
        return None

    def function(self, name: str, kinds: frozenset[str], file: str) -> AV | None:
        """The function or class that one of the calls `kinds` registers under a name: of this file, else the only one."""
        found = [r for r in self._by_name.get(name, ()) if r.kind in kinds]
        own = [r for r in found if r.given.file == file]
        chosen = own or found
        return self.last(self.ev.thunk(chosen[0].given)) if len(chosen) == 1 else None

    def last(self, value: AV) -> AV:
        """The function of a list that ends with it."""
        return self.ev.thunk(value.items[-1]) if isinstance(value, ListV) and value.items else value

    def runs(self, value: AV) -> SymbolId | None:
        """The function that runs for a function or a class."""
        for option in options(self.last(value)):
            if isinstance(option, FuncV):
                return option.symbol
            if isinstance(option, ClassV):
                view = self.graph.view(option.symbol.file)
                made = (i for n in CONSTRUCTORS for i in view.named_children.get((option.symbol.index, n), ()))
                found = next(made, None)
                return SymbolId(option.symbol.file, found) if found is not None else option.symbol
        return None

    @property
    def files(self) -> tuple[str, ...]:
        """The files that register something."""
        return tuple(self._registrations)

    # ------------------------------------------------------------ registrations

    @cached_property
    def _registrations(self) -> dict[str, list[Registration]]:
        found: dict[str, list[Registration]] = defaultdict(list)
        self.building = True
        try:
            for card, rule in self.rules:
                made: dict[str, str] = {p: kind for c, kind in rule.makes.items() for p in self.graph.knowledge.patterns(card, c)}
                made |= dict.fromkeys(self.graph.knowledge.patterns(card, rule.runs), "")
                for file in dict.fromkeys(f for p in made for f in self.graph.naming(last_step(p)) if f in self.graph.production):
                    found[file].extend(self._of_file(file, made))
        finally:
            self.building = False
        return {f: r for f, r in found.items() if r}

    def _of_file(self, file: str, made: dict[str, str]) -> Iterator[Registration]:
        view = self.graph.view(file)
        names = {last_step(p) for p in made}
        for call in view.facts.calls:
            called = callee_name(call)
            if called is None or called not in names or not call.args:
                continue
            for value in options(self.ev.value(call.callee, file, call.owner)):
                kind = next((k for p, k in made.items() if isinstance(value, Ext) and compiled(p).fullmatch(value.path)), None)
                if kind is not None:
                    first = call.args[0].value
                    name = str(first.value) if isinstance(first, Lit) and len(call.args) > 1 else ""
                    given = call.args[1].value if name else first
                    yield Registration(called, kind, name, Thunk(file, call.owner, given, None))

    @cached_property
    def _by_name(self) -> dict[str, list[Registration]]:
        found: dict[str, list[Registration]] = defaultdict(list)
        for several in self._registrations.values():
            for item in several:
                if item.name:
                    found[item.name].append(item)
        return found

    def _value(self, item: Registration, rule: NamedInjectionRule) -> AV | None:
        ev = self.graph.ev
        value = self.last(ev.thunk(item.given))
        if item.made == "value":
            return value
        for option in options(value):
            if isinstance(option, ClassV) and item.made == "new":
                return InstV(option)
            if isinstance(option, FuncV) and item.made == "new" and self._returns(option):
                return ev.invoke(option)  # what a constructor returns is what `new` makes
            where = option.symbol if isinstance(option, FuncV | ClassV) else None
            if where is not None and item.made == "result":
                return ev.invoke(option)
            members = set_members(self.graph.view(where.file), where.index, frozenset()) if where is not None else None
            if where is None or members is None:
                continue
            if item.made == "new":
                return Obj(members, (), item.given)
            return ev.invoke(self.last(ev.thunk(members[rule.method]))) if rule.method in members else None
        return None

    def _returns(self, function: FuncV) -> bool:
        """Does a function return a value of its own, other than itself (`return this`, `var self = this; return self`)?"""
        view, index = self.graph.view(function.symbol.file), function.symbol.index
        itself = {Name(_ITSELF), *(a.target for a in view.assigns_of.get(index, ()) if a.value == Name(_ITSELF))}
        returned = view.returns.get(index, ())
        return any(r.value is not None and r.value not in itself for r in returned)

    # ------------------------------------------------------------ parameters

    @cached_property
    def _names(self) -> dict[SymbolId, tuple[str, ...]]:
        """Function -> what its parameters are, by their names or a list."""
        found: dict[SymbolId, tuple[str, ...]] = {}
        several = self._registrations
        self.building = True
        try:
            for file, registered in several.items():
                for item in registered:
                    where = self.runs(self.ev.thunk(item.given))
                    if where is not None:
                        found.setdefault(where, self._own_names(where))
                view = self.graph.view(file)
                for _, rule in self.rules:
                    found |= self._written(view, rule)
                    found |= self._set_apart(view, rule)
        finally:
            self.building = False
        return found

    def _own_names(self, where: SymbolId) -> tuple[str, ...]:
        return tuple(p.name for p in self.graph.view(where.file).symbol(where.index).params)

    def _written(self, view: FileView, rule: NamedInjectionRule) -> dict[SymbolId, tuple[str, ...]]:
        """Functions behind a list of names, and those under keys of objects."""
        found: dict[SymbolId, tuple[str, ...]] = {}

        def inside(value: Value | None, owner: int, depth: int) -> None:
            if depth > MAX_DEPTH:
                return
            if isinstance(value, Seq):
                names = tuple(str(i.value) for i in value.items[:-1] if isinstance(i, Lit))
                if value.items and len(names) == len(value.items) - 1 and isinstance(value.items[-1], Func | Name):
                    where = self.runs(self.ev.value(value.items[-1], view.path, owner))
                    if where is not None and len(self._own_names(where)) == len(names):
                        found[where] = names
                for item in value.items[:40]:
                    inside(item, owner, depth + 1)
            elif isinstance(value, Record):
                for key, item in value.items:
                    if key in rule.keys and isinstance(item, Func | Name):
                        where = self.runs(self.ev.value(item, view.path, owner))
                        if where is not None:
                            found[where] = self._own_names(where)
                    inside(item, owner, depth + 1)

        for call in view.facts.calls:
            for arg in call.args[:4]:
                inside(arg.value, call.owner, 0)
        for assign in view.facts.assigns:
            inside(assign.value, assign.owner, 0)
            if isinstance(assign.target, Member) and assign.target.name in rule.keys and isinstance(assign.value, Func):
                where = SymbolId(view.path, assign.value.symbol)
                found.setdefault(where, self._own_names(where))
        for item in view.facts.returns:
            inside(item.value, item.owner, 0)
        return found

    def _set_apart(self, view: FileView, rule: NamedInjectionRule) -> dict[SymbolId, tuple[str, ...]]:
        """`Orders.$inject = ["$http"]`, and the static field of that name in a class."""
        found: dict[SymbolId, tuple[str, ...]] = {}
        for assign in view.facts.assigns:
            target, value = assign.target, assign.value
            if not isinstance(value, Seq) or not isinstance(target, Member | Name):
                continue
            if (target.name if isinstance(target, Member) else target.id) != rule.listed:
                continue
            holder = self.ev.value(target.base, view.path, assign.owner) if isinstance(target, Member) else None
            owner = ClassV(SymbolId(view.path, assign.owner)) if holder is None else holder
            where = self.runs(owner)
            if where is not None:
                found[where] = tuple(str(i.value) for i in value.items if isinstance(i, Lit))
        return found


def text_of(value: AV | None) -> str:
    """A text that is known, else an empty one."""
    return value.value if isinstance(value, Const) and isinstance(value.value, str) else ""
