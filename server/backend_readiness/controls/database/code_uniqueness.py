"""Values that the code of a flow checks to be unique before it writes, with the table that should keep them so."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import regex

from backend_readiness.controls.callees import chain_text
from backend_readiness.controls.context import Context
from backend_readiness.controls.database.schema import Declared, schema_of
from backend_readiness.controls.database.tables import same_table
from backend_readiness.controls.protection.model_checks import bodies
from backend_readiness.model import Evidence
from backend_readiness.rules.unique_by_code import load_unique_by_code

MAX_LINES = 300
MAX_STATEMENT_LINES = 12
_KEY = regex.compile(r"""['"](\w+)['"]\s*=>""")
_NAME = regex.compile(r":?(\w+)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Believed:
    """A column that is unique by the code; `at` is the line that says so."""

    declared: Declared
    column: str
    at: Evidence

    @property
    def is_kept(self) -> bool:
        """Does the database keep it so?"""
        return self.declared.real.unique_over(self.column) is not None


def unique_by_code(context: Context) -> list[Believed]:
    """Each column once, for tables that the flow adds to or changes."""
    words = load_unique_by_code().get(context.language)
    targets = [e.target.rpartition(".")[2] for e, _ in context.effects if e.operation == "write" and e.target]
    if words is None or not targets:
        return []
    found: dict[tuple[str, str], Believed] = {}
    for table, column, at in (*_of_models(context, targets, words.model), *_of_input(context, words.input)):
        name = next((t for t in targets if same_table(t, table)), None)
        declared = schema_of(context).table(name) if name is not None else None
        if declared is not None and declared.real.column(column) is not None:
            found.setdefault((declared.name, column), Believed(declared=declared, column=column, at=at))
    return list(found.values())


def _of_models(context: Context, targets: list[str], patterns: tuple[str, ...]) -> Iterator[tuple[str, str, Evidence]]:
    compiled = [regex.compile(p) for p in patterns]
    for name in sorted(set(targets)) if compiled else ():
        for file, line, _ in context.hits((rf"^\s*(class|defmodule)\s+([\w:.]+)?\b{regex.escape(name)}\b",))[:2]:
            lines = context.snapshot.lines(file)
            for number in range(line + 1, min(line + MAX_LINES, len(lines)) + 1):
                statement = _statement(lines, number)
                match = next((m for p in compiled if (m := p.search(statement)) is not None), None)
                if match is not None:
                    for column in _NAME.findall(match.group("columns")):
                        yield name, column, context.at(file, number)


def _statement(lines: tuple[str, ...], number: int) -> str:
    """The line and those that go on with it, as a comma at the end says."""
    kept = [lines[number - 1][:500]]
    while kept[-1].rstrip().endswith(",") and len(kept) < MAX_STATEMENT_LINES and number + len(kept) <= len(lines):
        kept.append(lines[number + len(kept) - 1][:500])
    return "\n".join(kept)


def _of_input(context: Context, patterns: tuple[str, ...]) -> Iterator[tuple[str, str, Evidence]]:
    compiled = [regex.compile(p) for p in patterns]
    if not compiled:
        return
    handlers = [r.function.symbol for r in context.functions]
    for cls in bodies(context, handlers):
        symbol = context.view(cls.file).symbol(cls.index)
        lines = context.snapshot.lines(cls.file)
        yield from _rules(
            context, cls.file, [(n, lines[n - 1]) for n in range(symbol.line, min(symbol.end_line, len(lines)) + 1)], compiled
        )
    texts: dict[str, list[tuple[int, str]]] = {}
    for file, number, text in chain_text(context):
        texts.setdefault(file, []).append((number, text))
    for file, numbered in texts.items():
        yield from _rules(context, file, numbered, compiled)


def _rules(
    context: Context, file: str, lines: list[tuple[int, str]], patterns: list[regex.Pattern[str]]
) -> Iterator[tuple[str, str, Evidence]]:
    key = ""
    for number, text in lines[:MAX_LINES]:
        keys = _KEY.findall(text[:400])
        key = keys[0] if keys else key
        for pattern in patterns:
            match = pattern.search(text[:400])
            if match is not None and (match.group("columns") or key):
                yield match.group("table"), match.group("columns") or key, context.at(file, number)
