"""SQL statements that stand in files of their own under a name (`-- name: find-user`), as aiosql, PugSQL and sqlc read them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from backend_readiness.graph.world import Graph

MAX_FILES = 2_000
MAX_CHARS = 1_000_000
_NAME = re.compile(r"^--[ \t]*name[ \t]*:[ \t]*([\w-]{1,120})[^\n]*$", re.MULTILINE)


def named_statements(graph: Graph) -> dict[str, str]:
    """Name (with `_` for `-`) -> text of the statement; a name that two files use is left out."""
    found: dict[str, str] = {}
    twice: set[str] = set()
    for file in [f.path for f in graph.snapshot.files if f.path.endswith(".sql")][:MAX_FILES]:
        text = graph.text(file)[:MAX_CHARS]
        marks = list(_NAME.finditer(text))
        for mark, following in zip(marks, [*marks[1:], None], strict=True):
            name = mark.group(1).replace("-", "_")
            if name in found:
                twice.add(name)
            found[name] = text[mark.end() : following.start() if following is not None else len(text)].strip()
    return {n: t for n, t in found.items() if n not in twice}
