"""Columns, keys and indexes from calls in the body of a class: `field :email, type: String`, `index({email: 1}, {unique: true})`."""

from __future__ import annotations

from backend_readiness.controls.database.columns import flag, text_of
from backend_readiness.controls.database.tables import Column, Index, Table
from backend_readiness.facts.model import Call, Lit, Name, Record, Value
from backend_readiness.graph.views import FileView, callee_name
from backend_readiness.rules.data_rules import TableRule


def read_body_calls(view: FileView, number: int, rule: TableRule, table: Table) -> None:
    """The key and the unique rules that calls in the body of a class name: `PrimaryKey(id)`, `uniqueIndex(email)`."""
    symbol = view.symbol(number)
    for call in view.facts.calls:
        name = callee_name(call)
        if not symbol.start <= call.start < symbol.end or not isinstance(call.callee, Name) or name not in (*rule.keys, *rule.unique_calls):
            continue
        columns = tuple(a.value.id for a in call.args if isinstance(a.value, Name) and a.value.id in table.columns)
        if name in rule.keys:
            for column in columns:
                table.set(column, primary=True, nullable=False)
        elif columns:
            table.indexes.append(Index(columns=columns, unique=True, file=view.path, line=call.line))


def read_declared_fields(view: FileView, number: int, rule: TableRule, table: Table) -> None:
    """The columns and indexes that calls in the body of the class itself make; words of a call stand in its keywords or last object."""
    for call in view.facts.calls:
        name = callee_name(call)
        if call.owner != number or not isinstance(call.callee, Name) or not call.args:
            continue
        first = call.args[0]
        given = str(first.value.value) if first.name is None and isinstance(first.value, Lit) else ""
        if name in rule.body_indexes:
            _index(view, call, rule, table)
        elif given and name in (*rule.body_columns, *rule.body_references):
            refers = name in rule.body_references
            words = _words(call, 1)
            made = Column(
                name=f"{given}_id" if refers else given,
                type="key" if refers else text_of(words.get("type")),
                nullable=flag(words, rule.column.required) is not True,
                unique=flag(words, rule.column.unique) is True,
                indexed=flag(words, rule.column.index) is True,
                references=given if refers else "",
                file=view.path,
                line=call.line,
            )
            table.columns[made.name] = made


def _index(view: FileView, call: Call, rule: TableRule, table: Table) -> None:
    """An index over the keys of the first object, or over the keywords when there is none; one of the words in a text serves no filter."""
    first = call.args[0]
    if first.name is None and isinstance(first.value, Record):
        columns = tuple(k for k, v in first.value.items if k is not None and not (isinstance(v, Lit) and isinstance(v.value, str)))
        words = _words(call, 1)
    else:
        columns = tuple(a.name for a in call.args if a.name is not None)
        words = {}
    if columns:
        unique = flag(words, rule.column.unique) is True
        partial = any("partial" in word for word in words)
        table.indexes.append(Index(columns=columns, unique=unique, partial=partial, file=view.path, line=call.line))


def _words(call: Call, begin: int) -> dict[str, Value | None]:
    found: dict[str, Value | None] = {a.name: a.value for a in call.args if a.name is not None}
    for arg in call.args[begin:]:
        if isinstance(arg.value, Record) and arg.name is None:
            found.update({k: v for k, v in arg.value.items if k is not None})
    return found
