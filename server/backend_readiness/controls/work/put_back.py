"""Values that a flow reads, counts up or down, and hands to a write: `setStock(getStock() - 1)`, `update({stock: row.stock - n})`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import regex

from backend_readiness.controls.context import Context
from backend_readiness.controls.database.schema import Declared, schema_of
from backend_readiness.controls.database.tables import plain, same_table
from backend_readiness.controls.work.decisions import Decisions, calls_of_effect, is_locked
from backend_readiness.controls.work.filters import Lookup
from backend_readiness.facts.model import CallRef, Lit, Member, Name, Op, Record, Value
from backend_readiness.graph.urls import texts
from backend_readiness.graph.views import FileView, callee_name
from backend_readiness.rules.signs import signs

MAX_DEPTH = 5
MAX_ITEMS = 60
_SETS = regex.compile(r"^set_?([A-Za-z]\w*)$")
_COUNTS = frozenset(("add", "subtract", "plus", "minus", "sub", "Add", "Sub", "addAll"))  # numbers that are objects
_VERSIONS = regex.compile(r"(?i)^(row_?|lock_?)?(version|revision)$")
_UPDATES = regex.compile(r"(?i)^\s*update\b")
_VERSIONED = signs("put_back", "versioned")


@dataclass(frozen=True, slots=True, kw_only=True)
class PutBack:
    """`column` of `table` gets, on a line, a value that was computed from the one read before."""

    file: str
    line: int
    end_line: int
    table: str
    column: str
    read: Lookup
    locked: bool


def put_back(context: Context, decisions: Decisions) -> list[PutBack]:
    """Each once, in the order of the walk; tables that the flow reads and writes."""
    schema = schema_of(context)
    written = [e for e, _ in context.effects if e.operation == "write" and e.kind in ("orm", "sql", "nosql")]
    tables: list[tuple[Declared, Lookup]] = []
    for query in decisions.lookups.values():
        declared = schema.table(query.effect.target) if query.effect.operation == "read" else None
        if declared is not None and any(not e.target or same_table(e.target, query.effect.target) for e in written):
            tables.append((declared, query))
    if not tables:
        return []
    reads = [q for q in decisions.lookups.values() if q.effect.operation == "read"]
    scanned = {
        (q.effect.site.file, a.value.id)
        for q in reads
        for c in calls_of_effect(context, q.effect)
        for a in c.args
        if isinstance(a.value, Name)
    }
    statements = {(e.site.file, e.site.call): e for e in written}
    found: dict[tuple[str, int], PutBack] = {}
    for reached in context.functions:
        symbol = reached.function.symbol
        view = context.view(symbol.file)
        for number in sorted({n for s in view.body(symbol.index) for n in view.calls_of.get(s, ())}):
            call = view.facts.calls[number]
            names = list(_counted(view, number))
            effect = statements.get((symbol.file, number))
            if effect is not None and effect.statement is not None:
                said = " ".join(texts(context.graph.ev, effect.statement)[:3])
                if _UPDATES.match(said) is not None:
                    names += [n for n in _scanned(view, number, symbol.file, scanned) if plain(n) in plain(said)]
            for name in names:
                at = next(((d, q) for d, q in tables if d.real.column(name) is not None), None)
                if at is None or _VERSIONS.match(name) is not None:
                    continue
                mine = [r for r in reads if same_table(r.effect.target, at[1].effect.target)]
                locked = any(is_locked(context, r.effect) for r in mine) or is_versioned(context, at[0])
                found.setdefault(
                    (symbol.file, call.line),
                    PutBack(
                        file=symbol.file, line=call.line, end_line=min(call.end_line, call.line + 8), table=at[1].effect.target,
                        column=name, read=at[1], locked=locked,
                    ),
                )  # fmt: skip
    return list(found.values())


def is_versioned(context: Context, declared: Declared) -> bool:
    """Does the table carry a version that each update compares?"""
    if any(plain(c) == "lockversion" for c in declared.real.columns):
        return True
    file = declared.model.file if declared.model is not None else ""
    return bool(file) and any(h[0] == file for h in context.hits(_VERSIONED))


def _counted(view: FileView, number: int) -> Iterator[str]:
    """Names of what a call gives a value to that is computed from the same: its keywords, the keys of its objects, its own name."""
    call = view.facts.calls[number]
    for arg in call.args:
        if arg.name and _from(view, arg.value, arg.name, 0):
            yield arg.name
        yield from _within(view, arg.value, 0)
    sets = _SETS.match(callee_name(call) or "")
    if sets is not None and len(call.args) == 1 and _from(view, call.args[0].value, sets.group(1), 0):
        yield sets.group(1)


def _within(view: FileView, value: Value, depth: int) -> Iterator[str]:
    if depth < MAX_DEPTH and isinstance(value, Record):
        for key, inner in value.items[:MAX_ITEMS]:
            if key and _from(view, inner, key, 0):
                yield key
            yield from _within(view, inner, depth + 1)


def _from(view: FileView, value: Value | None, name: str, depth: int) -> bool:
    """Is the value a sum or difference with one of that name: `row.stock - n`, `getStock().subtract(n)`?"""
    if depth > MAX_DEPTH:
        return False
    if isinstance(value, Op) and value.op in ("!", "not") and len(value.operands) == 1:
        return _is_named(view, value.operands[0], name)  # `setOpen(!isOpen())`: of two at once one is lost
    if isinstance(value, Op) and value.op in ("+", "-") and len(value.operands) == 2:
        if any(isinstance(o, Lit) and isinstance(o.value, str) for o in value.operands):
            return False
        return any(_is_named(view, o, name) or _from(view, o, name, depth + 1) for o in value.operands)
    if isinstance(value, CallRef):
        call = view.facts.calls[value.call]
        if isinstance(call.callee, Member) and call.callee.name in _COUNTS and len(call.args) == 1:
            return _is_named(view, call.callee.base, name)
    return False


def _is_named(view: FileView, value: Value, name: str) -> bool:
    if isinstance(value, Member):
        of_class = isinstance(value.base, Name) and value.base.id[:1].isupper()  # `Product.stock`: the database counts
        return plain(value.name) == plain(name) and not of_class
    if isinstance(value, CallRef):
        call = view.facts.calls[value.call]
        if not call.args and isinstance(call.callee, Member):
            return plain(call.callee.name.removeprefix("get").removeprefix("is")) == plain(name.removeprefix("is"))
        return len(call.args) == 1 and _is_named(view, call.args[0].value, name)  # `Number(row.stock)`
    return False


def _scanned(view: FileView, number: int, file: str, scanned: set[tuple[str, str]]) -> Iterator[str]:
    """Names that a read has filled and that a statement gets counted up or down."""
    for arg in view.facts.calls[number].args:
        if isinstance(arg.value, Op) and arg.value.op in ("+", "-"):
            yield from (o.id for o in arg.value.operands if isinstance(o, Name) and (file, o.id) in scanned)
            yield from (o.name for o in arg.value.operands if isinstance(o, Member))
