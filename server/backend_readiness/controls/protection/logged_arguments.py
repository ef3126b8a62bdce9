"""Advice around the handlers that writes all their arguments to the log: `log.info(Arrays.toString(joinPoint.getArgs()))`."""

from __future__ import annotations

import re

from backend_readiness.controls.context import Context
from backend_readiness.model import Evidence
from backend_readiness.rules.signs import sign, signs

MAX_LINES = 2_000
_ASPECT = re.compile(sign("logged_arguments", "aspect"))
_AROUND = re.compile(sign("logged_arguments", "around"))
_PACKAGE = re.compile(r"^\s*package\s+([\w.]+)")


def logged_arguments(context: Context, secret: re.Pattern[str]) -> tuple[str | None, Evidence] | None:
    """(a parameter of a handler that is a secret, the line that logs the arguments of all handlers); None where nothing logs them.

    The parameter is None where advice logs arguments and no pointcut of its file was found to hold for a handler with such a one.
    """
    perhaps: Evidence | None = None
    for file, line, _ in context.hits(signs("logged_arguments", "written")):
        lines = context.snapshot.lines(file)[:MAX_LINES]
        if not any(_ASPECT.search(t) is not None for t in lines):
            continue
        packages = [m.group(1) for t in lines if (m := _AROUND.search(t)) is not None]
        for handler in context.handlers:
            view = context.view(handler.file)
            head = (m.group(1) for t in context.snapshot.lines(handler.file)[:60] if (m := _PACKAGE.match(t)) is not None)
            own = next(head, "")
            names = [p.name for s in view.facts.symbols if s.line == handler.line for p in s.params]
            named = next((n for n in names if secret.search(n) is not None), None)
            if named is not None and any(own == p or own.startswith(f"{p}.") for p in packages):
                return named, context.at(file, line)
        perhaps = perhaps or context.at(file, line)
    return (None, perhaps) if perhaps is not None else None
