"""Guards that a class of handlers puts in front of its own methods: `$this->middleware("auth")->except("index")` in its constructor.

The rules are `class_guards` of the cards: the calls in constructors, or the methods that return a list of guards. A method of the class is
covered when `only` names it, or `except` does not.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from backend_readiness.graph.classes import inheritance
from backend_readiness.graph.evaluation import members
from backend_readiness.graph.patterns import compiled
from backend_readiness.graph.routes.later_steps import sites_after
from backend_readiness.graph.routes.routing import Guard, functions_in
from backend_readiness.graph.urls import texts
from backend_readiness.graph.values import AV, ClassV, Const, Ext, FuncV, InstV, ListV, Site, SymbolId, options
from backend_readiness.graph.views import CONSTRUCTORS
from backend_readiness.model import Place
from backend_readiness.rules.card_rules import ParamGuardRule

if TYPE_CHECKING:
    from backend_readiness.graph.routes.scan import Scan

Listed = tuple[AV, frozenset[str], frozenset[str], Place]


class ClassGuards:
    """Guards by class, read once for each."""

    def __init__(self, scan: Scan) -> None:
        self.scan = scan
        self.ev = scan.graph.ev
        self.rules = [(c, r) for c in scan.graph.knowledge.cards for r in c.class_guards]
        self._known: dict[SymbolId, list[Listed]] = {}

    def apply(self) -> None:
        asked = [r for c in self.scan.graph.knowledge.cards for r in c.param_guards]
        for number, item in enumerate(self.scan.routing.registrations if self.rules or asked else ()):
            for function in functions_in(self.scan.graph, item.handler)[:1]:
                if not isinstance(function, FuncV):
                    continue
                found = list(self._asked(function, asked))
                if isinstance(function.self_value, InstV):
                    name = self.scan.graph.view(function.symbol.file).symbol(function.symbol.index).name
                    found = [*self._covering(function.self_value.cls, name), *found]
                self.scan.routing.registrations[number] = replace(item, guards=(*item.guards, *found)) if found else item

    def _asked(self, handler: FuncV, rules: list[ParamGuardRule]) -> Iterator[Guard]:
        """What a parameter of the handler checks before it runs: `store(StoreOrder $request)`."""
        view = self.scan.graph.view(handler.symbol.file)
        symbol = view.symbol(handler.symbol.index)
        place = Place(file=view.path, line=symbol.line, end_line=symbol.line)
        for param in symbol.params if rules else ():
            typed = self.ev.instance_of(param.type, view.path, max(0, symbol.parent)) if param.type is not None else None
            for option in options(typed) if typed is not None else ():
                bases = {b.path for b in inheritance.external_bases(self.ev, option.cls)} if isinstance(option, InstV) else set()
                for rule in rules:
                    if isinstance(option, InstV) and bases & set(rule.base):
                        yield Guard(value=option.cls, place=place, start=0)
                        methods = (members.own_member(self.ev, option, m) for m in rule.methods)
                        yield from (Guard(value=m, place=place, start=0) for m in methods if isinstance(m, FuncV))

    def _covering(self, cls: ClassV, name: str) -> list[Guard]:
        listed = self._known.get(cls.symbol)
        if listed is None:
            listed = self._known[cls.symbol] = list(self._of(cls))
        return [Guard(value=v, place=p, start=0) for v, only, without, p in listed if (not only or name in only) and name not in without]

    def _of(self, cls: ClassV) -> Iterator[Listed]:
        classes = [cls, *(b for b in inheritance.bases(self.ev, cls) if isinstance(b, ClassV))]
        for owner in classes:
            view = self.scan.graph.view(owner.symbol.file)
            for child in view.children.get(owner.symbol.index, ()):
                symbol = view.symbol(child)
                if symbol.name in CONSTRUCTORS:
                    yield from self._called(owner.symbol.file, child)
                elif any(symbol.name in rule.returned for _, rule in self.rules) and symbol.is_static:
                    yield from self._returned(SymbolId(owner.symbol.file, child), cls)

    def _called(self, file: str, constructor: int) -> Iterator[Listed]:
        view = self.scan.graph.view(file)
        for number in view.calls_of.get(constructor, ()):
            call = view.facts.calls[number]
            for card, rule in self.rules:
                patterns = self.scan.graph.knowledge.patterns(card, rule.callee)
                callee = self.ev.value(call.callee, file, call.owner)
                if not any(isinstance(o, Ext) and any(compiled(p).fullmatch(o.path) for p in patterns) for o in options(callee)):
                    continue
                site, place = Site(file, number, None), Place(file=file, line=call.line, end_line=call.end_line)
                only, without = (self._names(sites_after(view, site, step)) for step in (rule.only, rule.without))
                for value in self._guards(self.ev.arg_value(site, 0)):
                    yield value, only, without, place

    def _returned(self, method: SymbolId, cls: ClassV) -> Iterator[Listed]:
        symbol = self.scan.graph.view(method.file).symbol(method.index)
        place = Place(file=method.file, line=symbol.line, end_line=symbol.end_line)
        for value in self._guards(self.ev.invoke(FuncV(method, cls))):
            if isinstance(value, Ext) and value.site is not None:  # `new Middleware("auth", only: ["store"])`
                only, without = (self._texts(self.ev.arg_value(value.site, 999, key)) for key in ("only", "except"))
                for inner in self._guards(self.ev.arg_value(value.site, 0)):
                    yield inner, only, without, place
            else:
                yield value, frozenset(), frozenset(), place

    def _guards(self, value: AV | None) -> Iterator[AV]:
        for option in options(value) if value is not None else ():
            if isinstance(option, ListV):
                yield from (v for item in option.items[:20] for v in options(self.ev.thunk(item)))
            elif isinstance(option, Const | ClassV | InstV | FuncV | Ext):
                yield option

    def _names(self, sites: list[Site]) -> frozenset[str]:
        found: set[str] = set()
        for site in sites:
            call = self.scan.graph.view(site.file).facts.calls[site.call]
            for arg in call.args:
                found |= self._texts(self.ev.value(arg.value, site.file, call.owner, site.env))
        return frozenset(found)

    def _texts(self, value: AV | None) -> frozenset[str]:
        return frozenset(texts(self.ev, value)) if value is not None else frozenset()
