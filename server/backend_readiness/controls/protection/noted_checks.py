"""Checks whose refusal is only noted: `if (error) console.error(error)`, and the request goes on."""

from __future__ import annotations

import re
from collections.abc import Iterator

from backend_readiness.controls.context import Context
from backend_readiness.controls.expressions import written
from backend_readiness.facts.model import Block, Call, CallRef, Func, Index, Member, Name, Op, Value
from backend_readiness.graph.views import FileView
from backend_readiness.model import Evidence
from backend_readiness.rules.signs import sign

_LOGS = re.compile(sign("noted_checks", "logs"))
_SAYS_BAD = re.compile(sign("noted_checks", "says_bad"))
_ENDS = re.compile(sign("noted_checks", "ends"))
_DROPPED = re.compile(sign("noted_checks", "answer_dropped"))
_ASKS_LATER = re.compile(sign("noted_checks", "asks_later"))
MAX_DEPTH = 6


def only_noted(context: Context, file: str, call: Call) -> Evidence | None:
    """Where the function that makes a check writes its error to a log and does nothing else about it; None where it may.

    Errors that are handed on, thrown, returned or kept are none of these, nor is a check behind which another branch leaves the function.
    """
    view = context.view(file)
    names = {
        name
        for (owner, name), pairs in view.bindings.items()
        if owner == call.owner and any(a.start <= call.start < a.end for a, _ in pairs)
    }
    asked = [b for b in view.blocks_of.get(call.owner, ()) if b.kind == "if" and b.start >= call.start]
    about = [b for b in asked if b.subject is not None and any(_is_about(n, names) for n in _named(view, b.subject, 0))]
    if not about or not all(_only_logs(view, b) for b in about):
        return None
    if any(_leaves(view, b) for b in asked if b not in about) or _hands_on(view, call, names):
        return None
    return context.at(file, about[0].line, about[0].end_line)


def answer_dropped(context: Context, file: str, call: Call) -> Evidence | None:
    """Where a check that raises nothing is made and nothing of the function asks what it found: `serializer.is_valid()` on a line alone."""
    lines = context.snapshot.lines(file)
    if _DROPPED.search(lines[call.line - 1][:500]) is None:
        return None
    symbol = context.view(file).symbol(call.owner)
    later = lines[call.end_line : symbol.end_line]
    return None if any(_ASKS_LATER.search(t[:500]) for t in later) else context.at(file, call.line)


def _is_about(name: str, names: set[str]) -> bool:
    first, _, rest = name.partition(".")
    return first in names and _SAYS_BAD.search(rest or first) is not None


def _named(view: FileView, value: Value, depth: int) -> Iterator[str]:
    """The names and members that a condition asks for."""
    if depth > MAX_DEPTH:
        return
    if isinstance(value, Name | Member | Index):
        yield written(value)
    elif isinstance(value, Op):
        for operand in value.operands:
            yield from _named(view, operand, depth + 1)
    elif isinstance(value, CallRef):
        yield written(view.facts.calls[value.call].callee)


def _only_logs(view: FileView, block: Block) -> bool:
    """Does the branch write to a log, and neither leave the function nor change or call anything else?"""
    if _leaves(view, block) or any(block.start <= a.start < block.end and a.owner == block.owner for a in view.facts.assigns):
        return False
    head = block.subject
    asked = [view.facts.calls[head.call]] if isinstance(head, CallRef) else []
    inside = [
        c for n in view.calls_of.get(block.owner, ()) if block.start <= (c := view.facts.calls[n]).start < block.end and c not in asked
    ]
    logs = [c for c in inside if _LOGS.search(written(c.callee)) is not None]
    return bool(logs) and all(any(o.start <= c.start < o.end for o in logs) for c in inside)


def _leaves(view: FileView, block: Block) -> bool:
    owner, start, end = block.owner, block.start, block.end
    if any(t.owner == owner and start <= t.start < end for t in view.facts.throws):
        return True
    if any(start <= r.start < end for r in view.returns.get(owner, ())):
        return True
    calls = (view.facts.calls[n] for n in view.calls_of.get(owner, ()))
    return any(start <= c.start < end and _ENDS.search(written(c.callee)) is not None for c in calls)


def _hands_on(view: FileView, call: Call, names: set[str]) -> bool:
    """Is the error given to something else, or returned, or asked for in a function inside?"""
    bad = {n for n in names if _SAYS_BAD.search(n) is not None}
    for number in view.calls_of.get(call.owner, ()):
        other = view.facts.calls[number]
        if other.start <= call.end or _LOGS.search(written(other.callee)) is not None:
            continue
        given = [a.value for a in other.args]
        if any(isinstance(v, Func) for v in given) or any(n.partition(".")[0] in bad for v in given for n in _named(view, v, 0)):
            return True
    returned = (r.value for r in view.returns.get(call.owner, ()) if r.value is not None and r.start > call.end)
    return any(n.partition(".")[0] in bad for v in returned for n in _named(view, v, 0))
