"""Hashes of passwords that the application writes itself, comparisons whose answer is only noted, and salts that are the same for all."""

from __future__ import annotations

import re
from dataclasses import dataclass

from backend_readiness.controls.callees import chain_text
from backend_readiness.controls.context import Context
from backend_readiness.facts.model import Block, Call, Lit, Name, Op
from backend_readiness.graph.views import FileView, callee_name
from backend_readiness.model import Evidence
from backend_readiness.rules.signs import sign, signs

_SLOW = re.compile(sign("hashers", "slow"))
_FAST = re.compile(sign("hashers", "fast"))
_NOTES = re.compile(r"(?i)^(log\w*|debug|info\w*|warn\w*|error\w*|print\w*|fprint\w*|critical|trace)$")
_NOTHING = (None, "nil", "null", "")
MAX_LINES = 120
NEAR = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnHasher:
    at: Evidence
    is_fast: bool


def own_hasher(context: Context) -> OwnHasher | None:
    """A class of the backend that stands in for the library's hash and uses no slow one."""
    for file, line, _ in context.hits(signs("hashers", "own"))[:10]:
        lines = context.snapshot.lines(file)[line - 1 : line - 1 + MAX_LINES]
        if any(_SLOW.search(t[:500]) is not None for t in lines):
            continue
        fast = next((n for n, t in enumerate(lines) if _FAST.search(t[:500]) is not None), None)
        return OwnHasher(at=context.at(file, line + (fast or 0)), is_fast=fast is not None)
    return None


def same_salt(context: Context) -> Evidence | None:
    """A line of the chain that writes out the salt."""
    patterns = [re.compile(p) for p in signs("hashers", "same_salt")]
    return next((context.at(f, n) for f, n, t in chain_text(context) if any(p.search(t[:500]) is not None for p in patterns)), None)


def only_noted_behind(context: Context, file: str, call: Call) -> bool:
    """Is the error that a comparison gives back looked at by a condition whose body does no more than to log?"""
    view = context.view(file)
    for block in view.blocks_of.get(call.owner, ()):
        around = block.start <= call.start < block.end and block.line <= call.line <= block.line + NEAR
        behind = call.end <= block.start and block.line <= call.end_line + NEAR
        if block.kind == "if" and (around or behind) and _is_error(block):
            return _only_notes(view, block, call)
    return False


def _is_error(block: Block) -> bool:
    subject = block.subject
    if not isinstance(subject, Op) or subject.op not in ("!=", "!==") or len(subject.operands) != 2:
        return False
    right = subject.operands[1]
    return (isinstance(right, Lit) and right.value in _NOTHING) or (isinstance(right, Name) and right.id in _NOTHING)


def _only_notes(view: FileView, block: Block, call: Call) -> bool:
    """Does the body log, and neither leave nor set anything, with no other way beside it?"""
    inside = [c for c in view.facts.calls if block.start <= c.start < block.end and c is not call and c.line > block.line]
    if not inside or not all(_NOTES.match(callee_name(c) or "") is not None for c in inside):
        return False
    leaves = [*(t.start for t in view.facts.throws), *(r.start for r in view.facts.returns)]
    if any(block.start <= start < block.end for start in leaves):
        return False
    if any(block.start <= a.start < block.end and a.line > block.line for a in view.facts.assigns):
        return False
    return not any(b.kind == "else" and b.owner == block.owner and 0 <= b.start - block.end <= 40 for b in view.facts.blocks)
