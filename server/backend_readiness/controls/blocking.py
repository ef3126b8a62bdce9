"""Which functions of a flow run on an event loop, and which of their calls block it."""

from __future__ import annotations

from backend_readiness.controls.context import ChainCall, Context
from backend_readiness.graph.values import SymbolId


def on_the_loop(context: Context) -> list[SymbolId]:
    """Functions of the chain that run on the event loop: coroutines and what they call; in JavaScript all of them."""
    every = [r.function.symbol for r in context.functions]
    if context.language == "javascript":
        return every
    found = [s for s in every if context.view(s.file).symbol(s.index).is_async]
    chain = set(every)
    todo, seen = list(found), set(found)
    while todo:
        where = todo.pop()
        for edge in context.tracer.edges.of_symbol(where):
            target = edge.target.symbol
            if edge.kind == "call" and target in chain and target not in seen:
                seen.add(target)
                found.append(target)
                todo.append(target)
    return found


def blocking_calls(context: Context) -> list[ChainCall]:
    """Calls with the role `blocking` in functions that run on the loop."""
    found = []
    for symbol in on_the_loop(context):
        for call in context.calls_in(symbol):
            if any("blocking" in context.graph.knowledge.roles_of(p) for p in call.paths):
                found.append(call)
    return found
