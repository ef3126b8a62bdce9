"""Which functions of a flow run on an event loop, and which of their calls block it."""

from __future__ import annotations

from backend_readiness.controls.context import Context
from backend_readiness.controls.work.chain_calls import ChainCall
from backend_readiness.facts.model import CallRef, Func, Member
from backend_readiness.graph.values import Site, SymbolId

_STORES = {"sql", "orm", "nosql", "mail"}


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
        away = _offloaded(context, where)
        for edge in context.tracer.edges.of_symbol(where):
            target = edge.target.symbol
            if edge.kind == "call" and target in chain and target not in seen and not _is_within(context, edge.site, away):
                seen.add(target)
                found.append(target)
                todo.append(target)
    return found


def blocking_calls(context: Context) -> list[ChainCall]:
    """Calls with the role `blocking` in functions that run on the loop, and those data calls that block unless they are awaited."""
    found = []
    touches = {(e.site.file, e.site.call): e.path for e, _ in context.effects}
    for symbol in on_the_loop(context):
        away = _offloaded(context, symbol)
        for call in context.calls_in(symbol):
            if any(s <= call.call.start < e for s, e in away):
                continue
            touched = touches.get((call.site.file, call.site.call))
            waits = touched is not None and not call.call.awaited and "blocking_unawaited" in context.graph.knowledge.roles_of(touched)
            known = (*call.paths, touched) if touched is not None and not call.call.awaited else call.paths  # a client given as a parameter
            if (
                waits
                or (touched is not None and _is_unwrapped(context, call))
                or any("blocking" in context.graph.knowledge.roles_of(p) for p in known)
            ):
                found.append(call)
    return found


def _is_unwrapped(context: Context, call: ChainCall) -> bool:
    """Is the answer of a store taken out at once, where what must be waited for has none yet: `find_one(x).unwrap()`?"""
    if context.language != "rust" or call.call.awaited:
        return False
    kinds = {e.kind for e, _ in context.effects if (e.site.file, e.site.call) == (call.site.file, call.site.call)}
    view = context.view(call.site.file)
    outer = (view.facts.calls[n].callee for n in view.calls_of.get(call.call.owner, ()))
    return bool(kinds & _STORES) and any(
        isinstance(c, Member) and c.name in ("unwrap", "expect") and isinstance(c.base, CallRef) and c.base.call == call.site.call
        for c in outer
    )


def _is_within(context: Context, site: Site, spans: list[tuple[int, int]]) -> bool:
    """Does the call of an edge stand in one of the spans of its file?"""
    start = context.view(site.file).facts.calls[site.call].start if spans else 0
    return any(s <= start < e for s, e in spans)


def _offloaded(context: Context, symbol: SymbolId) -> list[tuple[int, int]]:
    """The spans of the functions that a call of the role `offloads` runs on a thread of its own."""
    spans = []
    for call in context.calls_in(symbol):
        inner = [a.value.symbol for a in call.call.args if isinstance(a.value, Func)]
        if inner and any("offloads" in context.graph.knowledge.roles_of(p) for p in call.paths):
            view = context.view(symbol.file)
            spans += [(view.symbol(i).start, view.symbol(i).end) for i in inner]
    return spans
