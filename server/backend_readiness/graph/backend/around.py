"""Functions that decorators of the repository put around another one: `@Transactional()` above a method, whose inner function commits."""

from __future__ import annotations

from collections.abc import Iterator

from backend_readiness.graph.evaluation.calls import called_member
from backend_readiness.graph.values import ClassV, FuncV, InstV, options
from backend_readiness.graph.world import Graph

MAX_DECORATORS = 4


def around(graph: Graph, target: FuncV) -> Iterator[FuncV]:
    """What runs first when a decorated function is called, outermost first; decorators that give the function itself back have nothing."""
    view = graph.view(target.symbol.file)
    if view.language not in graph.knowledge.wrapping_languages:
        return
    symbol = view.symbol(target.symbol.index)
    for decorator in symbol.decorators[:MAX_DECORATORS]:
        for value in options(graph.ev.value(decorator, view.path, max(0, symbol.parent))):
            maker = called_member(graph.ev, value) if isinstance(value, InstV) else value
            if isinstance(maker, FuncV) and maker.symbol != target.symbol:
                yield from _inner(graph, maker)
            elif isinstance(maker, ClassV):
                made = called_member(graph.ev, InstV(maker))
                yield from (made,) if isinstance(made, FuncV) else ()


def _inner(graph: Graph, maker: FuncV) -> Iterator[FuncV]:
    """The function inside of the decorator that it gives back."""
    for given in options(graph.ev.invoke(maker)):
        if not isinstance(given, FuncV) or given.symbol.file != maker.symbol.file or given.symbol == maker.symbol:
            continue
        if maker.symbol.index in graph.view(given.symbol.file).enclosing(given.symbol.index):
            yield given
