"""Files of the repository that a pattern finds: `glob.sync("./routes/**/*.js")`."""

from __future__ import annotations

import posixpath
import re
from typing import TYPE_CHECKING

from backend_readiness.facts.model import Lit
from backend_readiness.graph.evaluation import folders
from backend_readiness.graph.values import AV, Const, ListV, Site, Text, Thunk, options

if TYPE_CHECKING:
    from backend_readiness.graph.evaluation.evaluate import Evaluator

MAX_FILES = 200
MAX_FOLDERS = 2_000
_CHOICE = re.compile(r"(?:[@+?]\(([\w|.*-]{0,80})\)|\{([\w,.*-]{0,80})\})")
_MAGIC = re.compile(r"[*?{\[]|[@+]\(")


def found(ev: Evaluator, site: Site) -> AV | None:
    """The paths, from the repository's root, of the files that fit the pattern; relative ones stand below the folder of the program."""
    value = ev.arg_value(site, 0)
    for option in options(value) if value is not None else ():
        pattern = _pattern(ev, option, site.file)
        for root in folders.started_in(posixpath.dirname(site.file)) if pattern is not None and not pattern.startswith("/") else ("",):
            names = list(_fitting(ev, posixpath.normpath(posixpath.join(root, pattern.lstrip("/"))))) if pattern is not None else []
            if names:
                return ListV(tuple(Thunk(site.file, 0, Lit(f"/{n}"), None) for n in names if n != site.file))
    return None


def _pattern(ev: Evaluator, value: AV, file: str) -> str | None:
    if isinstance(value, Const) and isinstance(value.value, str) and _MAGIC.search(value.value):
        return value.value
    if isinstance(value, Text) and all(isinstance(p, str) for p in value.parts[1:]):
        first = value.parts[0]
        start = first if isinstance(first, str) else folders.start(ev, first, file)
        return start + "".join(str(p) for p in value.parts[1:]) if start is not None else None
    return None


def _fitting(ev: Evaluator, pattern: str) -> list[str]:
    head = _MAGIC.split(pattern, maxsplit=1)[0].rpartition("/")[0]
    wanted = re.compile(_regex(pattern))
    files: list[str] = []
    pending, looked = [head], 0
    while pending and looked < MAX_FOLDERS and len(files) < MAX_FILES:
        folder = pending.pop()
        looked += 1
        for name in ev.world.entries(folder):
            path = f"{folder}/{name}".lstrip("/")
            if ev.world.entries(path):
                pending.append(path)
            elif wanted.fullmatch(path):
                files.append(path)
    return sorted(files)


def _regex(pattern: str) -> str:
    out, position = "", 0
    while position < len(pattern):
        choice = _CHOICE.match(pattern, position)
        if choice is not None:
            said = re.split(r"[|,]", choice.group(1) if choice.group(1) is not None else choice.group(2))
            out += "(?:" + "|".join(re.escape(s).replace(r"\*", "[^/]*") for s in said) + ")"
            position = choice.end()
        elif pattern.startswith("**/", position):
            out, position = out + "(?:[^/]+/){0,12}", position + 3
        elif pattern[position] == "*":
            out, position = out + "[^/]*", position + 1
        else:
            out, position = out + re.escape(pattern[position]), position + 1
    return out
