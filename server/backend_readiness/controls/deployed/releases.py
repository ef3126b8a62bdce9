"""Commands that a hosting platform runs by itself beside the process: at each release, or when the application is first made."""

from __future__ import annotations

import re

from backend_readiness.controls.context import Context
from backend_readiness.controls.deployed.startup import Command
from backend_readiness.rules.signs import sign, signs
from backend_readiness.snapshot.places import is_for_development, is_production

MAX_FILES = 20
MAX_LINES = 1_000
MAX_CHARS = 1_000


def release_commands(context: Context) -> tuple[Command, ...]:
    """`release: rake db:migrate` of a Procfile and what says the same elsewhere, in the order of files."""
    pattern = re.compile(sign("releases", "command"))
    found: list[Command] = []
    for path in context.snapshot.glob(*signs("releases", "files"))[:MAX_FILES]:
        if not is_production(path) or is_for_development(path.rpartition("/")[2]):
            continue
        for number, line in enumerate(context.snapshot.lines(path)[:MAX_LINES], 1):
            match = pattern.search(line[:MAX_CHARS])
            if match is not None:
                found.append(Command(text=match["command"].strip(), file=path, line=number, end_line=number, source="release"))
    return tuple(found)
