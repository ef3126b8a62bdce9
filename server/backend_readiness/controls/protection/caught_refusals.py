"""Refusals that are caught by what asks for them, which then hands nobody on: `except HTTPException: return None`."""

from __future__ import annotations

import re

from backend_readiness.facts.model import Block, Call, Lit, Name, Seq, Value
from backend_readiness.graph.views import FileView, callee_name
from backend_readiness.rules.signs import sign

_QUIET = re.compile(sign("caught_refusals", "quiet"))
_REFUSALS = re.compile(sign("caught_refusals", "refusals"))
_CHECK = re.compile(sign("caught_refusals", "check"))
_NOTHING = (None, "nil", "null", "undefined")
_BESIDE = 60  # the `except` of a `try` begins this near to its end


def is_caught_unasked(view: FileView, scope: int, position: int) -> bool:
    """Does a refusal at the place stand in a `try` whose `except` gives nobody for it?"""
    return any(
        block.kind == "try" and block.start <= position < block.end and _is_thrown(view, position) and _is_caught(view, block)
        for outer in view.enclosing(scope)
        for block in view.blocks_of.get(outer, ())
    )


def is_for_other_errors(view: FileView, call: Call) -> bool:
    """Does the call stand where errors are caught that are not about who asks: those of the work itself?"""
    return any(
        block.kind == "catch" and block.start <= call.start < block.end and not _is_of_check(view, block)
        for block in view.blocks_of.get(call.owner, ())
    )


def _is_of_check(view: FileView, block: Block) -> bool:
    """Is the caught error named for a check of the caller, or does what is tried check one?"""
    if any(_CHECK.search(n) is not None for n in _names(block.subject)):
        return True
    tried = [b for b in view.blocks_of.get(block.owner, ()) if b.kind == "try" and b.start < block.start]
    nearest = max(tried, key=lambda b: b.start, default=None)
    calls = (view.facts.calls[n] for n in view.calls_of.get(block.owner, ()))
    return nearest is not None and any(
        nearest.start <= c.start < block.start and _CHECK.search(callee_name(c) or "") is not None for c in calls
    )


def _is_thrown(view: FileView, position: int) -> bool:
    """Is a refusal at the place an error that is thrown, and no answer?"""
    return view.language == "python" or any(t.start == position for t in view.facts.throws)


def _is_caught(view: FileView, block: Block) -> bool:
    """Is what the block throws caught beside it, and nobody given for it? `block` ends before its `except`."""
    end = block.end
    for other in sorted(view.blocks_of.get(block.owner, ()), key=lambda b: b.start):
        if other.kind == "catch" and 0 <= other.start - end <= _BESIDE:
            end = other.end
            if any(_REFUSALS.match(n) for n in _names(other.subject) or [""]) and _gives_nobody(view, other):
                return True
    return False


def _names(value: Value | None) -> list[str]:
    if isinstance(value, Seq):
        return [n for i in value.items for n in _names(i)]
    if isinstance(value, Name):
        return [value.id]
    return [value.name] if value is not None and hasattr(value, "name") else []


def _gives_nobody(view: FileView, block: Block) -> bool:
    """Does the block return nothing, and do nothing else than write to a log?"""
    if any(t.owner == block.owner and block.start <= t.start < block.end for t in view.facts.throws):
        return False
    calls = (view.facts.calls[n] for n in view.calls_of.get(block.owner, ()))
    if any(block.start <= c.start < block.end and _QUIET.search(callee_name(c) or "") is None for c in calls):
        return False
    returned = [r for r in view.returns.get(block.owner, ()) if block.start <= r.start < block.end]
    return bool(returned) and all(_is_nothing(r.value) for r in returned)


def _is_nothing(value: Value | None) -> bool:
    if value is None:
        return True
    if isinstance(value, Seq):
        return bool(value.items) and all(_is_nothing(i) for i in value.items)
    return (isinstance(value, Lit) and value.value is None) or (isinstance(value, Name) and value.id in _NOTHING)
