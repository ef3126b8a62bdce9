"""Columns that migrations make by calls on a builder: `t.string "email", null: false`, `add :email, :string`, `$table->string('email')`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from backend_readiness.controls.database.changes_by_name import step as drop_step
from backend_readiness.controls.database.columns import chain_of, flag, text_of, texts_in
from backend_readiness.controls.database.tables import Column, Index, Table, plain
from backend_readiness.controls.database.taken_away import rename_column
from backend_readiness.facts.model import Call, CallRef, Func, Lit, Record, Value
from backend_readiness.graph.views import FileView, callee_name
from backend_readiness.rules.data_rules import BuilderRule, ChangeRule

Words = dict[str, Value | None]


def build(view: FileView, symbol: int, rule: ChangeRule, table: Table) -> None:
    """Read the calls in the body of a function that gets a builder, in their order."""
    numbers = view.calls_of.get(symbol, [])
    inner: set[int] = set()
    for number in numbers:
        call = view.facts.calls[number]
        base = getattr(call.callee, "base", None)
        inner.update(r.call for r in (base, *(a.value for a in call.args)) if isinstance(r, CallRef))
    for number in sorted((n for n in numbers if n not in inner), key=lambda n: view.facts.calls[n].start):
        step(view, list(reversed(chain_of(view, number))), rule, table)


def step(view: FileView, chain: list[Call], rule: ChangeRule, table: Table) -> None:
    """One chain of calls on the builder, the first call first."""
    builder = rule.builder
    assert builder is not None
    first = chain[0]
    kind = callee_name(first) or ""
    given = [a.value for a in first.args if a.name is None and not isinstance(a.value, Func)]
    words = _words(chain)
    names = texts_in(given[0]) if given else ()
    if kind in builder.ignore:
        return
    if kind in builder.drop:
        for name in (t for v in given for t in texts_in(v)):
            table.columns.pop(name, None)
    elif kind in builder.drop_rules:
        drop_step(first, builder.drop_rules, table)
    elif kind in builder.rename:
        if len(given) > 1:
            rename_column(table, text_of(given[0]), text_of(given[1]))
    elif kind in (*builder.index, *builder.unique):
        add_index(view, first, names, words, table, unique=kind in builder.unique)
    elif kind in builder.foreign:
        for name in names:
            _refer(table, name, _target(builder, chain) or "?", _on_delete(rule, builder, words), view.path, first.line)
    elif kind in builder.key:
        name = names[0] if names else "id"
        table.columns[name] = Column(name=name, type=kind, nullable=False, primary=True, file=view.path, line=first.line)
    elif kind in builder.times:
        for name in builder.time_columns:
            nullable = flag(words, rule.column.nullable)
            free = nullable if nullable is not None else not builder.times_required
            table.columns[name] = Column(name=name, type="datetime", nullable=free, file=view.path, line=first.line)
    elif names:
        every = [names[0], *(v.value for v in given[1:] if kind not in builder.column and isinstance(v, Lit) and isinstance(v.value, str))]
        for name in every:
            make_column(view, chain, name, _type(view, builder, kind, given), rule, table)


def make_column(view: FileView, chain: list[Call], name: str, kind: str, rule: ChangeRule, table: Table) -> None:
    """Put the column of a chain into its table; what is known of it already stays."""
    builder = rule.builder
    assert builder is not None
    words = _words(chain)
    first = chain[0]
    called = callee_name(first) or ""
    nullable = flag(words, rule.column.nullable)
    required = flag(words, rule.column.required)
    if nullable is None:
        nullable = not required if required is not None else rule.column.optional != "no"
    target = ""
    base = name
    if called in builder.references and builder.suffix and not name.endswith(builder.suffix):
        name = f"{name}{builder.suffix}"
    for arg in first.args:
        if isinstance(arg.value, CallRef) and callee_name(view.facts.calls[arg.value.call]) in builder.constrained:
            within = view.facts.calls[arg.value.call]
            target = next((text_of(a.value) for a in within.args if a.name is None), "")
            words.update({a.name: a.value for a in within.args if a.name is not None})
    held = flag(words, builder.constrained)
    if not target and held:
        said = next((words[w] for w in builder.constrained if w in words), None)
        target = _named(said) or _target(builder, chain) or base.removesuffix("_id")
        if isinstance(said, Record):
            words.update({k: v for k, v in said.items if k is not None})
    indexed = words.get("index")
    if isinstance(indexed, Record):
        inside = {k: v for k, v in indexed.items if k is not None}
        words["unique"] = inside.get("unique", Lit(False))
    before = table.column(name)
    primary = flag(words, rule.column.primary) is True
    table.columns[before.name if before is not None else name] = Column(
        name=before.name if before is not None else name,
        type=kind,
        nullable=nullable and not primary,
        unique=flag(words, rule.column.unique) is True or (before is not None and before.unique),
        indexed=flag(words, rule.column.index) is True or (called in builder.references and "index" not in words)
        or (before is not None and before.indexed),
        primary=primary,
        references=target or (before.references if before is not None else ""),
        on_delete=_on_delete(rule, builder, words) or (before.on_delete if before is not None else ""),
        file=view.path,
        line=first.line,
    )  # fmt: skip


def add_index(view: FileView, call: Call, columns: tuple[str, ...], words: Words, table: Table, *, unique: bool) -> None:
    """Put an index into its table."""
    label = words.get("name")
    table.indexes.append(
        Index(
            columns=columns,
            unique=unique or flag(words, ("unique",)) is True,
            name=text_of(label) if label is not None else "",
            partial="where" in words,
            file=view.path,
            line=call.line,
        )
    )


def _words(chain: list[Call]) -> Words:
    """Keywords of the calls and names of the later steps, each with its value or first argument."""
    words: Words = {}
    for number, call in enumerate(chain):
        words.update({a.name: a.value for a in call.args if a.name is not None})
        if number:
            words[callee_name(call) or ""] = next((a.value for a in call.args if a.name is None), None)
    return words


def _type(view: FileView, builder: BuilderRule, kind: str, given: Sequence[Value]) -> str:
    if kind not in builder.column or len(given) < 2:
        return kind
    second = given[1]
    return callee_name(view.facts.calls[second.call]) or "" if isinstance(second, CallRef) else text_of(second)


def _target(builder: BuilderRule, chain: list[Call]) -> str:
    return next((text_of(c.args[0].value) for c in chain[1:] if callee_name(c) in builder.target and c.args), "")


def _named(value: Value | None) -> str:
    """`"users"`, `{to_table: "users"}`."""
    if isinstance(value, Lit) and isinstance(value.value, str):
        return value.value
    if isinstance(value, Record):
        return next((text_of(v) for k, v in value.items if k in ("to_table", "table")), "")
    return ""


def _on_delete(rule: ChangeRule, builder: BuilderRule, words: Words) -> str:
    said = next((text_of(words[w]) for w in rule.column.on_delete if w in words and words[w] is not None), "")
    return said or next((text for word, text in builder.cascades.items() if word in words), "")


def _refer(table: Table, name: str, target: str, on_delete: str, file: str, line: int) -> None:
    known = next((c for c in table.columns.values() if plain(c.name) == plain(name)), None)
    held = known or Column(name=name, file=file, line=line)
    table.columns[held.name] = replace(held, references=target, on_delete=on_delete)
