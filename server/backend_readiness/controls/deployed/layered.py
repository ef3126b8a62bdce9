"""Settings modules of which one is built upon another: `from .base import *`, then names set anew. What the one that ships says counts."""

from __future__ import annotations

import re
from collections.abc import Sequence

from backend_readiness.controls.context import Context
from backend_readiness.controls.places import is_production
from backend_readiness.snapshot.places import is_for_development

MAX_LAYERS = 6
MAX_BESIDE = 20
MAX_SECTION = 40
_KEY = re.compile(r"\s+(\w+)\s*:")
_SHARED = re.compile(r"\w+\s*:\s*&\w+")
_PRODUCTION = re.compile(r"production\s*:")


def is_replaced(context: Context, file: str, name: str) -> bool:
    """Does each module that ships and takes everything over from `file` set the module-level `name` anew?"""
    above = _built_upon(context, file)
    return bool(above) and all((0, name) in context.view(f).bindings for f in above)


def is_read_beside(context: Context, file: str, name: str, endings: tuple[str, ...]) -> bool:
    """Does another file of the same folder, which ships, give the setting a value that is no literal?"""
    folder = file.rpartition("/")[0]
    set_anew = re.compile(rf"^[^#\n]*\b{re.escape(name)}[\"']?\s*(?::|=>|=)\s*(?![\"'\s:=])")
    beside = (f.path for f in context.snapshot.files if f.path.rpartition("/")[0] == folder and f.path != file)
    ships = [p for p in beside if p.endswith(endings) and is_production(p) and not is_for_development(p.rpartition("/")[2])]
    return any(set_anew.match(t[:500]) is not None for p in ships[:MAX_BESIDE] for t in context.snapshot.lines(p)[:500])


def _built_upon(context: Context, file: str) -> list[str]:
    """The last modules of each row that begins with `file`: nothing takes these over again, but for development or as a default."""
    found: list[str] = []
    todo = [(file, 0)]
    while todo:
        current, depth = todo.pop()
        shipped = [f for f in _takers(context, current) if not is_for_development(f)]
        if current != file and not shipped:
            found.append(current)
        todo += [(f, depth + 1) for f in shipped if depth < MAX_LAYERS]
    return list(dict.fromkeys(found))


def _takers(context: Context, file: str) -> list[str]:
    """The production files that import everything from `file`."""
    graph = context.graph
    near = [p for p in graph.importing_files(file) if p in graph.production and p != file and not p.endswith("__init__.py")]
    return [p for p in near if any(graph.resolve(star, p) == file for star in context.view(p).stars)]


def is_replaced_below(lines: Sequence[str], file: str, line: int) -> bool:
    """Does the line stand in a section that others take over (`default: &default`), and the one for production give its key anew?"""
    key = _KEY.match(lines[line - 1])
    head = next((n for n in range(line - 1, 0, -1) if lines[n - 1][:1].strip() and not lines[n - 1].startswith("#")), 0)
    if not file.endswith((".yml", ".yaml")) or key is None or not head or _SHARED.match(lines[head - 1]) is None:
        return False
    for number, text in enumerate(lines, 1):
        if _PRODUCTION.match(text) is None:
            continue
        rest = lines[number : number + MAX_SECTION]
        own = rest[: next((n for n, t in enumerate(rest) if t[:1].strip() and not t.startswith("#")), len(rest))]
        return any((given := _KEY.match(t)) is not None and given.group(1) == key.group(1) for t in own)
    return False
