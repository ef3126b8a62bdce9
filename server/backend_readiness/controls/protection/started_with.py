"""Passwords that a build file gives to the containers which it starts beside the image that it builds: `docker run -e DB_PASSWORD=abc`."""

from __future__ import annotations

import re

from backend_readiness.controls.context import Context
from backend_readiness.model import Evidence
from backend_readiness.rules.signs import sign, signs

_GIVEN = re.compile(sign("started_with", "given"))
_BUILDS = re.compile(sign("started_with", "builds"))
MAX_FILES = 20


def started_with(context: Context) -> list[Evidence]:
    """Lines of build files that start the built image with others and give one of them a fixed password."""
    found: list[Evidence] = []
    for path in context.snapshot.glob(*signs("started_with", "files"))[:MAX_FILES]:
        lines = context.snapshot.lines(path)
        if any(_BUILDS.search(t) is not None for t in lines):
            given = ((n, t) for n, t in enumerate(lines, 1) if not t.lstrip().startswith("#"))
            found += [context.at(path, n) for n, t in given if _GIVEN.search(t) is not None]
    return found
