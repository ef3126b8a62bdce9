"""A dependency that the flow could do without does not take it down."""

from __future__ import annotations

import re

from backend_readiness.controls.context import Context
from backend_readiness.controls.judgement import Judgement, failed, not_applicable, passed, unverified
from backend_readiness.controls.standing import apart
from backend_readiness.controls.work.catches import catches
from backend_readiness.controls.work.outbound import outbound_calls, unknown_services
from backend_readiness.controls.work.writes import STORES
from backend_readiness.graph.backend.effects import Effect
from backend_readiness.graph.values import SymbolId
from backend_readiness.model import Evidence, Link
from backend_readiness.rules.signs import sign

# What enriches an answer or follows it; whether a call of another service is one of these is not in its kind.
_MONEY = re.compile(sign("rel-graceful-degradation", "money"))
_FOLLOWS = frozenset({"mail"})


def verify(context: Context) -> Judgement:
    if not context.is_resolved:
        return unverified("The flow's handlers were not all resolved.")
    touched = [(e, link) for e, link in context.effects if e.kind not in STORES]
    calls = outbound_calls(context)
    services = unknown_services(context)
    if not touched and not calls and not services:
        if any(context.chain_role(role) for role in ("queue_publish", "background_task", "cache", "mailer", "http_client")):
            return unverified("The flow uses something besides its database; whether it could do without was not settled.")
        return not_applicable("The flow depends on nothing that it could do without.", context.at_route())
    stores = any(e.kind in STORES and e.operation == "write" for e, _ in context.effects)
    follows = [(e, link) for e, link in touched if e.kind in _FOLLOWS]
    caught = [(e, link) for e, link in touched if _is_caught(context, e)]
    needed = next(((e, link) for e, link in caught if e.kind == "payment" or _MONEY.search(f"{e.target} {e.path}") is not None), None)
    if needed is not None:
        why = "The failure of what moves money is caught; a flow can hardly do without it."
        return unverified(why, context.at_place(needed[1]))
    if touched and not services and len(caught) == len(touched) and len(calls) <= len(touched):
        return passed("When what the flow could do without fails, the flow goes on.", *(context.at_place(link) for _, link in caught[:2]))
    loose = next(((e, link) for e, link in follows if not _is_caught(context, e) and not _is_left(context, e)), None)
    if loose is not None and stores and not _may_be_caught(context, loose):
        return failed(
            f"What the flow stored is answered with an error when `{loose[1].symbol}` fails: nothing catches it.",
            *apart((context.at_place(loose[1]), *_asked_at(context, loose[0]))),
        )
    place = touched[0][1] if touched else None
    called = [context.at_call(c.call) for c in calls[:1]] or [s.at for s in services[:1]]
    at = context.at_place(place) if place is not None else called[0]
    return unverified("Whether the flow could do without what it calls here was not settled.", at)


def _asked_at(context: Context, effect: Effect) -> list[Evidence]:
    """Where the chain calls the function of the touch: there a failure would be caught."""
    view = context.view(effect.site.file)
    own = {SymbolId(effect.site.file, scope) for scope in view.enclosing(view.facts.calls[effect.site.call].owner)}
    found = []
    for reached in context.functions:
        for edge in context.tracer.edges.of_symbol(reached.function.symbol):
            if edge.kind == "call" and edge.target.symbol in own and reached.function.symbol not in own:
                call = context.view(edge.site.file).facts.calls[edge.site.call]
                found.append(context.at(edge.site.file, call.line))
    return found[:1]


def _is_caught(context: Context, effect: Effect) -> bool:
    """Does the touch stand in a `try` whose `catch` goes on?"""
    view = context.view(effect.site.file)
    call = view.facts.calls[effect.site.call]
    for block in catches(context):
        if block.function.file != effect.site.file or block.raises or block.refuses:
            continue
        tries = [b for b in view.facts.blocks if b.kind == "try" and b.owner == block.block.owner and b.start < block.block.start]
        tried = max(tries, key=lambda b: b.start, default=None)
        if tried is not None and tried.start <= call.start and call.end <= max(tried.end, block.block.start):
            return True
    return False


def _is_left(context: Context, effect: Effect) -> bool:
    """Is the touch started and not waited for, or made in a lambda that something else runs?"""
    view = context.view(effect.site.file)
    call = view.facts.calls[effect.site.call]
    own = {(r.function.symbol.file, r.function.symbol.index) for r in context.functions}
    inner = view.symbol(call.owner).kind == "lambda" and (effect.site.file, call.owner) not in own
    return inner or (context.language == "javascript" and not call.awaited)


def _may_be_caught(context: Context, touch: tuple[Effect, Link]) -> bool:
    """Does a function of the chain other than its own catch something that is not an error of its own calls?"""
    own = touch[0].site.file
    return any(not c.raises and c.function.file != own for c in catches(context))
