"""Where the repository says what starts the backend: a command of the deployment, else the start script of the package."""

from __future__ import annotations

import re

from backend_readiness.controls.context import Context
from backend_readiness.controls.deployed.startup import commands
from backend_readiness.model import Evidence
from backend_readiness.rules.signs import sign

_SCRIPT = re.compile(sign("started_at", "script"))


def started_at(context: Context) -> tuple[Evidence, ...]:
    """At most two places, the commands of the deployment first."""
    told = [context.at(c.file, c.line, c.end_line) for c in commands(context) if c.file]
    if told:
        return tuple(told[:2])
    path = f"{context.backend_root}/package.json".lstrip("/")
    if path not in context.snapshot.glob(path):  # one of a folder below is no script of the backend
        return ()
    lines = enumerate(context.snapshot.lines(path)[:400], 1)
    return tuple(context.at(path, n) for n, text in lines if _SCRIPT.match(text[:300]) is not None)[:1]
