"""Calls of migrations that make or take away an index or a constraint: `add_index`, `create_index`, `removeConstraint`."""

from __future__ import annotations

from backend_readiness.controls.database.columns import texts_in
from backend_readiness.controls.database.tables import Index, Table
from backend_readiness.controls.database.taken_away import drop_rule
from backend_readiness.facts.model import Call, CallRef, Lit, Record, Value
from backend_readiness.graph.views import FileView


def add_rule(view: FileView, call: Call, given: Value | None, table: Table, *, unique: bool) -> None:
    """Put an index or a unique rule into its table, by the arguments of the call that makes it."""
    words = {a.name: a.value for a in call.args if a.name}
    for arg in call.args:
        if isinstance(arg.value, Record):
            words.update({k: v for k, v in arg.value.items if k is not None})
    flag = words.get("unique")
    kind = words.get("type")
    if isinstance(kind, Lit) and kind.value not in ("unique", "UNIQUE"):
        unique = False
    unique = unique or (isinstance(flag, Lit) and flag.value is True)
    listed = next((words[w] for w in ("fields", "columns", "column") if w in words), None)
    columns = texts_in(listed) if listed is not None else texts_in(given)
    partial = any("where" in k for k in words)
    name = _name_of(view, call)
    table.indexes.append(Index(columns=columns, unique=unique, name=name, partial=partial, file=view.path, line=call.line))


def _name_of(view: FileView, call: Call) -> str:
    first = call.args[0].value if call.args else None
    if isinstance(first, CallRef):
        inner = view.facts.calls[first.call].args
        first = inner[0].value if inner else None
    return str(first.value) if isinstance(first, Lit) else ""


def drop_named(view: FileView, call: Call, table: Table) -> None:
    """Take an index or constraint away; an unnamed one of a column is found by the usual naming."""
    drop_rule(table, _name_of(view, call))
