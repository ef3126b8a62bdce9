"""Files that an `include` runs in its place, in languages whose programs are scripts: `require "source/$level.php"`.

The path may be put together: each text that it may be counts whose end is known, and a beginning that is not known is left out.
"""

from __future__ import annotations

import posixpath
import re

from backend_readiness.facts.model import Name
from backend_readiness.graph.urls import texts
from backend_readiness.graph.values import FuncV, Site, SymbolId
from backend_readiness.graph.world import Graph

LANGUAGES = frozenset({"php"})
MAX_FILES = 4
_HEAD = re.compile(r"^(?:\{[^{}]*\})+/?")


def run_by(graph: Graph, site: Site) -> list[FuncV]:
    """The files that the call runs, but those that only declare something; none when too many may be meant."""
    view = graph.view(site.file)
    call = view.facts.calls[site.call]
    if call.callee != Name("require") or view.language not in LANGUAGES or not call.args:
        return []
    found: list[str] = []
    for text in texts(graph.ev, graph.ev.value(call.args[0].value, site.file, call.owner, site.env)):
        path = _file(graph, text, site.file)
        if path is not None and path != site.file and path in graph.production and _runs(graph, path):
            found.append(path)
    files = list(dict.fromkeys(found))
    return [FuncV(SymbolId(path, 0)) for path in files] if len(files) <= MAX_FILES else []


def _file(graph: Graph, written: str, importer: str) -> str | None:
    path = _HEAD.sub("", written)
    if not path or "{" in path or "\0" in path:
        return None
    beside = posixpath.normpath(posixpath.join(importer.rpartition("/")[0], path)) if not path.startswith("/") else ""
    if beside in graph.facts.files:
        return beside
    bare = path.lstrip("./")
    return graph.resolve(bare, importer) if bare else None


def _runs(graph: Graph, path: str) -> bool:
    """Does the file call something at its top?"""
    view = graph.view(path)
    return any(view.calls_of.get(i) for i in view.body(0))
