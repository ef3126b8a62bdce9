"""Lines that run only where a setting says so: which way it is where the application is shipped has to be known before they count."""

from __future__ import annotations

import re

from backend_readiness.controls.context import Context
from backend_readiness.rules.signs import sign

_ASKS = re.compile(sign("under_a_switch", "asks"))
_LEAVES = re.compile(sign("under_a_switch", "leaves"))
_IF = re.compile(r"^\s*(\}?\s*else\s*)?(if|unless)\b")
_PRODUCTION = re.compile(r"(?i)production|\bprod\b|is_?dev|development|\btest")
MAX_UP = 40


def stands_under_a_switch(context: Context, file: str, line: int) -> bool:
    """Does the line stand in a branch that asks a setting, or behind a clause of its function that leaves unless one is given?"""
    if file not in context.graph.facts.files:
        return False
    lines = context.snapshot.lines(file)
    view = context.view(file)
    heads = [lines[b.line - 1] for b in view.facts.blocks if b.kind == "if" and b.line < line <= b.end_line and b.line <= len(lines)]
    if any(_asks(head) for head in heads):
        return True
    around = [s.line for s in view.facts.symbols if s.kind in ("function", "method") and s.line < line <= s.end_line]
    first = max(around, default=line)
    for number in range(max(first, line - MAX_UP), line):
        head = lines[number - 1][:300]
        if _IF.match(head) is not None and _asks(head) and any(_LEAVES.search(t[:300]) for t in (head, *lines[number : number + 2])):
            return True
    return False


def _asks(head: str) -> bool:
    return _ASKS.search(head[:300]) is not None and _PRODUCTION.search(head[:300]) is None
