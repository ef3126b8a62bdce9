"""What is written under a name anywhere in the backend: constants, fields, keys of objects and settings."""

from __future__ import annotations

import re
from collections.abc import Iterator

from backend_readiness.controls.callees import backend_files
from backend_readiness.controls.context import Context
from backend_readiness.facts.model import Index, Lit, Member, Name, Record, Value


def written_values(context: Context, name: str) -> Iterator[tuple[str, int, Value]]:
    """(file, line, expression) of everything that production code of the backend writes under a name: fields, constants, keys of objects and settings."""  # noqa: E501
    for file in backend_files(context):
        if name not in context.graph.facts.files[file].names and not _in_strings(context, file, name):
            continue
        view = context.view(file)
        for assign in view.facts.assigns:
            target = assign.target
            said = (
                target.id
                if isinstance(target, Name)
                else target.name
                if isinstance(target, Member)
                else str(target.key.value)
                if isinstance(target, Index) and isinstance(target.key, Lit)
                else ""
            )
            if assign.value is None:
                continue
            if said == name:
                yield file, assign.line, assign.value
            yield from ((file, line, v) for line, v in _keys(assign.value, name, assign.line, context, file))
        for export in view.facts.exports:
            if export.value is not None:
                yield from ((file, line, v) for line, v in _keys(export.value, name, export.line, context, file))


def _in_strings(context: Context, file: str, name: str) -> bool:
    return name.isupper() and name in context.snapshot.text(file)


def _keys(value: Value, name: str, line: int, context: Context, file: str, depth: int = 0) -> Iterator[tuple[int, Value]]:
    if isinstance(value, Record) and depth < 4:
        for key, item in value.items:
            if key == name:
                lines = context.snapshot.lines(file)
                at = next(
                    (
                        n
                        for n in range(line, min(line + 200, len(lines) + 1))
                        if re.search(rf"[\"']?{re.escape(name)}[\"']?\s*:", lines[n - 1])
                    ),
                    line,
                )
                yield at, item
            yield from _keys(item, name, line, context, file, depth + 1)
