"""Files that a script brings in by their folder: `bring_in(__DIR__.'/admin')`, `foreach (glob(__DIR__.'/*.php') as $f) require $f;`."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from fnmatch import fnmatchcase

from backend_readiness.facts.model import Call, Lit, Name
from backend_readiness.graph.urls import texts
from backend_readiness.graph.values import FuncV, SymbolId, options
from backend_readiness.graph.world import Graph

_BRINGS_IN = frozenset({"require", "require_once", "include", "include_once"})
MAX_DEPTH = 3
MAX_FILES = 60


def loaded(graph: Graph, file: str) -> Iterator[tuple[Call, str]]:
    """(call, file) for each file of a folder that a call of the script hands to what brings in all that lies there."""
    view = graph.view(file)
    if view.language != "php":
        return
    for call in view.facts.calls:
        if not isinstance(call.callee, Name) or not call.args:
            continue
        if call.callee.id == "glob":
            if _brings_in(graph, SymbolId(file, call.owner), 0):
                yield from (
                    (call, f) for t in texts(graph.ev, graph.ev.value(call.args[0].value, file, call.owner)) for f in _fit(graph, file, t)
                )
            continue
        functions = [v.symbol for v in options(graph.ev.value(call.callee, file, call.owner)) if isinstance(v, FuncV)]
        if any(_brings_in(graph, f, 0) for f in functions):
            for text in texts(graph.ev, graph.ev.value(call.args[0].value, file, call.owner)):
                yield from ((call, f) for f in _fit(graph, file, text.rstrip("/") + "/*"))


def _brings_in(graph: Graph, function: SymbolId, depth: int) -> bool:
    """Does a function bring in files whose names it only learns as it runs, by itself or through another one?"""
    view = graph.view(function.file)
    for number in view.calls_of.get(function.index, ()):
        call = view.facts.calls[number]
        if not isinstance(call.callee, Name) or not call.args:
            continue
        if call.callee.id in _BRINGS_IN and not isinstance(call.args[0].value, Lit):
            return True
        if depth < MAX_DEPTH:
            inner = (v.symbol for v in options(graph.ev.value(call.callee, function.file, call.owner)) if isinstance(v, FuncV))
            if any(_brings_in(graph, f, depth + 1) for f in inner if f != function):
                return True
    return False


def _fit(graph: Graph, importer: str, pattern: str) -> list[str]:
    """The scripts that fit a pattern which starts at the folder of the importer, or at what is only known at run time."""
    here = posixpath.dirname(importer)
    if pattern.startswith("{__DIR__}"):
        pattern = posixpath.normpath(posixpath.join(here, pattern.removeprefix("{__DIR__}").lstrip("/")))
    else:
        pattern = posixpath.normpath(pattern.rpartition("}")[2].lstrip("/"))
    if not pattern.strip("/*."):  # a folder that nobody named is every folder
        return []
    return [f for f in sorted(graph.production) if f.endswith(".php") and f != importer and fnmatchcase(f, pattern)][:MAX_FILES]
