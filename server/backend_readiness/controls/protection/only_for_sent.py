"""What dependencies call for requests alone that carry a credential: `if token: return current_user(token)`."""

from __future__ import annotations

from collections.abc import Iterator

from backend_readiness.controls.context import Context
from backend_readiness.controls.protection.inputs import inputs_of
from backend_readiness.controls.protection.refusals import only_if_sent
from backend_readiness.graph.classes.annotations import annotation_calls
from backend_readiness.graph.values import FuncV, SymbolId, options

MAX_FUNCTIONS = 120
MAX_EDGES = 20


def only_for_sent(context: Context) -> set[SymbolId]:
    """Functions that the dependencies of the handlers reach only where a request carries a credential."""
    handlers = inputs_of(context).handlers
    waiting = [d for h in handlers for d in _depended_on(context, h)]
    waiting += [f.symbol for g in context.guards for f in context.roles.functions(g.value)]
    asked: set[SymbolId] = set(handlers)
    sent: set[SymbolId] = set()
    runs: list[tuple[SymbolId, bool]] = [(w, True) for w in waiting]  # as a dependency, which has dependencies of its own
    while runs and len(asked) < MAX_FUNCTIONS:
        where, depends = runs.pop()
        if where in asked:
            continue
        asked.add(where)
        for target, unasked in _called(context, where):
            if unasked:
                sent.add(target)
            else:
                runs.append((target, False))
        runs += [(d, True) for d in _depended_on(context, where)] if depends else []
    return _below(context, sent - asked) - asked


def _below(context: Context, functions: set[SymbolId]) -> set[SymbolId]:
    """The functions with what they depend on and call."""
    found: set[SymbolId] = set()
    waiting = list(functions)
    while waiting and len(found) < MAX_FUNCTIONS:
        where = waiting.pop()
        if where not in found:
            found.add(where)
            waiting += [*_depended_on(context, where), *(t for t, _ in _called(context, where))]
    return found


def _called(context: Context, where: SymbolId) -> Iterator[tuple[SymbolId, bool]]:
    """What a function calls, and whether only for requests with a credential."""
    for edge in context.tracer.edges.of_symbol(where)[:MAX_EDGES]:
        view = context.view(edge.site.file)
        call = view.facts.calls[edge.site.call]
        yield edge.target.symbol, edge.kind == "call" and only_if_sent(view, call.owner, call.start)


def _depended_on(context: Context, where: SymbolId) -> Iterator[SymbolId]:
    """The functions that a framework runs for the parameters of one: `user = Depends(current_user)`."""
    for param in context.view(where.file).symbol(where.index).params:
        for file, number in annotation_calls(context.graph.ev, param, where.file):
            call = context.view(file).facts.calls[number]
            for arg in call.args[:1]:
                values = options(context.graph.ev.value(arg.value, file, call.owner))
                yield from (v.symbol for v in values if isinstance(v, FuncV))
