"""Containers that hand everything they keep, as one object, to what they make.

`container.register({ orders: asClass(Orders) })` and `class Web { constructor({ orders }) { ... } }`. Cards name the makers (`asClass`)
in a rule of `attached` and say what the made get as their first argument (`gives`); what is kept are members of that.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from typing import TYPE_CHECKING

from backend_readiness.facts.model import Arg, Call, Param, Record
from backend_readiness.graph.evaluation.attached import entries
from backend_readiness.graph.evaluation.evaluate import Evaluator
from backend_readiness.graph.patterns import last_step
from backend_readiness.graph.values import AV, ClassV, Ext, FuncV, ParamV, SymbolId, options
from backend_readiness.graph.views import CONSTRUCTORS, FileView
from backend_readiness.snapshot.places import is_test

if TYPE_CHECKING:
    from backend_readiness.graph.world import Graph

MAX_STEPS = 4
MAX_CALLS = 400


class Cradles:
    """What the containers of one repository make, and the first argument that it gets."""

    def __init__(self, graph: Graph) -> None:
        self._graph = graph
        self._rules = [r for r in graph.knowledge.attached if r.makers and r.gives]
        self._building = False
        self._ev = Evaluator(graph)  # what is not known yet while the made are collected must not be kept

    def given(self, where: SymbolId, position: int) -> AV | None:
        """The first argument of a function or constructor that a container makes; None for any other parameter."""
        if not self._rules or self._building:
            return None
        symbol = self._graph.view(where.file).symbol(where.index)
        before = 1 if symbol.params[0].name == "self" else 0
        if position != before:
            return None
        path = self._made.get(where) or self._asked(symbol.params[position])
        return Ext(path) if path is not None else None

    def _asked(self, param: Param) -> str | None:
        """A function that asks for nothing but what a container keeps is made by it, through whatever stands between."""
        if not isinstance(param.pattern, Record) or param.pattern.computed:
            return None
        asked = [key for key, _ in param.pattern.items]
        return next((path for path, names in self._kept if asked and names.issuperset(asked)), None)

    @cached_property
    def _kept(self) -> list[tuple[str, frozenset[str | None]]]:
        found: list[tuple[str, frozenset[str | None]]] = []
        for rule in self._rules:
            names: set[str | None] = set()
            for file in dict.fromkeys(f for c in rule.callee for f in self._graph.naming(last_step(c)) if not is_test(f)):
                view = self._graph.view(file)
                for number in (n for c in rule.callee for n in view.calls_by_name.get(last_step(c), ())):
                    names.update(key for key, _ in entries(view, view.facts.calls[number], rule))
            found.append((rule.gives, frozenset(names)))
        return found

    @cached_property
    def _made(self) -> dict[SymbolId, str]:
        found: dict[SymbolId, str] = {}
        self._building = True
        try:
            for rule in self._rules:
                for name in dict.fromkeys(last_step(m) for m in rule.makers):
                    for file in self._graph.naming(name):
                        view = self._graph.view(file)
                        for number in view.calls_by_name.get(name, ())[:MAX_CALLS] if not is_test(file) else ():
                            call = view.facts.calls[number]
                            callee = self._ev.value(call.callee, file, call.owner)
                            if any(isinstance(v, Ext) and v.path in rule.makers for v in options(callee)):
                                found.update((s, rule.gives) for s in self._functions(view, call, call.args[:1], 0))
        finally:
            self._building = False
        return found

    def _functions(self, view: FileView, call: Call, args: tuple[Arg, ...], depth: int) -> Iterator[SymbolId]:
        for arg in args:
            for value in options(self._ev.value(arg.value, view.path, call.owner)):
                if isinstance(value, FuncV):
                    yield value.symbol
                elif isinstance(value, ClassV):
                    home = self._graph.view(value.symbol.file)
                    made = (i for n in CONSTRUCTORS for i in home.named_children.get((value.symbol.index, n), ()))
                    yield from (SymbolId(value.symbol.file, i) for i in made)
                elif isinstance(value, ParamV) and depth < MAX_STEPS:
                    yield from self._passed(value, depth + 1)

    def _passed(self, param: ParamV, depth: int) -> Iterator[SymbolId]:
        """What is given to a function of the repository that hands it on to a maker: `handler(({ orders }) => ...)`."""
        around = self._graph.view(param.symbol.file).symbol(param.symbol.index)
        position = next((i for i, p in enumerate(around.params) if p.name == param.name), None)
        if position is None or not around.name:
            return
        for file in self._graph.naming(around.name):
            view = self._graph.view(file)
            for number in view.calls_by_name.get(around.name, ())[:MAX_CALLS] if not is_test(file) else ():
                call = view.facts.calls[number]
                meant = options(self._ev.value(call.callee, file, call.owner))
                if any(isinstance(v, FuncV) and v.symbol == param.symbol for v in meant):
                    yield from self._functions(view, call, call.args[position : position + 1], depth)
