"""What a class runs before (or around) its methods, as calls in its body say: `before_action :require_login, except: [:index]`.

Filters of the bases come first. A later call that skips one takes it away again.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeVar

from backend_readiness.facts.model import Name
from backend_readiness.graph.classes import inheritance
from backend_readiness.graph.classes.annotations import decorators_of
from backend_readiness.graph.evaluation import constants
from backend_readiness.graph.patterns import PatternIndex
from backend_readiness.graph.references import argument_thunk
from backend_readiness.graph.routes.routing import Guard
from backend_readiness.graph.tagged import Tagged
from backend_readiness.graph.urls import texts
from backend_readiness.graph.values import AV, ClassV, Const, Ext, FuncV, InstV, Site, SymbolId, options
from backend_readiness.graph.world import Graph
from backend_readiness.model import Place
from backend_readiness.rules.card_rules import FilterRule, Ref
from backend_readiness.rules.hook_rules import CallbackRule

MAX_CALLS = 300


def filters_of(graph: Graph, cls: ClassV, action: str) -> list[Guard]:
    """The guards of one method of a class, in the order in which they run."""
    index = graph.knowledge.filters
    if not index.names:
        return []
    found: list[tuple[object, Guard]] = []
    bases = [b for b in inheritance.bases(graph.ev, cls) if isinstance(b, ClassV)]
    for owner in (*reversed(bases), cls):
        for rule, site, place in _calls(graph, owner, index):
            if not _applies(graph, rule, site, action):
                continue
            for key, value in (*_values(graph, site, cls), *_itself(graph, rule, site)):
                if rule.skips:
                    found = [item for item in found if item[0] != key]
                elif all(known != key for known, _ in found):
                    guard = Guard(value=value, place=place, start=0)
                    found = [(key, guard), *found] if rule.first else [*found, (key, guard)]
    return [guard for _, guard in found]


def callbacks_of(graph: Graph, cls: ClassV, operation: str) -> list[FuncV]:
    """The methods that a class runs with an operation on it, those of its bases first."""
    index = graph.knowledge.callbacks
    found: list[FuncV] = []
    bases = [b for b in inheritance.bases(graph.ev, cls) if isinstance(b, ClassV)] if index.names else []
    for owner in (*reversed(bases), cls) if index.names else ():
        for rule, site, _ in _calls(graph, owner, index):
            if operation in _operations(graph, rule, site):
                found.extend(v for _, v in _values(graph, site, cls) if isinstance(v, FuncV))
        found.extend(FuncV(method, InstV(cls)) for rule, method in _marked(graph, owner, index) if operation in rule.operations)
    return found


def _marked(graph: Graph, cls: ClassV, index: PatternIndex[Tagged[CallbackRule]]) -> Iterator[tuple[CallbackRule, SymbolId]]:
    """The methods of a class whose decorators have them run: `@BeforeInsert() hash()`."""
    view = graph.view(cls.symbol.file)
    for number in view.children.get(cls.symbol.index, ()):
        where = SymbolId(view.path, number)
        rules = {id(t.rule): t.rule for d in _written(graph, where) for t, _ in index.matches(d) if t.rule.marks}
        yield from ((rule, where) for rule in rules.values())


def _written(graph: Graph, where: SymbolId) -> list[Ext]:
    return decorators_of(graph, where) if graph.view(where.file).symbol(where.index).decorators else []


def _operations(graph: Graph, rule: CallbackRule, site: Site) -> tuple[str, ...]:
    """The operations with which the call has its methods run: those that it names, else all of the rule."""
    named = _texts(graph, site, rule.said) or []
    return tuple(o for word in named for o in rule.words.get(word, ())) or rule.operations


R = TypeVar("R", FilterRule, CallbackRule)


def _calls(graph: Graph, cls: ClassV, index: PatternIndex[Tagged[R]]) -> Iterator[tuple[R, Site, Place]]:
    ev = graph.ev
    for part in constants.parts(ev, cls.symbol):
        view = graph.view(part.file)
        wanted = index.names
        numbers = [n for scope in view.body(part.index) for n in view.calls_of.get(scope, ())][:MAX_CALLS]
        for number in sorted(numbers, key=lambda n: view.facts.calls[n].start):
            call = view.facts.calls[number]
            if not isinstance(call.callee, Name) or call.callee.id not in wanted:
                continue
            place = Place(file=view.path, line=call.line, end_line=call.end_line)
            for value in options(ev.value(call.callee, view.path, call.owner)):
                rules = [t.rule for t, _ in index.matches(value)[:1]] if isinstance(value, Ext) else []
                if rules:
                    yield rules[0], Site(view.path, number, None), place
                    break


def _texts(graph: Graph, site: Site, ref: Ref | None) -> list[str] | None:
    """The texts of an argument; None when it is not there."""
    thunk = argument_thunk(graph.ev, site, ref) if ref is not None else None
    return texts(graph.ev, graph.ev.thunk(thunk)) if thunk is not None else None


def _applies(graph: Graph, rule: FilterRule, site: Site, action: str) -> bool:
    only, but = _texts(graph, site, rule.only), _texts(graph, site, rule.but)
    if only is not None and action not in only:
        return False
    if but is not None and action in but:
        return False
    # a condition may leave the filter out: it takes nothing away, and what it adds is there at times
    return not (rule.skips and any(_texts(graph, site, Ref(kwarg=key)) is not None for key in rule.conditions))


def _itself(graph: Graph, rule: FilterRule, site: Site) -> Iterator[tuple[object, AV]]:
    """The call itself, where it is the filter."""
    call = graph.view(site.file).facts.calls[site.call]
    if rule.itself:
        yield rule.itself, graph.ev.value(call.callee, site.file, call.owner)


def _values(graph: Graph, site: Site, cls: ClassV) -> Iterator[tuple[object, AV]]:
    """Key and value of each function that the call names or holds."""
    ev = graph.ev
    call = graph.view(site.file).facts.calls[site.call]
    for arg in call.args:
        if arg.name is not None:
            continue
        value = ev.value(arg.value, site.file, call.owner)
        for option in options(value):
            if isinstance(option, Const) and isinstance(option.value, str):
                method = ev.member(InstV(cls), option.value)
                yield option.value, method if isinstance(method, FuncV | Ext) else option
            elif isinstance(option, FuncV):
                yield option.symbol, FuncV(option.symbol, InstV(cls), option.env)
            elif isinstance(option, ClassV | Ext):
                yield id(option), option


__all__ = ["callbacks_of", "filters_of"]
