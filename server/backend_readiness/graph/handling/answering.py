"""What answers at the end of directives: the function in their arguments, inside of calls that bring values or checks to it.

`path("publish")(parameters("name") { name => ... })` is answered by the function; `path("orders")(complete(orders.all()))` by `orders.all`.
"""

from __future__ import annotations

from collections.abc import Sequence

from backend_readiness.facts.model import CallRef, Func, Value
from backend_readiness.graph.values import AV, FuncV, SymbolId, options
from backend_readiness.graph.views import FileView
from backend_readiness.graph.world import Graph

MAX_DEPTH = 8


def answering(graph: Graph, view: FileView, owner: int, inner: Sequence[Value], depth: int = 0) -> AV | None:
    """The last function of the values, or that of the calls among them; else the first function of the repository that they call."""
    functions = [i for i in inner if isinstance(i, Func)]
    if functions:
        return graph.ev.symbol_value(SymbolId(view.path, functions[-1].symbol))
    calls = [view.facts.calls[i.call] for i in inner if isinstance(i, CallRef)] if depth < MAX_DEPTH else []
    for call in calls:
        around = (call.callee,) if isinstance(call.callee, CallRef) else ()
        below = answering(graph, view, owner, (*(a.value for a in call.args), *around), depth + 1)
        if below is not None:
            return below
    called = (o for call in calls for o in options(graph.ev.value(call.callee, view.path, owner)))
    return next((o for o in called if isinstance(o, FuncV)), None)
