"""Models that the framework looks up for a handler: `show(Order $order)` on `/orders/{id}` is given the order of that id."""

from __future__ import annotations

from collections.abc import Iterator

from backend_readiness.facts.builder import last_name
from backend_readiness.facts.model import CallRef, Value
from backend_readiness.graph.classes.annotations import decorators_of, of_kind
from backend_readiness.graph.routes.routing import BoundRoute
from backend_readiness.graph.values import ClassV, FuncV, options
from backend_readiness.graph.world import Graph


def bound_models(graph: Graph, bound: BoundRoute, function: FuncV) -> Iterator[str]:
    """The names of the classes, by the rule `bound_models` of the route's card; a mark of another kind says that the request holds it."""
    rule = bound.card.bound_models
    if rule is None or "{" not in bound.route.endpoint.path:
        return
    view = graph.view(function.symbol.file)
    for param in view.symbol(function.symbol.index).params:
        marks = {_name(graph, function.symbol.file, d) for d in param.decorators}
        if param.type is None or (marks and not marks & set(rule.marks)):
            continue
        for option in options(graph.ev.value(param.type, function.symbol.file, function.symbol.index)):
            if isinstance(option, ClassV) and of_kind(decorators_of(graph, option.symbol), rule.classes):
                yield graph.view(option.symbol.file).symbol(option.symbol.index).name


def _name(graph: Graph, file: str, mark: Value) -> str:
    written = graph.view(file).facts.calls[mark.call].callee if isinstance(mark, CallRef) else mark
    return last_name(written) or ""
