"""Handlers that a package brings (card key `brought`): where the repository configures them, and what they do to its data."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from backend_readiness.facts.model import Member, Name
from backend_readiness.graph.classes import inheritance
from backend_readiness.graph.evaluation import constants
from backend_readiness.graph.patterns import PatternIndex
from backend_readiness.graph.routes.routing import Registration, Touch
from backend_readiness.graph.values import ClassV, Ext, FuncV, SymbolId, options
from backend_readiness.graph.views import callee_name
from backend_readiness.graph.world import Graph
from backend_readiness.model import Named, Place
from backend_readiness.rules.brought_rules import BroughtRule
from backend_readiness.snapshot.places import is_production

MAX_FILES = 60
MAX_MENTIONS = 400


@dataclass(frozen=True, slots=True, kw_only=True)
class Brought:
    """`stands`: where the repository configures the handler; `touches`: what it does, each at the place that says on what."""

    stands: Named | None
    touches: tuple[Touch, ...]


class BroughtHandlers:
    """The handlers of packages of one repository; models and settings are looked for once for each rule."""

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self._rules = brought_rules(graph)
        self._found: dict[int, tuple[dict[SymbolId, Place], Place | None]] = {}

    def of_class(self, cls: ClassV, action: str, model: ClassV | None, route: Place | None = None) -> Brought | None:
        """What a class of the repository leaves to a base that a package brings."""
        if not self._rules.names:
            return None
        return self._of((b.path for b in inheritance.external_bases(self.graph.ev, cls)), action, model, route)

    def of_name(self, name: str, action: str, model: ClassV | None) -> Brought | None:
        """What a class that no file of the repository has answers, by its full name (`Devise::SessionsController`)."""
        return self._of((name.replace("::", "."),), action, model)

    def apply(self, registrations: list[Registration]) -> None:
        """Say of each handler that is a class what the method does that it has from a package: the one that it is asked for, else the
        one that answers requests of the route's HTTP method. A class of the package itself stands where it is called to be a handler.
        """
        for number, item in enumerate(registrations if self._rules.names else ()):
            for option in options(item.handler) if item.handler is not None and not item.touches else ():
                found: Brought | None = None
                if isinstance(option, ClassV):
                    found = self.of_class(option, option.asked or item.method, None, item.place)
                elif (
                    isinstance(option, Ext) and isinstance(option.base, Ext) and isinstance(option.base.base, Ext)
                ):  # `LoginView.as_view()`
                    found = self._of((option.base.base.path,), item.method, None, item.place)
                if found is not None:
                    registrations[number] = replace(item, touches=found.touches, stands=found.stands)

    def by_super(self, function: FuncV, cls: ClassV, action: str, model: ClassV | None) -> Brought | None:
        """What a method of the repository hands on to the method of the same name of such a base."""
        found = self.of_class(cls, action, model)
        if found is None:
            return None
        view = self.graph.view(function.symbol.file)
        for number in (n for scope in view.body(function.symbol.index) for n in view.calls_of.get(scope, ())):
            callee = view.facts.calls[number].callee
            if isinstance(callee, Member) and callee.name == action and callee.base == Name("super"):
                return found
        return None

    def _of(self, paths: Iterable[str], action: str, model: ClassV | None, route: Place | None = None) -> Brought | None:
        for path in paths:
            for rule, _ in self._rules.matches(path):
                done = rule.actions.get(action)
                if done is not None:
                    return self._made(rule, f"{path}.{action}", done, model, route)
        return None

    def _made(self, rule: BroughtRule, symbol: str, done: tuple[str, ...], model: ClassV | None, route: Place | None) -> Brought:
        models, setting = self._configured(rule)
        if model is None or model.symbol not in models:
            model = ClassV(next(iter(models))) if len(models) == 1 else None
        place = models[model.symbol] if model is not None else setting
        if place is None and rule.own_model and route is not None and not models:
            return Brought(stands=None, touches=_touches(done, rule.own_model, route))
        if place is None or place.file is None or place.line is None:
            return Brought(stands=None, touches=())
        stands = Named(symbol=symbol, file=place.file, line=place.line, end_line=place.end_line or place.line)
        own = self.graph.view(model.symbol.file).symbol(model.symbol.index).name if model is not None else ""
        return Brought(stands=stands, touches=_touches(done, own, place))

    def _configured(self, rule: BroughtRule) -> tuple[dict[SymbolId, Place], Place | None]:
        """The classes that the package works on, each with the place that says so, and the place of its settings."""
        known = self._found.get(id(rule))
        if known is None:
            models = dict((*self._marked(rule), *self._mixed(rule)))
            known = self._found[id(rule)] = (models, self._settings(rule))
        return known

    def _files(self, name: str) -> list[str]:
        return [p for p in self.graph.naming(name) if is_production(p)][:MAX_FILES]

    def _marked(self, rule: BroughtRule) -> Iterator[tuple[SymbolId, Place]]:
        for mark in rule.marks:
            for path in self._files(mark):
                view = self.graph.view(path)
                for call in view.facts.calls:
                    if callee_name(call) == mark and isinstance(call.callee, Name):
                        owner = next((i for i in view.enclosing(call.owner) if view.symbol(i).kind == "class"), None)
                        if owner is not None and view.symbol(owner).bases:
                            yield SymbolId(path, owner), Place(file=path, line=call.line, end_line=call.end_line)

    def _mixed(self, rule: BroughtRule) -> Iterator[tuple[SymbolId, Place]]:
        for mixin in rule.mixins:
            first = set(self.graph.naming(mixin.partition(".")[0]))  # where an import writes it out, only the last name stands in the code
            near = [p for p in self.graph.naming(mixin.rpartition(".")[2]) if not first or p in first]
            for path in [p for p in near if is_production(p)][:MAX_MENTIONS]:
                view = self.graph.view(path)
                for number, symbol in enumerate(view.facts.symbols):
                    cls = ClassV(SymbolId(path, number))
                    if symbol.kind == "class" and any(b.path == mixin for b in inheritance.external_bases(self.graph.ev, cls)):
                        yield cls.symbol, Place(file=path, line=symbol.line, end_line=symbol.line)

    def _settings(self, rule: BroughtRule) -> Place | None:
        for setting in rule.settings:
            for path in self._files(setting.rpartition(".")[2]):
                view = self.graph.view(path)
                for call in view.facts.calls:
                    if callee_name(call) != setting.rpartition(".")[2]:
                        continue
                    value = self.graph.ev.value(call.callee, path, call.owner)
                    if any(isinstance(v, Ext) and v.path == setting for v in options(value)):
                        return Place(file=path, line=call.line, end_line=call.end_line)
        return None


def _touches(done: tuple[str, ...], model: str, place: Place) -> tuple[Touch, ...]:
    split = [text.partition(" ") for text in done]
    return tuple(Touch(operation=does, target=table or model, place=place) for does, _, table in split if table or model)


def brought_rules(graph: Graph) -> PatternIndex[BroughtRule]:
    """The rules of handlers by the paths of the package's classes."""
    index: PatternIndex[BroughtRule] = PatternIndex()
    for card in graph.knowledge.cards:
        for rule in card.brought:
            index.add(graph.knowledge.patterns(card, rule.classes), (), rule)
    return index


def model_named(graph: Graph, names: Iterable[str]) -> ClassV | None:
    """The first class of the repository that one of the names means."""
    return next((c for n in names if (c := constants.class_of_text(graph.ev, n)) is not None), None)
