"""What a guard does with all others: `if (req.isAuthenticated()) return next(); res.redirect("/")`."""

from __future__ import annotations

import re

from backend_readiness.facts.builder import dotted
from backend_readiness.facts.model import Block, Call, CallRef, Lit, Member, Name, Op, Value
from backend_readiness.graph.views import FileView, callee_name
from backend_readiness.rules.signs import sign

_CALLER = re.compile(sign("other_branches", "caller"))
_WHO = re.compile(sign("other_branches", "who"))
_HANDS_ON = re.compile(sign("other_branches", "hands_on"))


def is_for_all_others(view: FileView, call: Call) -> bool:
    """Is the call made where the condition that hands the caller on does not hold: in its `else`, or behind it where it returns?"""
    blocks = view.blocks_of.get(call.owner, ())
    for block in blocks:
        if block.kind != "if" or not _asks_for_caller(view, block.subject) or not _hands_on(view, block, call.owner):
            continue
        around = [b for b in blocks if b.kind == "else" and b.start <= call.start < b.end]
        if any(b.start >= block.end and not _between(blocks, block, b) for b in around):
            return True
        leaves = any(block.start <= r.start < block.end for r in view.returns.get(call.owner, ()))
        if leaves and not around and call.start >= block.end and not any(b.start <= call.start < b.end for b in blocks):
            return True
    return False


def _between(blocks: tuple[Block, ...] | list[Block], first: Block, other: Block) -> bool:
    """Does another condition stand between a condition and the branch that is taken otherwise?"""
    return any(b.kind == "if" and b.start >= first.end and b.end <= other.start for b in blocks)


def _asks_for_caller(view: FileView, subject: Value | None) -> bool:
    if isinstance(subject, CallRef):
        called = view.facts.calls[subject.call]
        return _CALLER.match(callee_name(called) or "") is not None and not called.args
    if isinstance(subject, Op) and subject.op in ("==", "===") and len(subject.operands) == 2 and isinstance(subject.operands[1], Lit):
        return subject.operands[1].value in (True, 1) and _asks_for_caller(view, subject.operands[0])
    if not isinstance(subject, Name | Member):
        return False
    name = subject.id if isinstance(subject, Name) else subject.name
    return _CALLER.match(name) is not None or _WHO.match(dotted(subject) or "") is not None


def _hands_on(view: FileView, block: Block, scope: int) -> bool:
    calls = (view.facts.calls[n] for n in view.calls_of.get(scope, ()))
    return any(block.start <= c.start < block.end and _HANDS_ON.match(callee_name(c) or "") is not None for c in calls)
