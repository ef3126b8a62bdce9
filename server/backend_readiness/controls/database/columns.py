"""Reads one column as it is written: a call, a decorator, a chain, or an object of a table's columns."""

from __future__ import annotations

import re

from backend_readiness.controls.database.tables import Column, Index, Table
from backend_readiness.facts.builder import dotted, last_name
from backend_readiness.facts.model import Arg, Call, CallRef, Concat, Func, Lit, Member, Name, Op, Record, Seq, Value
from backend_readiness.facts.model import Index as IndexFact
from backend_readiness.graph.views import FileView, callee_name
from backend_readiness.rules.data_rules import ColumnRule

_MAX_DEPTH = 8
INDEXES = ("Index", "index", "BTreeIndex", "GinIndex")
UNIQUES = ("UniqueConstraint", "uniqueIndex", "unique")
CHECKS = ("CheckConstraint", "check", "Check")
FOREIGN_KEYS = ("ForeignKeyConstraint",)
_KEY_CALLS = ("ForeignKey", "OneToOneField", "references", "ManyToOne")
_OWN_TYPE = re.compile(r"\w+Field")  # a call that says the type by its own name: `DateTimeField(_("created"))`


def text_of(value: Value | None, depth: int = 0) -> str:
    """A short text of an expression for people and for tests of types: `String(320)`, `DataTypes.FLOAT`."""
    if value is None or depth > _MAX_DEPTH:
        return ""
    if isinstance(value, Lit):
        return str(value.value)
    if isinstance(value, IndexFact):
        return f"{text_of(value.base, depth + 1)}[{text_of(value.key, depth + 1)}]"
    if isinstance(value, Concat):
        return "".join(text_of(p, depth + 1) for p in value.parts)
    if isinstance(value, Op):
        return f" {value.op} ".join(text_of(o, depth + 1) for o in value.operands)
    if isinstance(value, Seq):
        return ", ".join(text_of(o, depth + 1) for o in value.items)
    return dotted(value) or last_name(value) or str(getattr(value, "text", ""))


def call_text(view: FileView, number: int) -> str:
    """`Numeric(10, 2)`: callee and arguments of a call."""
    call = view.facts.calls[number]
    args = ", ".join(f"{a.name}={text_of(a.value)}" if a.name else text_of(a.value) for a in call.args)
    return f"{text_of(call.callee)}({args})"


def type_text(view: FileView, value: Value | None) -> str:
    return call_text(view, value.call) if isinstance(value, CallRef) else text_of(value)


def texts_in(value: Value | None) -> tuple[str, ...]:
    """Names in an argument: a text, a list of texts, `t.email`, an object's keys."""
    if isinstance(value, Lit) and isinstance(value.value, str):
        return (value.value,)
    if isinstance(value, Seq):
        return tuple(t for i in value.items for t in texts_in(i))
    if isinstance(value, Member):
        return (value.name,)
    if isinstance(value, Record):
        return tuple(k for k, _ in value.items if k is not None)
    return ()


def optional_type(value: Value | None) -> bool:
    """Does an annotation allow nothing: `int | None`, `Optional[str]`, `string | null`?"""
    if isinstance(value, IndexFact):
        return last_name(value.base) == "Optional" or optional_type(value.key)
    if isinstance(value, Op) and value.op == "|":
        return any(
            (isinstance(o, Lit) and o.value is None) or (isinstance(o, Name) and o.id in ("None", "null", "undefined"))
            for o in value.operands
        )
    if isinstance(value, Lit) and isinstance(value.value, str):
        return "None" in value.value or "Optional" in value.value
    return False


