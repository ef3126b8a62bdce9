"""Folders that hold an earlier state of the same repository: `backups/2025-07-06/backend/`, `backend_old/` beside `backend/`.

The name alone says little (a program may have a module called `backup`): most files of such a folder have a counterpart of the same path
outside of it.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterable

_WHOLE = re.compile(r"(?i)_*(?:backups?|bak|old|archives?|archived|copy|copies)_*")
_MARKED = re.compile(r"(?i)(?P<name>.+?)(?:[-_. ]+(?:backup|bak|old|orig|copy|kopie)[-_. \d]*| - copy(?: \(\d+\))?|\.(?:bak|old|orig)~?)")
_MIN_FILES = 3
_MIN_SEGMENTS = 2  # of a path, so that a counterpart is no coincidence
_MAX_BETWEEN = 3  # folders between the one that is named so and the copy: a date, a title


def copied_folders(paths: Collection[str]) -> tuple[str, ...]:
    """The folders whose files are mostly copies of other files among `paths`, the outermost of each."""
    inside: dict[str, list[str]] = defaultdict(list)
    for path in paths:
        names = path.split("/")[:-1]
        at = next((n for n, name in enumerate(names) if _WHOLE.fullmatch(name) or _MARKED.fullmatch(name)), None)
        if at is not None:
            inside["/".join(names[: at + 1])].append(path)
    known = paths if isinstance(paths, (set, frozenset)) else frozenset(paths)
    return tuple(folder for folder, held in sorted(inside.items()) if _is_copy(folder, held, known))


def _is_copy(folder: str, held: list[str], known: Collection[str]) -> bool:
    prefix = f"{folder}/"
    copied = sum(any(c in known and not c.startswith(prefix) for c in _counterparts(folder, path)) for path in held)
    return copied >= _MIN_FILES and copied * 2 >= len(held)


def _counterparts(folder: str, path: str) -> Iterable[str]:
    """Where the file would stand whose copy this is."""
    parent, _, name = folder.rpartition("/")
    above = f"{parent}/" if parent else ""
    rest = path[len(folder) + 1 :]
    marked = _MARKED.fullmatch(name)
    if marked is not None:
        yield f"{above}{marked['name']}/{rest}"
    segments = rest.split("/")
    for start in range(min(_MAX_BETWEEN, len(segments) - _MIN_SEGMENTS) + 1):
        below = "/".join(segments[start:])
        yield f"{above}{below}"
        yield below
