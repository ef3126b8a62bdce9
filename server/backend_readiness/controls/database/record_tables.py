"""Tables whose columns stand in an object that a function makes: `table => new { Id = table.Column<int>(nullable: false) }`."""

from __future__ import annotations

from dataclasses import replace

from backend_readiness.controls.database.columns import chain_of, column_of_call, text_of
from backend_readiness.controls.database.tables import Index, Table
from backend_readiness.facts.model import Call, CallRef, Func, Member, Record, Value
from backend_readiness.graph.views import FileView, callee_name
from backend_readiness.rules.data_rules import ColumnRule


def read_record(view: FileView, record: Record, call: Call, table: Table) -> None:
    """The columns of the object, and the constraints of the function beside it."""
    for key, value in record.items:
        if key is None or not isinstance(value, CallRef):
            continue
        made = column_of_call(view, value.call, key, ColumnRule())
        kinds = next((c.type_args for c in chain_of(view, value.call) if c.type_args), ())
        table.columns[key] = replace(made, type=f"{made.type} {text_of(kinds[0])}".strip() if kinds else made.type)
    for arg in call.args:
        if arg.name == "constraints" and isinstance(arg.value, Func):
            for number in view.calls_of.get(arg.value.symbol, ()):
                _constrain(view, view.facts.calls[number], table)


def _constrain(view: FileView, call: Call, table: Table) -> None:
    words = {a.name: a.value for a in call.args if a.name}
    functions = [a.value for a in call.args if isinstance(a.value, Func)]
    columns = tuple(t for f in functions for r in view.returns.get(f.symbol, ()) for t in _members(r.value))
    name = callee_name(call)
    if name == "PrimaryKey":
        for label in columns:
            table.set(label, primary=True, nullable=False)
    elif name == "ForeignKey":
        for label in columns:
            table.set(label, references=text_of(words.get("principalTable")), on_delete=text_of(words.get("onDelete")))
    elif name == "UniqueConstraint":
        table.indexes.append(Index(columns=columns, unique=True, file=view.path, line=call.line))
    elif name == "CheckConstraint":
        table.checks.append((" ".join(text_of(a.value) for a in call.args), view.path, call.line))


def _members(value: Value | None) -> tuple[str, ...]:
    """`x.Id`, `new { x.OrderId, x.Id }`."""
    if isinstance(value, Member):
        return (value.name,)
    return tuple(v.name for _, v in value.items if isinstance(v, Member)) if isinstance(value, Record) else ()
