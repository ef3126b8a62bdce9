"""Columns from the fields of a class: annotations (`@Column(unique = true)`) and struct tags (`gorm:"uniqueIndex;not null"`)."""

from __future__ import annotations

import re
from dataclasses import replace

from backend_readiness.controls.database.columns import flag, text_of, texts_in
from backend_readiness.controls.database.tables import Column, Index, Table, plain
from backend_readiness.facts.model import Assign, Call, CallRef, Lit, Name, Seq, Value
from backend_readiness.facts.model import Index as IndexFact
from backend_readiness.graph.views import FileView, callee_name
from backend_readiness.rules.data_rules import TableRule

_TAG = "tag:"
_NOT_NULL = re.compile(r"(?i)\bnot ?null\b")
_PRIMARY = re.compile(r"(?i)\b(primary_?key|pk)\b")
_UNIQUE = re.compile(r"(?i)(?:^|[;, ])unique(?:_?index)?(?::(?P<name>[\w-]+))?(?=[;, ]|$)")
_INDEX = re.compile(r"(?i)(?:^|[;, ])index(?=[:;, ]|$)")
_TYPE = re.compile(r"(?i)\btype:([^;]+)")


def read_fields(view: FileView, number: int, rule: TableRule, table: Table) -> None:
    """Add the columns of one class's own fields to its table."""
    fields = [a for a in view.facts.assigns if a.owner == number and a.kind == "field" and isinstance(a.target, Name)]
    calls = [c for c in view.facts.calls if c.kind == "decorator" and c.owner == number]
    names = {a.target.id for a in fields if isinstance(a.target, Name)}
    groups: dict[str, list[Column]] = {}
    for field in fields:
        marks = [c for c in calls if field.line <= c.line <= field.end_line and (c.end <= field.end or c.line == field.line)]
        tags = [c for c in marks if (callee_name(c) or "").startswith(_TAG)]
        column = _tagged(view, field, tags, names, rule) if rule.marks else _annotated(view, field, marks, rule)
        if column is not None:
            table.columns[column.name] = column
            grouped = _UNIQUE.search(_text(tags, rule))
            if grouped is not None and grouped.group("name"):
                groups.setdefault(grouped.group("name"), []).append(column)
    for label, columns in groups.items():
        if len(columns) > 1:
            for column in columns:
                table.set(column.name, unique=False)
            every = tuple(c.name for c in columns)
            table.indexes.append(Index(columns=every, unique=True, name=label, file=view.path, line=columns[0].line))


def _text(tags: list[Call], rule: TableRule) -> str:
    wanted = {m.rpartition(".")[2].lstrip("~?") for m in rule.marks}
    return ";".join(text_of(a.value) for c in tags if callee_name(c) in wanted for a in c.args)


def _tagged(view: FileView, field: Assign, tags: list[Call], names: set[str], rule: TableRule) -> Column | None:
    """A column of a struct. An association is none: a list, or a field beside the one that holds its key."""
    assert isinstance(field.target, Name)
    name = field.target.id
    text = _text(tags, rule)
    listed = isinstance(field.type, IndexFact) and text_of(field.type.key) not in ("byte", "uint8")
    embedded = text_of(field.type).rpartition(".")[2] == name and (not text or "embedded" in text)  # a tag makes it a column
    if listed or embedded or text == "-" or f"{name}ID" in names or f"{name}Id" in names or re.search(r"(?i)many2many|foreign_?key", text):
        return None
    held = name[:-2] if name.endswith(("ID", "Id")) else ""
    kind = _TYPE.search(text)
    return Column(
        name=name,
        type=f"{kind.group(1) if kind is not None else ''} {text_of(field.type)}".strip(),
        nullable=_NOT_NULL.search(text) is None and _PRIMARY.search(text) is None,
        unique=_UNIQUE.search(text) is not None,
        indexed=_INDEX.search(text) is not None,
        primary=_PRIMARY.search(text) is not None or plain(name) == "id",
        references=held if rule.enforced and held in names else "",
        file=view.path,
        line=field.line,
    )


def _annotated(view: FileView, field: Assign, marks: list[Call], rule: TableRule) -> Column | None:
    assert isinstance(field.target, Name)
    name = field.target.id
    called = {mark_name(m) for m in marks}
    if called & set(rule.no_column) or name.isupper() or name == "serialVersionUID":
        return None
    if rule.only_marked and not called & set(rule.column.callee):
        return None
    words: dict[str, Value | None] = dict.fromkeys(called)
    words[text_of(field.type)] = None
    for mark in marks:
        words.update({a.name: a.value for a in mark.args if a.name is not None})
    refers = bool(called & set(rule.column.references))
    if refers and "mappedBy" in words:
        return None
    said = words.get("name")
    if refers:
        name = text_of(said) if isinstance(said, Lit) else f"{name}_id"
    nullable = flag(words, rule.column.nullable)
    required = flag(words, rule.column.required) is True or (isinstance(words.get("optional"), Lit) and words["optional"].value is False)  # type: ignore[union-attr]  # a Lit
    primary = flag(words, rule.column.primary) is True
    kind = " ".join(t for t in (text_of(words.get("columnDefinition")), text_of(field.type)) if t)
    line = next((m.line for m in marks if mark_name(m) in rule.column.callee), field.line)
    return Column(
        name=name,
        type=kind,
        nullable=not (required or primary) and (nullable is True or (nullable is None and (refers or rule.column.optional != "no"))),
        unique=flag(words, rule.column.unique) is True,
        primary=primary,
        references=text_of(field.type) if refers else "",
        file=view.path,
        line=line,
    )


def mark_name(call: Call) -> str:
    r"""The last part of the name of an annotation or attribute: `Column` of `ORM\Column`."""
    return (callee_name(call) or "").rpartition("\\")[2]


def read_table_marks(view: FileView, call: Call, table: Table) -> None:
    """Indexes and unique rules that stand inside of the annotation of a class, or are annotations of their own."""
    inside = (i for a in call.args for i in (a.value.items if isinstance(a.value, Seq) else (a.value,)))
    for inner in (call, *(view.facts.calls[i.call] for i in inside if isinstance(i, CallRef))):
        name = mark_name(inner)
        if name not in ("UniqueConstraint", "Index"):
            continue
        words = {a.name: a.value for a in inner.args if a.name is not None}
        listed = texts_in(words.get("columnNames") or words.get("columns") or words.get("fields")) or tuple(
            c.strip().split(" ")[0] for c in text_of(words.get("columnList")).split(",")
        )
        unique = name == "UniqueConstraint" or flag(dict(words), ("unique",)) is True
        table.indexes.append(Index(columns=listed, unique=unique, file=view.path, line=inner.line))


def lists_of(view: FileView, number: int) -> list[str]:
    """The classes of whose rows a field of the class holds several."""
    fields = [a.type for a in view.facts.assigns if a.owner == number and a.kind == "field" and isinstance(a.type, IndexFact)]
    return [text_of(f.key).rpartition(".")[2] for f in fields]


def brought(rule: TableRule, table: Table) -> None:
    """Add what the base of the class brings."""
    for name, words in rule.own_columns.items():
        if table.column(name) is None:
            made = Column(name=name, nullable="primary" not in words, file=table.file, line=table.line)
            table.columns[name] = replace(
                made, primary="primary" in words, indexed="index" in words, type="time" if "time" in words else ""
            )