def column_of_call(view: FileView, number: int, name: str, rule: ColumnRule, annotation: Value | None = None) -> Column:
    """The column that a call (and the chain of calls that it ends) declares."""
    call = view.facts.calls[number]
    chain = chain_of(view, number)
    words: dict[str, Value | None] = {}
    kind = ""
    references, on_delete = "", ""
    for step in chain:
        label = callee_name(step) or ""
        words.setdefault(label, None)
        if label in _KEY_CALLS:
            references = references or next(iter(_target(view, step)), "")
            on_delete = on_delete or rule_text(step.args)
        for arg in step.args:
            if arg.name is not None:
                words[arg.name] = arg.value
            if isinstance(arg.value, Record):
                words.update({k: v for k, v in arg.value.items if k is not None})
            if isinstance(arg.value, CallRef):
                inner = view.facts.calls[arg.value.call]
                if callee_name(inner) in _KEY_CALLS:
                    references = references or next(iter(_target(view, inner)), "")
                    on_delete = on_delete or rule_text(inner.args)
                elif not kind and arg.name in (None, "type_", "sa_type") and not _names_itself(label, callee_name(inner) or ""):
                    kind = call_text(view, arg.value.call)
            elif not kind and arg.name in (None, "type_", "sa_type", "type") and isinstance(arg.value, Name | Member):
                kind = text_of(arg.value)
    first = callee_name(chain[-1]) or ""
    kind = kind or (text_of(words["type"]) if "type" in words and not isinstance(words["type"], CallRef) else "")
    if isinstance(words.get("type"), CallRef):
        kind = type_text(view, words["type"])
    if isinstance(words.get("sa_type"), CallRef):
        kind = type_text(view, words["sa_type"])
    if not kind or first not in ("Column", "mapped_column", "Field", "Prop", "Property"):
        kind = kind or f"{first}{'' if annotation is None else ' ' + text_of(annotation)}"
    elif annotation is not None:
        kind = f"{kind} {text_of(annotation)}"
    return _column(name, kind, words, rule, references, on_delete, annotation, view.path, call.line)


def _names_itself(callee: str, inner: str) -> bool:
    """Does a call say its type by its name, so that a call inside of it (a label that is translated) says nothing of it?"""
    return _OWN_TYPE.fullmatch(callee) is not None and _OWN_TYPE.fullmatch(inner) is None


def column_of_value(view: FileView, value: Value, name: str, rule: ColumnRule, line: int) -> Column:
    """A column of an object of columns: a type alone, or an object with its words."""
    if isinstance(value, CallRef):
        column = column_of_call(view, value.call, name, rule)
        return Column(**{f: getattr(column, f) for f in _FIELDS} | {"line": line})
    words: dict[str, Value | None] = {}
    kind = text_of(value)
    if isinstance(value, Record):
        words = {k: v for k, v in value.items if k is not None}
        kind = type_text(view, words.get("type"))
    references = ""
    held = next((words[w] for w in ("references", "ref") if w in words), None)
    if isinstance(held, Record):
        references = next((text_of(v) for k, v in held.items if k in ("model", "table", "tableName")), "")
    elif held is not None:
        references = text_of(held)
    return _column(name, kind, words, rule, references, "", None, view.path, line)


_FIELDS = ("name", "type", "nullable", "unique", "indexed", "primary", "references", "on_delete", "file", "line")


def _column(
    name: str, kind: str, words: dict[str, Value | None], rule: ColumnRule, references: str, on_delete: str,
    annotation: Value | None, file: str, line: int,
) -> Column:  # fmt: skip
    primary = flag(words, rule.primary) is True or any(w.startswith("Primary") for w in words)
    nullable = flag(words, rule.nullable)
    required = flag(words, rule.required)
    if nullable is None and required is not None:
        nullable = not required
    if nullable is None:
        nullable = {"yes": True, "no": False, "annotation": optional_type(annotation)}[rule.optional]
    keyed = next((text_of(words[w]) for w in rule.references if w in words and words[w] is not None), "")
    deleted = next((text_of(words[w]) for w in rule.on_delete if w in words and words[w] is not None), "")
    return Column(
        name=name,
        type=kind,
        nullable=nullable and not primary,
        unique=flag(words, rule.unique) is True,
        indexed=flag(words, rule.index) is True
        or (rule.indexed_keys and bool(references or keyed) and flag(words, rule.index) is not False),
        primary=primary,
        references=(references or keyed).partition(".")[0] if (references or keyed).count(".") == 1 else references or keyed,
        on_delete=on_delete or deleted,
        file=file,
        line=line,
    )


