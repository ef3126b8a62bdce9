"""Calls of migrations that take a rule away, or give another name: `remove_index :users, :email`, `renameColumn("a", "b")`."""

from __future__ import annotations

from backend_readiness.controls.database.columns import text_of, texts_in
from backend_readiness.controls.database.tables import Table, same_table
from backend_readiness.controls.database.taken_away import drop_over, drop_rule, rename_column, rename_table
from backend_readiness.facts.model import Arg, Call, CallRef, Lit, Seq, Value
from backend_readiness.graph.views import FileView, callee_name
from backend_readiness.rules.data_rules import ChangeRule
from backend_readiness.rules.schema_files import load_schema_files


def change(view: FileView, call: Call, rule: ChangeRule, name: str, tables: list[Table]) -> bool:
    """Apply a change of this kind to the table of that name; False when the rule is about something else."""
    if rule.does not in ("rename_table", "rename_column", "drop_rules", "drop_foreign", "nullable", "drop_built"):
        return False
    table = next((t for t in tables if same_table(t.name, name)), None)
    if table is None:
        return True
    words = {a.name: a.value for a in call.args if a.name}
    plain_args = [a.value for a in call.args if a.name is None]
    second = plain_args[1] if len(plain_args) > 1 else None
    third = plain_args[2] if len(plain_args) > 2 else None
    to = _name(view, words.get("to")) or _name(view, words.get("newName"))
    if rule.does == "rename_table":
        if second is not None and to:
            rename_column(table, text_of(second), to)
        else:
            rename_table(tables, table.name, to or _name(view, second))
    elif rule.does == "rename_column":
        rename_column(table, text_of(words.get("name") or second), to or text_of(third))
    elif rule.does == "nullable":
        if isinstance(third, Lit):
            table.set(text_of(second), nullable=bool(third.value), file=view.path, line=call.line)
    elif rule.does == "drop_foreign":
        column, label = words.get("column"), words.get("name")
        _drop_foreign(table, texts_in(column), text_of(label) if label is not None else "", text_of(second) if second is not None else "")
    elif rule.does == "drop_rules":
        label = words.get("name")
        if label is not None:
            drop_rule(table, text_of(label))
        else:
            drop_over(table, texts_in(words.get("column") or second), foreign=False)
    else:
        _drop_built(view, call, table, tables)
    return True


def step(call: Call, words: tuple[str, ...], table: Table) -> None:
    """A step on the builder of a table that takes rules away: `dropUnique(["email"])`, `dropForeign("orders_customer_id_foreign")`."""
    foreign = "foreign" in (callee_name(call) or "").lower()
    assert callee_name(call) in words
    given = [a for a in call.args if a.name in (None, "column", "name")]
    for arg in given[:1]:
        if isinstance(arg.value, Seq) or arg.name == "column" or _is_column(table, arg):
            drop_over(table, texts_in(arg.value), foreign=foreign)
        else:
            drop_rule(table, text_of(arg.value))


def built_change(call: Call, kind: str, table: Table) -> bool:
    """A step on a builder that changes what is there, by the names of `schema_files.yml`; False for one that makes something."""
    words = load_schema_files().built
    texts = [text_of(a.value) for a in call.args if a.name is None]
    if kind in words.drop:
        for name in (n for a in call.args for n in texts_in(a.value)):
            table.columns.pop(name, None)
    elif kind in words.drop_rules:
        step(call, words.drop_rules, table)
    elif kind in words.rename and len(texts) > 1:
        rename_column(table, texts[0], texts[1])
    elif kind in (*words.nullable, *words.required) and texts:
        table.set(texts[0], nullable=kind in words.nullable)
    else:
        return kind in words.ignore
    return True


def _is_column(table: Table, arg: Arg) -> bool:
    return arg.name is None and isinstance(arg.value, Lit) and table.column(str(arg.value.value)) is not None


def _drop_foreign(table: Table, columns: tuple[str, ...], name: str, target: str) -> None:
    if name:
        drop_rule(table, name)
    held = [c.name for c in table.columns.values() if c.references and target and same_table(c.references, target)]
    drop_over(table, columns or held[:1], foreign=True)


def _drop_built(view: FileView, call: Call, table: Table, tables: list[Table]) -> None:
    """`drop index(:users, [:email])`, `drop constraint(:orders, "orders_customer_id_fkey")`, `drop table(:users)`."""
    first = call.args[0].value if call.args else None
    inner = view.facts.calls[first.call] if isinstance(first, CallRef) else None
    if inner is None:
        return
    if callee_name(inner) == "table":
        tables.remove(table)
        return
    label = next((text_of(a.value) for a in inner.args if a.name == "name"), "")
    given = inner.args[1].value if len(inner.args) > 1 else None
    if isinstance(given, Seq):
        drop_over(table, texts_in(given), foreign=False)
    drop_rule(table, label or (text_of(given) if given is not None and not isinstance(given, Seq) else ""))


def _name(view: FileView, value: Value | None) -> str:
    """`"orders"`, `table(:orders)`."""
    if isinstance(value, CallRef):
        inner = view.facts.calls[value.call].args
        return text_of(inner[0].value) if inner else ""
    return text_of(value)
