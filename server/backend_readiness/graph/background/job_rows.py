"""Jobs of settings that list them as rows: `crontab: [{"0 * * * *", Shop.Clean}]`, `jobs: [{"@daily", {Shop.Backup, :run, []}}]`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from backend_readiness.facts.builder import last_name
from backend_readiness.facts.model import Lit, Member, Name, Record, Seq, Value
from backend_readiness.model import Place

if TYPE_CHECKING:
    from backend_readiness.graph.views import FileView
    from backend_readiness.graph.world import Graph

MAX_VALUES = 4_000


def settings_named(view: FileView, name: str) -> Iterator[tuple[Seq, int, int]]:
    """(list, owner, line) of the lists that are kept under a name: in an assignment, a keyword argument, or a record inside one."""
    given: list[tuple[str | None, Value | None, int, int]] = [(last_name(a.target), a.value, a.owner, a.line) for a in view.facts.assigns]
    given += [(a.name, a.value, c.owner, c.line) for c in view.facts.calls for a in c.args]
    for key, value, owner, line in given:
        for items in _lists(key, value, name):
            yield items, owner, line


def _lists(key: str | None, value: Value | None, name: str) -> Iterator[Seq]:
    waiting: list[tuple[str | None, Value | None]] = [(key, value)]
    for _ in range(MAX_VALUES):
        if not waiting:
            return
        key, value = waiting.pop()
        if isinstance(value, Seq):
            if key == name:
                yield value
            else:
                waiting.extend(("", item) for item in value.items)
        elif isinstance(value, Record):
            waiting.extend(value.items)


def row_place(graph: Graph, path: str, start: int, row: Seq) -> Place:
    """The line from `start` on that has the schedule and the name of what it runs, else that line."""
    said = [w for item in row.items[:2] if (w := _written(item))]
    lines = graph.text(path).split("\n")[start - 1 : start + 400]
    fits = [number for number, line in enumerate(lines, start) if said and all(w in line[:400] for w in said)]
    number = fits[0] if len(fits) == 1 or (fits and len(said) == 2) else start
    return Place(file=path, line=number, end_line=number)


def _written(value: Value) -> str:
    """What must stand on the line of a row: the text of a schedule, the last part of a module's name."""
    for _ in range(4):
        if isinstance(value, Member):
            value = value.base
        elif isinstance(value, Seq) and value.items:
            value = value.items[0]
    if isinstance(value, Name):
        return value.id.rpartition(".")[2]
    return value.value if isinstance(value, Lit) and isinstance(value.value, str) else ""
