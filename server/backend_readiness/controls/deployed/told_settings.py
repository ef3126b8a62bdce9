"""Checks of settings whose failure is only written to the log: the process starts without the setting."""

from __future__ import annotations

import re

from backend_readiness.controls.context import Context
from backend_readiness.graph.views import callee_name
from backend_readiness.model import Evidence
from backend_readiness.rules.signs import sign

_ENDS = re.compile(sign("told_settings", "ends"))
_LOGS = re.compile(sign("told_settings", "logs"))
_GIVES_BACK = re.compile(sign("told_settings", "gives_back"))
_CHECKS = re.compile(sign("told_settings", "checks"))
BELOW = 6
MAX_FILES = 40


def failure_is_logged(context: Context, at: Evidence) -> Evidence | None:
    """Where the error that a check makes is logged by everything that asks for it; None where the process may end of it.

    `at` is a line that makes the error, or one that marks a field as required.
    """
    file, line = at.file or "", at.line or 1
    if file not in context.graph.facts.files:
        return None
    lines = context.snapshot.lines(file)
    text = lines[line - 1][:500]
    if _GIVES_BACK.search(text) is not None:
        view = context.view(file)
        around = [s for s in view.facts.symbols if s.kind in ("function", "method") and s.line <= line <= s.end_line]
        names = [around[-1].name] if around else []
        files = sorted(context.graph.facts.naming(names[0]))[:MAX_FILES] if names else []
    else:
        names, files = [], [file]
    ways = [
        (f, c.line, _outcome(context, f, c.line))
        for f in files
        for c in context.view(f).facts.calls
        if (called := callee_name(c)) is not None and (called in names or (not names and _CHECKS.match(called) is not None))
    ]
    if not ways or any(way != "log" for _, _, way in ways):
        return None
    return context.at(*ways[0][:2])


def _outcome(context: Context, file: str, line: int) -> str:
    """What stands first below a call: what ends the process or hands the error on, or what logs it."""
    for text in context.snapshot.lines(file)[line - 1 : line + BELOW]:
        if _ENDS.search(text[:500]) is not None:
            return "end"
        if _LOGS.search(text[:500]) is not None:
            return "log"
    return ""
