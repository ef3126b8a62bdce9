"""Callbacks that are given the caller, and go on as if all were well where there is none: `if (!user) return resolve();`."""

from __future__ import annotations

import re

from backend_readiness.facts.model import Alt, Name, Op, Value
from backend_readiness.graph.views import FileView, callee_name
from backend_readiness.rules.signs import sign

_CALLER = re.compile(sign("unknown_callers", "caller"))
_GOES_ON = re.compile(sign("unknown_callers", "goes_on"))
MAX_DEPTH = 6


def resolves_for_nobody(view: FileView, scope: int) -> bool:
    """Does the branch of a function for no caller, whom a parameter names, do nothing but call what goes on, without an error?"""
    given = {p.name for p in view.symbol(scope).params if p.name and _CALLER.match(p.name)}
    for block in view.blocks_of.get(scope, ()) if given else ():
        if block.kind != "if" or block.subject is None or not _denies(block.subject, given, 0):
            continue
        inside = [c for n in view.calls_of.get(scope, ()) if block.start <= (c := view.facts.calls[n]).start < block.end]
        thrown = any(t.owner == scope and block.start <= t.start < block.end for t in view.facts.throws)
        if inside and not thrown and all(not c.args and _GOES_ON.match(callee_name(c) or "") for c in inside):
            return True
    return False


def _denies(subject: Value, names: set[str], depth: int) -> bool:
    """Does the condition hold wherever there is no caller, whatever else is asked?"""
    if isinstance(subject, Alt) and depth < MAX_DEPTH:  # `err || !user`
        return any(_denies(o, names, depth + 1) for o in subject.options)
    if not isinstance(subject, Op) or depth > MAX_DEPTH:
        return False
    if subject.op in ("or", "||"):
        return any(_denies(o, names, depth + 1) for o in subject.operands)
    held = subject.operands[0] if subject.op in ("!", "not") and len(subject.operands) == 1 else None
    return isinstance(held, Name) and held.id in names
