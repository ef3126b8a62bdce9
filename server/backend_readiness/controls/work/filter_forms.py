"""Conditions that an index does not serve by itself: a part of a text, a column in a function, one of several, the far side of a join."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from backend_readiness.controls.context import Context
from backend_readiness.controls.work.chain_calls import ChainCall
from backend_readiness.facts.model import Record, Seq
from backend_readiness.graph.values import Obj, Site, Thunk, options
from backend_readiness.rules.signs import sign, signs

Column = tuple[str, str]
_PART = sign("filter_forms", "part")
_LIKE = sign("filter_forms", "like")
_OPEN = re.compile(sign("filter_forms", "open"))
_WRAPPED = sign("filter_forms", "wrapped")
_TEXT_INDEX = signs("filter_forms", "text_index")
_EITHER = frozenset(signs("filter_forms", "either"))
MAX_LINES = 400


@lru_cache(maxsize=2048)
def _of(pattern: str, column: str) -> re.Pattern[str]:
    return re.compile(pattern.replace("COLUMN", re.escape(column)))


def is_searched(context: Context, call: ChainCall, sites: list[Site], written: tuple[str, ...], column: str) -> bool:
    """Is the column compared with a part of a text, whose beginning is open?"""
    text = "\n".join([*_lines(context, sites), *written])
    if _of(_PART, column).search(text) is not None:
        return True
    if _of(_LIKE, column).search(text) is None:
        return False
    symbol = context.view(call.function.file).symbol(call.function.index)
    body = context.snapshot.lines(call.function.file)[symbol.line - 1 : min(symbol.end_line, symbol.line + MAX_LINES)]
    return any(_OPEN.search(t[:500]) is not None for t in (*body, text))


def is_wrapped(context: Context, sites: list[Site], written: tuple[str, ...], column: str) -> bool:
    """Is the column compared inside of a function, `lower(email)`, for which no index is made?"""
    text = "\n".join([*_lines(context, sites), *written])
    if _of(_WRAPPED, column).search(text) is None:
        return False
    made = rf"(?i)\bindex\b.*\b(lower|upper|date|trim|func)\W+.*{re.escape(column)}|citext|{re.escape(column)}.*(?:COLLATE\s+NOCASE|_ci\b)"
    return not context.hits((made,), ("**/*.sql", *context.source_globs))


def has_text_index(context: Context) -> bool:
    """Does the repository make an index over the words or the parts of a text?"""
    return bool(context.hits(_TEXT_INDEX, ("**/*.sql", "**/*.prisma", *context.source_globs)))


def _lines(context: Context, sites: list[Site]) -> Iterator[str]:
    for site in sites:
        call = context.view(site.file).facts.calls[site.call]
        yield from (t[:500] for t in context.snapshot.lines(site.file)[call.line - 1 : min(call.end_line, call.line + 40)])


def either_of(context: Context, thunk: Thunk | None, target: str) -> list[tuple[Column, ...]]:
    """The branches of `OR: [{...}, {...}]` in the record of a condition, each with its columns."""
    value = context.graph.ev.thunk(thunk) if thunk is not None else None
    found: list[tuple[Column, ...]] = []
    for option in options(value) if value is not None else ():
        if not isinstance(option, Obj):
            continue
        for key, held in option.fields.items():
            expr = held.expr if isinstance(held, Thunk) else None
            for item in expr.items if key in _EITHER and isinstance(expr, Seq) else ():
                if isinstance(item, Record):
                    keys = tuple((target, k) for k, _ in item.items if k is not None and not k.startswith("$"))
                    found.extend([keys] if keys else [])
    return found


def either_and_joins(text: str) -> tuple[list[tuple[Column, ...]], list[tuple[Column, Column]]]:
    """(the branches of each OR of the condition with their columns, the pairs of columns that joins compare) of a statement."""
    import sqlglot
    from sqlglot import exp
    from sqlglot.errors import SqlglotError

    if not re.search(r"(?i)\bor\b|\bjoin\b", text):
        return [], []
    cleaned = re.sub(r"\{[^{}]*\}|%\([\w]+\)s|%s|\?|:\w+|\$\d+", " NULL ", text[:5000])
    try:
        tree = sqlglot.parse_one(cleaned)
    except (SqlglotError, RecursionError):
        return [], []
    table = tree.find(exp.Table)
    if table is None:
        return [], []
    aliases = {t.alias_or_name: t.name for t in tree.find_all(exp.Table)}

    def named(column: exp.Column) -> Column:
        return aliases.get(column.table, table.name), column.name

    where = tree.find(exp.Where)
    branches: list[tuple[Column, ...]] = []
    for found in where.find_all(exp.Or) if where is not None else ():
        if not isinstance(found.parent, exp.Or):
            for side in found.flatten():
                columns = tuple(named(c) for c in side.find_all(exp.Column))
                branches.extend([columns] if columns else [])
    joins: list[tuple[Column, Column]] = []
    for join in tree.find_all(exp.Join):
        on = join.args.get("on")
        for equal in on.find_all(exp.EQ) if on is not None else ():
            if isinstance(equal.left, exp.Column) and isinstance(equal.right, exp.Column):
                joins.append((named(equal.left), named(equal.right)))
    return branches, joins
