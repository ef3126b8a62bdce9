"""Which calls of a flow go through a circuit breaker: those in its function, in a function that it is given, or below one."""

from __future__ import annotations

import re

from backend_readiness.controls.context import Context
from backend_readiness.controls.roles import RoleCall
from backend_readiness.controls.work.chain_calls import ChainCall
from backend_readiness.facts.model import CallRef, Func, Member, Name
from backend_readiness.graph.values import SymbolId
from backend_readiness.rules.signs import sign

MAX_DEPTH = 3
MAX_ABOVE = 6  # lines of decorators
_OFF = re.compile(sign("breakers", "idle"))


def is_off(context: Context, breaker: RoleCall) -> bool:
    """Is the breaker told to let everything through?"""
    lines = context.snapshot.lines(breaker.file)[breaker.call.line - 1 : breaker.call.end_line]
    return any(_OFF.search(t[:500]) is not None for t in lines)


def is_made_anew(context: Context, breaker: RoleCall) -> bool:
    """Is the breaker made in a function of the chain, for each request one that has seen no failure yet?"""
    chain = {r.function.symbol for r in context.functions}
    return breaker.call.kind == "new" and any(
        SymbolId(breaker.file, scope) in chain for scope in context.view(breaker.file).enclosing(breaker.call.owner) if scope
    )


def guarded(context: Context, breakers: list[RoleCall]) -> tuple[set[tuple[str, int, int]], set[SymbolId]]:
    """(spans of the calls of the breakers, functions that run inside of them)."""
    spans = {(b.file, b.call.start, b.call.end) for b in breakers}
    inside: set[SymbolId] = set()
    for breaker in breakers:
        view = context.view(breaker.file)
        named = {a.value.id if isinstance(a.value, Name) else a.value.name for a in breaker.call.args if isinstance(a.value, Name | Member)}
        for index, symbol in enumerate(view.facts.symbols):
            if symbol.name in named and symbol.kind in ("function", "method", "lambda"):
                inside.add(SymbolId(breaker.file, index))
            marked = any(isinstance(d, CallRef) and d.call == breaker.site.call for d in symbol.decorators)
            above = breaker.call.kind == "decorator" and 0 <= symbol.line - breaker.call.line <= MAX_ABOVE
            if symbol.kind in ("function", "method") and (marked or (above and bool(symbol.decorators))):
                inside.add(SymbolId(breaker.file, index))
        inside.update(SymbolId(breaker.file, a.value.symbol) for a in breaker.call.args if isinstance(a.value, Func))
        for number, call in enumerate(view.facts.calls):
            if breaker.call.start < call.start and call.end <= breaker.call.end:
                edges = context.tracer.edges.of_symbol(SymbolId(breaker.file, call.owner))
                inside.update(e.target.symbol for e in edges if e.site.call == number)
    edge: set[SymbolId] = inside
    for _ in range(MAX_DEPTH):
        edge = {e.target.symbol for s in edge for e in context.tracer.edges.of_symbol(s)} - inside
        inside |= edge
    return spans, inside


def goes_through(context: Context, call: ChainCall, spans: set[tuple[str, int, int]], inside: set[SymbolId]) -> bool:
    """Does the call stand in one of the spans, or in one of the functions?"""
    if any(f == call.site.file and a <= call.call.start and call.call.end <= z for f, a, z in spans):
        return True
    return any(SymbolId(call.site.file, scope) in inside for scope in context.view(call.site.file).enclosing(call.call.owner))
