"""Tables that a migration makes in one chain of calls, where each column gets a function that describes it.

db.schema.createTable("users").addColumn("email", "varchar", (col) => col.notNull().unique()).execute()
db.schema.createIndex("by_owner").on("orders").columns(["owner_id", "at"]).execute()
"""

from __future__ import annotations

from dataclasses import replace

from backend_readiness.controls.database.columns import text_of, texts_in, type_text
from backend_readiness.controls.database.tables import Column, Index, Table
from backend_readiness.controls.database.taken_away import drop_rule
from backend_readiness.facts.model import Func, Value
from backend_readiness.graph.routes.later_steps import steps_after
from backend_readiness.graph.views import FileView, callee_name
from backend_readiness.rules.data_rules import ChainRule


def build_chain(view: FileView, number: int, rule: ChainRule, table: Table) -> None:
    """Put what the steps of a chain say into the table that it is about."""
    end = view.facts.calls[number].end_line
    for name, after in steps_after(view, number):
        step = view.facts.calls[after]
        line, end = min(end + 1, step.end_line), step.end_line  # where the step begins, most often a line of its own
        given = [a.value for a in step.args if a.name is None]
        first = texts_in(given[0]) if given else ()
        second = texts_in(given[1]) if len(given) > 1 else ()
        if name in (*rule.column, *rule.alter) and first:
            _column(view, line, first[0], given, rule, table)
        elif name in rule.drop and first:
            table.columns.pop(first[0], None)
        elif name in rule.unique:
            table.indexes.append(Index(columns=second, unique=True, name="".join(first[:1]), file=view.path, line=line))
        elif name in rule.key:
            for column in second:
                table.set(column, primary=True, nullable=False)
        elif name in rule.foreign and len(given) > 2:
            for column in second:
                table.set(column, references=text_of(given[2]))
        elif name in rule.check and len(given) > 1:
            table.checks.append((type_text(view, given[1]), view.path, line))
        elif name in rule.drop_rule and first:
            drop_rule(table, first[0])


def index_of_chain(view: FileView, number: int, rule: ChainRule) -> tuple[str, Index] | None:
    """(table, index) of a chain that makes an index; None when no step names the table."""
    call = view.facts.calls[number]
    table, columns, words = "", list[str](), set[str]()
    for name, after in steps_after(view, number):
        args = view.facts.calls[after].args
        given = texts_in(args[0].value) if args else ()
        words.add(name)
        table = given[0] if name in rule.of_table and given else table
        columns += given if name in rule.columns else ()
    label = texts_in(call.args[0].value) if call.args else ()
    made = Index(
        columns=tuple(columns),
        unique=not words.isdisjoint(rule.is_unique),
        name="".join(label[:1]),
        partial=not words.isdisjoint(rule.partial),
        file=view.path,
        line=call.line,
    )
    return (table, made) if table else None


def _column(view: FileView, line: int, name: str, given: list[Value], rule: ChainRule, table: Table) -> None:
    words = _words(view, given)
    before = table.column(name)
    kind = type_text(view, given[1]) if len(given) > 1 and not isinstance(given[1], Func) else before.type if before is not None else ""
    known = before or Column(name=name, file=view.path, line=line)
    primary = known.primary or not words.keys().isdisjoint(rule.is_key)
    required = not words.keys().isdisjoint(rule.required) or primary
    free = not words.keys().isdisjoint(rule.nullable)
    table.columns[known.name] = replace(
        known,
        type=kind,
        nullable=free or (known.nullable and not required),
        unique=known.unique or not words.keys().isdisjoint(rule.is_unique),
        primary=primary,
        references=next((words[w].rpartition(".")[0] for w in rule.references if words.get(w)), known.references),
        on_delete=next((words[w] for w in rule.on_delete if words.get(w)), known.on_delete),
    )


def _words(view: FileView, given: list[Value]) -> dict[str, str]:
    """The steps of the functions among the arguments, each with its first argument as text."""
    calls = (view.facts.calls[n] for v in given if isinstance(v, Func) for n in view.calls_of.get(v.symbol, ()))
    return {callee_name(c) or "": text_of(c.args[0].value) if c.args else "" for c in calls}
