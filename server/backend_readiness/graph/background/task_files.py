"""Work that a name says by its file: `manage.py purge` runs `management/commands/purge.py`, `python jobs/mail.py` that file."""

from __future__ import annotations

from fnmatch import fnmatch
from typing import TYPE_CHECKING

from backend_readiness.graph.evaluation import members
from backend_readiness.graph.values import AV, ClassV, FuncV, InstV, SymbolId

if TYPE_CHECKING:
    from backend_readiness.graph.world import Graph

MAX_NAME = 200


def run_in_file(graph: Graph, task: str, globs: tuple[str, ...], runs: tuple[str, ...]) -> list[FuncV]:
    """What the only file of that name runs: the first of `runs` (`Command.handle`), the file itself where none is named.

    In `globs` `{task}` is the task as it is written, `{module}` the same with slashes for its dots.
    """
    if not 0 < len(task) <= MAX_NAME or any(c in task for c in "*?["):
        return []
    for glob in globs:
        path = glob.replace("{task}", task.lstrip("./")).replace("{module}", task.replace(".", "/"))
        found = [p for p in graph.files_named(path.rpartition("/")[2]) if p in graph.production and _is_meant(p, path)]
        if len(found) > 1:  # a container keeps the code in a folder of its own: the nearest to the root
            found = sorted(found, key=lambda p: (p.count("/"), p))[: 1 if found[0].count("/") != found[1].count("/") else 0]
        if len(found) == 1:
            return _held(graph, found[0], runs)
    return []


def _is_meant(path: str, wanted: str) -> bool:
    """Is the file at that path, or in a folder that the path of a container stands for (`/app/jobs/mail.py`)?"""
    if "*" in wanted:
        return fnmatch(path, wanted) or fnmatch(f"x/{path}", wanted)
    return path == wanted or path.endswith(f"/{wanted}") or wanted.endswith(f"/{path}")


def _held(graph: Graph, path: str, runs: tuple[str, ...]) -> list[FuncV]:
    if not runs:
        return [FuncV(SymbolId(path, 0))]
    view = graph.view(path)
    for name in runs:
        holder, _, method = name.rpartition(".")
        for index in view.named_children.get((0, holder or method), ()):
            held: AV | None = FuncV(SymbolId(path, index))
            if holder:
                held = members.own_member(graph.ev, InstV(ClassV(SymbolId(path, index))), method)
            if isinstance(held, FuncV):
                return [held]
    return []
