"""What decorators say about a class or method: each as the value of its call, composed ones taken apart."""

from __future__ import annotations

from collections.abc import Iterator

from backend_readiness.facts.model import CallRef
from backend_readiness.graph.patterns import compiled
from backend_readiness.graph.values import AV, Ext, FuncV, InstV, ListV, Site, SymbolId, Thunk, options
from backend_readiness.graph.world import Graph

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
            call = graph.view(option.site.file).facts.calls[option.site.call]
            for arg in call.args:
                yield from _opened(graph, graph.ev.value(arg.value, option.site.file, call.owner, option.site.env), depth + 1)
        elif isinstance(option, InstV) and depth < MAX_COMPOSED:  # an annotation of the repository, which may carry others
            view = graph.view(option.cls.symbol.file)
            symbol = view.symbol(option.cls.symbol.index)
            for decorator in symbol.decorators if symbol.kind == "interface" else ():
                owner = view.facts.calls[decorator.call].owner if isinstance(decorator, CallRef) else max(0, symbol.parent)
                yield from _opened(graph, graph.ev.value(decorator, view.path, owner), depth + 1)
        elif isinstance(option, Ext):
            yield option


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
