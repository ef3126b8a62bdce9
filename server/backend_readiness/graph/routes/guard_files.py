"""Files that run before the routes of an application whose routes are files: `middleware.ts`, `routes/admin/_middleware.ts`.

`files` are their stems beside the application (or in `src`), with the `exports` that name their function, and the keys `config` and
`matcher` of what lists where they run; `folders` are folders each of whose files runs before all; `in_folders` is the stem of a file that
runs before the routes of its folder and of those below.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from backend_readiness.graph.evaluation import exports, members
from backend_readiness.graph.routes.routing import Guard, functions_in
from backend_readiness.graph.urls import texts
from backend_readiness.graph.values import AV, FuncV, ModV, Obj, UnknownV
from backend_readiness.graph.world import Graph
from backend_readiness.model import Place

Found = tuple[Guard, tuple[str, ...]]
ENDINGS = ("ts", "js", "mjs", "tsx")
MAX_FILES = 200


def guard_files(graph: Graph, application: str, root: str, spec: dict[str, Any]) -> Iterator[Found]:
    """What runs before the routes of an application, each with the patterns of the paths that it covers; none: all."""
    for folder in [f"{application}/{f}/".lstrip("/") for f in spec.get("folders", ())]:
        for file in sorted(f for f in graph.production if f.startswith(folder) and "/" not in f[len(folder) :]):
            export = graph.view(file).exports.get("default")
            function = next(iter(functions_in(graph, exports.module_value(graph.ev, file))), None) if export else None
            if export is not None and isinstance(function, FuncV):
                yield Guard(value=function, place=Place(file=file, line=export.line, end_line=export.line), start=0), ()
    for stem in spec.get("files", ()):
        for folder in ("", "src/"):
            for suffix in ENDINGS:
                file = f"{application}/{folder}{stem}.{suffix}".lstrip("/")
                if file in graph.facts.files:
                    yield from ((g, _places(graph, file, spec)) for g in _exported(graph, file, spec)[:1])
    if "in_folders" in spec:
        yield from _nested(graph, f"{application}/{root}/".lstrip("/"), spec)


def _nested(graph: Graph, below: str, spec: dict[str, Any]) -> Iterator[Found]:
    """Those of outer folders run first."""
    names = {f"{spec['in_folders']}.{suffix}" for suffix in ENDINGS}
    found = [f for f in graph.production if f.startswith(below) and f.rpartition("/")[2] in names][:MAX_FILES]
    for file in sorted(found, key=lambda f: (f.count("/"), f)):
        inside = file[len(below) :].split("/")[:-1]
        kept = [s for s in inside if not (s.startswith("(") and s.endswith(")"))]
        for guard in _exported(graph, file, spec):
            yield guard, ("/".join(["", *kept, "[...rest]"]),)


def _exported(graph: Graph, file: str, spec: dict[str, Any]) -> list[Guard]:
    """The functions that a file gives, or the value itself where it is none that is seen."""
    names = [n for n in spec.get("exports", ()) if n in graph.view(file).exports]
    value = exports.exported(graph.ev, file, names[0]) if names else None
    if value is None or isinstance(value, UnknownV | ModV):
        return []
    line = graph.view(file).exports[names[0]].line
    functions: list[AV] = [f for f in functions_in(graph, value) if isinstance(f, FuncV)]
    return [Guard(value=f, place=Place(file=file, line=line, end_line=line), start=0) for f in functions or [value]]


def _places(graph: Graph, file: str, spec: dict[str, Any]) -> tuple[str, ...]:
    config = exports.exported(graph.ev, file, spec["config"]) if spec.get("config") else None
    thunk = members.field_thunk(graph.ev, config, spec.get("matcher", "")) if isinstance(config, Obj) else None
    return tuple(texts(graph.ev, graph.ev.thunk(thunk))) if thunk is not None else ()
