"""SQL statements that stand elsewhere under a name: in files of their own (`-- name: find-user`), as aiosql, PugSQL and sqlc read them, and
in annotations of classes: `@NamedQuery(name = "Order.open", query = "select o from Order o")`.
"""

from __future__ import annotations

import re
from itertools import zip_longest
from typing import TYPE_CHECKING

from backend_readiness.graph.urls import texts
from backend_readiness.graph.values import Site

if TYPE_CHECKING:
    from backend_readiness.graph.world import Graph

MAX_FILES = 2_000
_ANNOTATIONS = ("NamedQuery", "NamedNativeQuery")
MAX_CHARS = 1_000_000
_NAME = re.compile(r"^--[ \t]*name[ \t]*:[ \t]*([\w-]{1,120})[^\n]*$", re.MULTILINE)


def named_statements(graph: Graph) -> dict[str, str]:
    """Name (with `_` for `-`) -> text of the statement; a name that two files use is left out."""
    found: dict[str, str] = {}
    twice: set[str] = set()
    for file in [f.path for f in graph.snapshot.files if f.path.endswith(".sql")][:MAX_FILES]:
        text = graph.text(file)[:MAX_CHARS]
        marks = list(_NAME.finditer(text))
        for mark, following in zip_longest(marks, marks[1:]):
            name = mark.group(1).replace("-", "_")
            if name in found:
                twice.add(name)
            found[name] = text[mark.end() : following.start() if following is not None else len(text)].strip()
    for annotation in _ANNOTATIONS:
        for file in graph.calling(annotation):
            for number in graph.view(file).calls_by_name.get(annotation, ()):
                site = Site(file, number, None)
                said = {k: next(iter(texts(graph.ev, graph.ev.arg_value(site, 99, k))), "") for k in ("name", "query")}
                if said["name"] and said["query"]:
                    found.setdefault(said["name"], said["query"])
    return {n: t for n, t in found.items() if n not in twice}
