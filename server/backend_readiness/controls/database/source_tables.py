"""Tables and indexes that statements in the source make: `db.exec("CREATE TABLE orders (...)")`, where no model and no migration does."""

from __future__ import annotations

import re

from backend_readiness.controls.database.ddl import apply_sql
from backend_readiness.controls.database.tables import Table
from backend_readiness.graph.world import Graph

MAX_CHARS = 300_000
MAX_STATEMENT_CHARS = 6_000
MAX_TABLES = 60
MAX_INDEXES = 200
_MAKES = re.compile(r"(?i)\bcreate\s+table\s+(?:if\s+not\s+exists\s+)?[`\"\[\w.\]]{1,120}\s*\(")
_INDEXES = re.compile(r"(?i)\bcreate\s+(?:unique\s+)?index\s+[^()\"';]{1,200}(?:\"\w+\"\s*)?\(")


def source_tables(graph: Graph) -> list[Table]:
    """The tables of whole statements that stand in sources of production, each where it begins."""
    found: list[Table] = []
    indexes: list[tuple[str, str, int]] = []  # they may stand in a file before that of their table
    for path in graph.production:
        text = graph.text(path)
        if len(text) > MAX_CHARS or not any(word in text for word in ("able", "TABLE", "ndex", "INDEX")):
            continue
        for match in _MAKES.finditer(text):
            statement = _statement(text, match.start(), match.end())
            if statement is not None and len(found) < MAX_TABLES:
                apply_sql(statement, path, found, text.count("\n", 0, match.start()) + 1)
        for match in _INDEXES.finditer(text):
            statement = _statement(text, match.start(), match.end())
            if statement is not None and len(indexes) < MAX_INDEXES:
                indexes.append((statement, path, text.count("\n", 0, match.start()) + 1))
    for statement, path, line in indexes if found else ():
        apply_sql(statement, path, found, line)
    return found


def _statement(text: str, start: int, opened: int) -> str | None:
    """The text from `start` to the bracket that closes the one before `opened`; None when it does not close, or more texts begin."""
    depth = 1
    for at in range(opened, min(len(text), start + MAX_STATEMENT_CHARS)):
        depth += 1 if text[at] == "(" else -1 if text[at] == ")" else 0
        if depth == 0:
            return text[start : at + 1]
    return None
