"""Guards that answer and hand the request on all the same: the refusal is sent, and the handler runs behind it."""

from __future__ import annotations

import re

from backend_readiness.controls.context import Context
from backend_readiness.facts.model import Block, Call, Return
from backend_readiness.graph.values import SymbolId
from backend_readiness.graph.views import FileView, callee_name
from backend_readiness.rules.signs import sign

_HANDS_ON = re.compile(sign("passing_on", "hands_on"))
_STOPS = re.compile(sign("passing_on", "stops"))
# What follows a block as the other way of the same condition begins this near to its end.
_BESIDE = 40
NEAR = 5  # lines above a call

_OF_CALLER = re.compile(sign("passing_on", "of_caller"))


def turns_callers_away(context: Context, where: SymbolId, call: Call, told: bool = False) -> bool:
    """Does a call that answers with a refusal end the request, and is it about who asks? `told`: what calls the function says so.

    A page that is out of range, or an order that was sent already, is refused to everybody: neither what stands around the call nor the
    name of the function speaks of the caller then.
    """
    return not goes_on(context.view(where.file), call) and (told or speaks_of_caller(context, where, call))


def speaks_of_caller(context: Context, where: SymbolId, call: Call | Return) -> bool:
    """Does the name of a function, or what stands around a call in it, speak of who asks?"""
    view = context.view(where.file)
    near = context.snapshot.lines(where.file)[max(0, call.line - NEAR) : call.end_line + 1]
    said = (view.symbol(where.index).name, view.symbol(view.symbol(where.index).parent).name, *near)
    return any(_OF_CALLER.search(t[:500]) is not None for t in said)


def goes_on(view: FileView, call: Call) -> bool:
    """Does the function, behind a call that answers, call what hands the request on, with nothing between that leaves it?"""
    name = callee_name(call) or ""
    if call.kind == "decorator" or _STOPS.search(name) is not None:
        return False
    later = [
        c
        for n in view.calls_of.get(call.owner, ())
        if (c := view.facts.calls[n]).start >= call.end and _HANDS_ON.match(callee_name(c) or "") is not None
    ]
    if not later:
        return False
    around = [b for b in view.blocks_of.get(call.owner, ()) if b.start <= call.start < b.end]
    for block in sorted(around, key=lambda b: b.end - b.start):
        if _leaves(view, call, block.end):
            return False
        later = [c for c in later if block.start <= c.start < block.end or not _is_other_way(view, block, c)]
    return any(not _leaves(view, call, c.start) for c in later)


def _leaves(view: FileView, call: Call, end: int) -> bool:
    """Does something between the call and the end return, throw or abort? The answer itself may be what is returned."""
    line = call.line
    if any(r.owner == call.owner and (call.start <= r.start < end or r.line <= line <= r.end_line) for r in view.facts.returns):
        return True
    if any(t.owner == call.owner and call.start <= t.start < end for t in view.facts.throws):
        return True
    calls = (view.facts.calls[n] for n in view.calls_of.get(call.owner, ()))
    return any(call.end <= c.start < end and _STOPS.search(callee_name(c) or "") is not None for c in calls)


def _is_other_way(view: FileView, block: Block, call: Call) -> bool:
    """Does the call stand in another way of the condition that the block is one way of?"""
    if block.kind in ("case", "catch"):
        kinds = ("case",) if block.kind == "case" else ("try",)
        return any(b is not block and b.kind in kinds and b.start <= call.start < b.end for b in view.blocks_of.get(call.owner, ()))
    end = block.end
    for other in sorted(view.blocks_of.get(call.owner, ()), key=lambda b: b.start):
        if other.kind in ("else", "if") and 0 <= other.start - end <= _BESIDE and block.kind in ("if", "else"):
            if other.kind == "else" and other.start <= call.start < other.end:
                return True
            end = other.end if other.kind == "else" else end
    return False