def flag(words: dict[str, Value | None], names: tuple[str, ...]) -> bool | None:
    """Is one of the words given: True, False when it is given as `false`, None when it is not there."""
    for word in names:
        if word in words:
            value = words[word]
            if isinstance(value, Lit) and value.value in (False, None):
                return False
            if isinstance(value, Seq) and value.items and isinstance(value.items[0], Lit):
                return bool(value.items[0].value)  # `required: [true, "message"]`
            return True
    return None


def chain_of(view: FileView, number: int) -> list[Call]:
    """The call and those that it is chained on, the last one first."""
    found = [view.facts.calls[number]]
    for _ in range(20):
        callee = found[-1].callee
        if not (isinstance(callee, Member) and isinstance(callee.base, CallRef)):
            break
        found.append(view.facts.calls[callee.base.call])
    return found


def _target(view: FileView, call: Call) -> list[str]:
    for arg in call.args[:1]:
        value = arg.value
        if isinstance(value, Func):  # `@ManyToOne(() => User, (user) => user.orders)`
            value = next((r.value for r in view.returns.get(value.symbol, ())[:1] if r.value is not None), value)
        return [t for t in ([text_of(value)] if not isinstance(value, CallRef) else [type_text(view, value)]) if t]
    return []


def rule_text(args: tuple[Arg, ...]) -> str:
    for arg in args:
        if arg.name in ("ondelete", "on_delete", "onDelete"):
            return text_of(arg.value)
        if isinstance(arg.value, Record):
            for key, value in arg.value.items:
                if key in ("onDelete", "on_delete"):
                    return text_of(value)
    return ""


def add_constraint(view: FileView, number: int, table: Table) -> bool:
    """Read an index or constraint that is written as a call among a table's arguments; False when it is none."""
    call = view.facts.calls[number]
    steps = chain_of(view, number)
    name = callee_name(steps[-1]) or ""
    on = next((s for s in steps if callee_name(s) == "on"), None)
    columns = tuple(
        t for a in (on.args if on is not None else call.args) if a.name in (None, "fields", "columns") for t in texts_in(a.value)
    )
    unique = any(a.name == "unique" and isinstance(a.value, Lit) and a.value.value is True for a in call.args)
    label = next((text_of(a.value) for a in call.args if a.name == "name"), "")
    if not label and name in INDEXES and call.args and isinstance(call.args[0].value, Lit):
        label = str(call.args[0].value.value)
    partial = any(a.name is not None and ("where" in a.name or a.name == "condition") for a in call.args)
    if name in UNIQUES:
        table.indexes.append(
            Index(columns=_known(columns, table), unique=True, name=label, partial=partial, file=view.path, line=call.line)
        )
    elif name in INDEXES:
        table.indexes.append(
            Index(columns=_known(columns, table), unique=unique, name=label, partial=partial, file=view.path, line=call.line)
        )
    elif name in CHECKS:
        words = " ".join(text_of(a.value) or type_text(view, a.value) for a in call.args)
        table.checks.append((words, view.path, call.line))
    elif name in FOREIGN_KEYS and len(call.args) >= 2:
        for column, target in zip(texts_in(call.args[0].value), texts_in(call.args[1].value), strict=False):
            table.set(column, references=target.partition(".")[0], on_delete=rule_text(call.args))
    elif name == "PrimaryKeyConstraint":
        for column in columns:
            table.set(column, primary=True, nullable=False)
    else:
        return False
    return True


def _known(columns: tuple[str, ...], table: Table) -> tuple[str, ...]:
    """Drop the constraint's own name, which stands first in some libraries: keep what are columns, if any are."""
    clean = tuple(re.sub(r"^-", "", c) for c in columns)
    known = tuple(c for c in clean if table.column(c) is not None)
    return known or clean
