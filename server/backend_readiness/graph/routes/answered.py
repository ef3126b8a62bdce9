"""Does a function answer the requests that it is given, or pass them all on? Where one call puts up both (`app.use("/orders", list)`)."""

from __future__ import annotations

from collections.abc import Iterable

from backend_readiness.facts.model import Member
from backend_readiness.graph.routes.routing import functions_in
from backend_readiness.graph.values import AV, FuncV
from backend_readiness.graph.views import callee_name
from backend_readiness.graph.world import Graph


def answers(graph: Graph, value: AV | None, names: Iterable[str]) -> bool:
    """Does a function among the value use one of the members and methods by which a request is answered?"""
    return any(isinstance(f, FuncV) and _uses(graph, f, frozenset(names)) for f in functions_in(graph, value))


def _uses(graph: Graph, function: FuncV, names: frozenset[str]) -> bool:
    view, own = graph.view(function.symbol.file), function.symbol.index
    inside = {i for i in range(len(view.facts.symbols)) if own in view.enclosing(i)}
    written = (a.target for a in view.facts.assigns if a.owner in inside)
    return any(isinstance(t, Member) and t.name in names for t in written) or any(
        callee_name(c) in names for c in view.facts.calls if c.owner in inside
    )
