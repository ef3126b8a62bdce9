"""SQL as a text: whether it is a statement, what it does and to which table."""

from __future__ import annotations

import logging
import re
from typing import Any

_CLASSES = r"from(?=\s+(?:\w+\.){0,9}(?-i:[A-Z]))"  # `from Order o where ...`: a query over classes may leave `select` out
_SQL_WORD = re.compile(
    rf"\s*(?:--[^\n]*\n\s*)*(with|select|insert|update|delete|replace|merge|create|drop|alter|truncate|call|exec|{_CLASSES})\b", re.I
)


def is_statement(text: str) -> bool:
    """Does the text begin as an SQL statement does?"""
    return _SQL_WORD.match(text) is not None


def parsed(text: str, dialect: str | None = None) -> Any:  # sqlglot is untyped here
    """The tree of one statement. Errors: `SqlglotError`, `RecursionError`."""
    import sqlglot

    logging.getLogger("sqlglot").setLevel(logging.CRITICAL)  # it reports each dialect that does not fit
    return sqlglot.parse_one(text, read=dialect)


def sql_effect(text: str) -> tuple[str, str]:
    """Operation and first table of an SQL text, parsed with sqlglot; its first word decides when it does not parse."""
    word = _SQL_WORD.match(text)
    first = word.group(1).lower() if word else ""
    guess = {
        **dict.fromkeys(("select", "from"), "read"),
        **dict.fromkeys(("insert", "update", "replace", "merge"), "write"),
        **dict.fromkeys(("delete", "truncate"), "delete"),
    }
    from sqlglot import exp
    from sqlglot.errors import SqlglotError

    cleaned = re.sub(r"\$?\{[^{}]*\}|%\([\w]+\)s|%s|\?", " NULL ", text[:5000])
    try:
        tree = parsed(cleaned)
    except (SqlglotError, RecursionError):
        table = re.search(r"\b(?:from|into|update|table)\s+[`\"\[]?([\w.]+)", text[:5000], re.I)
        return guess.get(first, "call"), table.group(1) if table else ""
    inner = tree.find(exp.Insert, exp.Update, exp.Delete) if isinstance(tree, exp.Query) else None
    tree = inner if inner is not None else tree  # `WITH made AS (INSERT ... RETURNING *) SELECT ...` writes
    if isinstance(tree, exp.Delete | exp.TruncateTable):
        operation = "delete"
    elif isinstance(tree, exp.Insert | exp.Update | exp.Merge):
        operation = "write"
    else:
        operation = "read" if isinstance(tree, exp.Query) else guess.get(first, "call")
    main = tree.this if isinstance(tree, exp.Insert | exp.Update | exp.Delete) else tree
    table_node = main.find(exp.Table) if isinstance(main, exp.Expression) else None
    named = table_node.name if table_node is not None else ""
    return operation, "" if named == "NULL" else named  # a table whose name is put in
