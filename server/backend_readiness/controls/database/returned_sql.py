"""Migrations whose functions give back SQL that their tool runs (`async def upgrade(db) -> str: return "CREATE TABLE ..."`)."""

from __future__ import annotations

from dataclasses import dataclass

from backend_readiness.controls.database.columns import text_of
from backend_readiness.controls.database.ddl import apply_sql
from backend_readiness.controls.database.tables import Table
from backend_readiness.controls.places import is_test
from backend_readiness.graph.world import Graph
from backend_readiness.rules.schema_files import Returned, fits, load_schema_files


@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnedSql:
    """One such file: `back` is empty | none | some, what takes it back; `line` is where that stands."""

    path: str
    back: str
    line: int


def returned_migrations(graph: Graph) -> list[tuple[str, Returned]]:
    """The files of such migrations, by name."""
    rules = load_schema_files().returned
    found = []
    for path in sorted(p for p in graph.facts.files if any(fits(r.files, p) for r in rules) and not is_test(p)):
        rule = next((r for r in rules if fits(r.files, path) and fits(r.says, graph.text(path))), None)
        if rule is not None:
            found.append((path, rule))
    return found


def apply_returned(graph: Graph, path: str, rule: Returned, tables: list[Table]) -> ReturnedSql | None:
    """Apply what the file makes to `tables`; None where it makes nothing."""
    forward = _said(graph, path, rule.up)
    if forward is None or not _apply(graph, path, *forward, tables):
        return None
    back = _said(graph, path, rule.down)
    state = "none" if back is None else "some" if back[0].strip() else "empty"
    return ReturnedSql(path=path, back=state, line=back[1] if back is not None else 1)


def _apply(graph: Graph, path: str, text: str, line: int, tables: list[Table]) -> bool:
    """Apply the text so that its tables and columns keep the lines at which they stand in the file."""
    before = "\n" * (_start(graph, path, text, line) - 1)
    return apply_sql(before + text, path, tables)


def _start(graph: Graph, path: str, text: str, line: int) -> int:
    """The line at which the text begins: the first from `line` on that holds its first words."""
    lines = graph.text(path).split("\n")
    first = text.split("\n", 1)[0] if text.split("\n", 1)[0].strip() else ""
    if first:
        return next((n for n in range(line, len(lines) + 1) if first.strip() in lines[n - 1]), line)
    return next((n for n in range(line, len(lines) + 1) if '"""' in lines[n - 1] or "'''" in lines[n - 1]), line)


def _said(graph: Graph, path: str, name: str) -> tuple[str, int] | None:
    """(text that the function gives back, its line)."""
    view = graph.view(path)
    for number, symbol in enumerate(view.facts.symbols):
        if symbol.name == name:
            texts = [text_of(r.value) for r in view.returns.get(number, ()) if r.value is not None]
            return "\n".join(texts), symbol.line
    return None
