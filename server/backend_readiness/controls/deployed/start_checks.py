"""Whether a line that asks for a setting runs when the process starts, and whether its failure ends it."""

from __future__ import annotations

import re

from backend_readiness.controls.context import Context
from backend_readiness.controls.places import is_production
from backend_readiness.graph.families import family
from backend_readiness.model import Evidence
from backend_readiness.rules.signs import sign

MAX_FILES = 60  # that name a function
_CALLED_BY_NAME = frozenset({"python", "javascript", "go"})  # elsewhere frameworks call methods by their kind
_HOOKS = re.compile(sign("start_checks", "hooks"))
_EXPORTS = re.compile(sign("start_checks", "exports"))
_CATCH = re.compile(sign("start_checks", "catch"))
_PRODUCTION = re.compile(sign("start_checks", "production"))
_GOES_ON = re.compile(sign("start_checks", "ends"))


def waits_for_a_request(context: Context, at: Evidence) -> bool:
    """Does the line stand in the handler of a route? Then the process starts without what it asks for."""
    line = at.line or 1
    return any(
        h.file == at.file and h.line < line <= h.end_line for r in context.tracer.routes if (h := r.route.handler) is not None
    )  # fmt: skip


def is_never_run(context: Context, at: Evidence) -> bool:
    """Does the line stand in a function of a module that nothing names?"""
    file = at.file or ""
    if file not in context.graph.facts.files:
        return False
    view = context.view(file)
    if family(view.language) not in _CALLED_BY_NAME:
        return False
    line = at.line or 1
    around = [s for s in view.facts.symbols if s.kind == "function" and s.line <= line <= s.end_line]
    if not around:
        return False
    inner = max(around, key=lambda s: s.line)
    if inner.decorators or not inner.name or _HOOKS.search(inner.name) is not None:
        return False
    named = re.compile(rf"\b{re.escape(inner.name)}\b")
    files = [f for f in {file, *context.graph.naming(inner.name)} if is_production(f)]
    if len(files) > MAX_FILES:
        return False
    for path in files:
        for number, text in enumerate(context.snapshot.lines(path), 1):
            if named.search(text[:500]) is None or (path == file and number == inner.line):
                continue
            if _EXPORTS.match(text) is None:
                return False
    return True


def is_under_a_condition(context: Context, at: Evidence) -> bool:
    """Does the line stand in an `if` that need not hold in production? What it asks for is then not needed in every case."""
    file, line = at.file or "", at.line or 1
    if file not in context.graph.facts.files:
        return False
    lines = context.snapshot.lines(file)
    around = [b for b in context.view(file).facts.blocks if b.kind == "if" and b.line < line <= b.end_line]
    return any(_PRODUCTION.search(lines[b.line - 1][:500]) is None for b in around)


def is_swallowed(context: Context, at: Evidence) -> bool:
    """Does the line stand in a `try` whose `except` goes on?"""
    lines = context.snapshot.lines(at.file or "")
    line = (at.line or 1) - 1
    indent = _indent(lines[line])
    for number in range(line - 1, max(-1, line - 30), -1):
        text = lines[number]
        if not text.strip() or _indent(text) >= indent:
            continue
        indent = _indent(text)
        if re.match(r"\s*try\s*:", text) is not None:
            return _catch_goes_on(lines, number)
        if not indent:
            return False
    return False


def _catch_goes_on(lines: tuple[str, ...], start: int) -> bool:
    """The block of the `except` of the `try` in a line: does it neither raise nor end the process?"""
    depth = _indent(lines[start])
    caught = next((n for n in range(start + 1, min(len(lines), start + 40)) if _indent(lines[n]) == depth and _CATCH.match(lines[n])), None)
    if caught is None:
        return False
    for text in lines[caught + 1 : caught + 15]:
        if text.strip() and _indent(text) <= depth:
            break
        if _GOES_ON.search(text) is not None:
            return False
    return True


def _indent(text: str) -> int:
    return len(text) - len(text.lstrip())
