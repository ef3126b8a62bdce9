"""Scripts that the commands which start the deployed backend run beside it: `node seed.js && node server.js`."""

from __future__ import annotations

import posixpath
import re

from backend_readiness.controls.callees import app_place
from backend_readiness.controls.context import Context
from backend_readiness.controls.deployed.startup import Command, commands
from backend_readiness.controls.kept import once
from backend_readiness.rules.signs import sign
from backend_readiness.snapshot.places import is_for_development

_RUNS = re.compile(sign("start_scripts", "script"))
MAX_LINES = 600
MAX_SCRIPTS = 8


def text_of_scripts(context: Context) -> tuple[tuple[str, int, str, Command], ...]:
    """(file, line, text, the command that runs it) of scripts in the repository, comments left out; not those of the application itself."""
    return once(context, _text)


def _text(context: Context) -> tuple[tuple[str, int, str, Command], ...]:
    own = {app_place(context).file, *(r.route.place.file for r in context.routes)}
    found: list[tuple[str, int, str, Command]] = []
    seen: set[str] = set()
    for command in commands(context):
        if is_for_development(command.file):
            continue
        for match in _RUNS.finditer(command.text):
            path = _path(context, command, match.group(1))
            if path is None or path in own or path in seen or len(seen) >= MAX_SCRIPTS:
                continue
            seen.add(path)
            for number, line in enumerate(context.snapshot.lines(path)[:MAX_LINES], 1):
                if line.strip() and not line.lstrip().startswith(("#", "//", "*", "/*")):
                    found.append((path, number, line[:1_000], command))
    return tuple(found)


def _path(context: Context, command: Command, name: str) -> str | None:
    for folder in (command.file.rpartition("/")[0], context.backend_root, ""):
        path = posixpath.normpath(posixpath.join(folder, name))
        if context.graph.has(path):
            return path
    return None
