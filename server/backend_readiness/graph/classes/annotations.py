"""What decorators say about a class, a method or a parameter: each as the value of its call, composed ones taken apart."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from backend_readiness.facts.model import CallRef, Index, Member, Name, Param, Seq, Value
from backend_readiness.graph.evaluation.exports import assigned_at
from backend_readiness.graph.evaluation.known_branches import surely_runs
from backend_readiness.graph.patterns import compiled
from backend_readiness.graph.values import AV, Ext, FuncV, InstV, ListV, Site, SymbolId, Thunk, options
from backend_readiness.graph.world import Graph

if TYPE_CHECKING:
    from backend_readiness.graph.evaluation.evaluate import Evaluator

MAX_COMPOSED = 4


def decorators_of(graph: Graph, where: SymbolId) -> list[Ext]:
    """The decorators in source order: `pkg.Guard()` with its call as `site`, `pkg.Guard` for a bare one.

    A decorator of the repository that puts others together (`applyDecorators(A(), B())`) counts as those.
    """
    view = graph.view(where.file)
    symbol = view.symbol(where.index)
    found: list[Ext] = []
    for decorator in symbol.decorators:
        owner = view.facts.calls[decorator.call].owner if isinstance(decorator, CallRef) else max(0, symbol.parent)
        found.extend(_opened(graph, graph.ev.value(decorator, where.file, owner), 0))
    return found


def _opened(graph: Graph, value: AV, depth: int) -> Iterator[Ext]:
    for option in options(value):
        if isinstance(option, FuncV) and depth < MAX_COMPOSED:  # a decorator made by a function of the repository, or a bare one
            yield from _opened(graph, graph.ev.invoke(option), depth + 1)
        elif isinstance(option, Ext) and option.site is not None and option.path.endswith("applyDecorators()") and depth < MAX_COMPOSED:
            for part in _put_together(graph, option.site):
                yield from _opened(graph, part, depth + 1)
        elif isinstance(option, InstV) and depth < MAX_COMPOSED:  # an annotation of the repository, which may carry others
            view = graph.view(option.cls.symbol.file)
            symbol = view.symbol(option.cls.symbol.index)
            for decorator in symbol.decorators if symbol.kind == "interface" else ():
                owner = view.facts.calls[decorator.call].owner if isinstance(decorator, CallRef) else max(0, symbol.parent)
                yield from _opened(graph, graph.ev.value(decorator, view.path, owner), depth + 1)
        elif isinstance(option, Ext):
            yield option


def _put_together(graph: Graph, site: Site) -> Iterator[AV]:
    """The arguments of a call; of a list that is spread into it (`f(...parts)`) its items, and what was pushed on it before."""
    view = graph.view(site.file)
    call = view.facts.calls[site.call]
    for arg in call.args:
        value = graph.ev.value(arg.value, site.file, call.owner, site.env)
        if not arg.spread:
            yield value
            continue
        for option in options(value):
            yield from (graph.ev.thunk(item) for item in option.items) if isinstance(option, ListV) else ()
        for number in view.calls_by_name.get("push", ()):
            added = view.facts.calls[number]
            here = added.callee == Member(arg.value, "push") and added.owner == call.owner and added.start < call.start
            if here and surely_runs(graph.ev, SymbolId(site.file, call.owner), added.start, site.env):
                yield from (graph.ev.value(a.value, site.file, call.owner, site.env) for a in added.args)


def of_kind(found: list[Ext], patterns: tuple[str, ...]) -> list[Ext]:
    """Those whose callee is one of the patterns."""
    return [a for a in found if any(compiled(p).fullmatch(a.path.removesuffix("()")) for p in patterns)]


def arguments(graph: Graph, annotation: Ext) -> list[Thunk]:
    """The positional arguments of an annotation, lists flattened."""
    if annotation.site is None:
        return []
    site: Site = annotation.site
    call = graph.view(site.file).facts.calls[site.call]
    found: list[Thunk] = []
    for arg in call.args:
        if arg.name is None:
            thunk = Thunk(site.file, call.owner, arg.value, site.env)
            value = graph.ev.thunk(thunk)
            found.extend(value.items if isinstance(value, ListV) else (thunk,))
    return found


def annotation_calls(ev: Evaluator, param: Param, file: str) -> Iterator[tuple[str, int]]:
    """(file, call) of the calls in the default and the type of a parameter: `Annotated[int, Query()]`, also behind a name for that type."""
    for value in (param.default, param.type):
        yield from _calls_in(ev, value, file, 0)


def _calls_in(ev: Evaluator, value: Value | None, file: str, depth: int) -> Iterator[tuple[str, int]]:
    if isinstance(value, CallRef):
        yield file, value.call
    elif isinstance(value, Index):
        yield from _calls_in(ev, value.key, file, depth)
    elif isinstance(value, Seq):
        for item in value.items[:8]:
            yield from _calls_in(ev, item, file, depth)
    elif isinstance(value, Name | Member) and depth < 3:
        place = assigned_at(ev, value, file, 0)
        if place is not None and isinstance(place[1], Index):
            yield from _calls_in(ev, place[1], place[0].path, depth + 1)
