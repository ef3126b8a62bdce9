"""Texts that a flow stores and that a page of the repository puts out as they are."""

from __future__ import annotations

import re
from collections.abc import Iterable

from backend_readiness.controls.context import Context
from backend_readiness.controls.database.schema import schema_of
from backend_readiness.controls.database.tables import plain, same_table

_READ = re.compile(r"(\w{1,60})(?:\[[^\[\]]{0,40}\]|\(\))?(?:\.|->|\?\.|\[['\"]|::)(?=(\w{1,60}))")
_NUMBERS = re.compile(r"(?i)int|serial|num|decimal|float|double|bool|date|time|uuid|enum|json|key")


def shown_raw(context: Context, lines: Iterable[tuple[str, int, str]]) -> tuple[str, int] | None:
    """(file, line) of the first line that reads a text column of a table, by names of both, which the flow writes: `order.note`."""
    tables = [
        (table.name, {plain(c.name) for c in table.real.columns.values() if _NUMBERS.search(c.type) is None})
        for table in schema_of(context).of_flow(context, "write")
    ]
    for file, number, text in lines:
        for holder, field in _READ.findall(text[:2000]):
            if any(plain(field) in columns and same_table(holder, name) for name, columns in tables):
                return file, number
    return None
