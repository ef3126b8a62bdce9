"""A number that the code compares and a statement then counts down (`SET balance = balance - %s`)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import regex

from backend_readiness.controls.context import Context
from backend_readiness.controls.database.schema import Declared, schema_of
from backend_readiness.controls.database.tables import plain, same_table
from backend_readiness.controls.work.decisions import Decisions, is_locked
from backend_readiness.facts.model import Member, Name, Op, Value
from backend_readiness.graph.backend.effects import Effect
from backend_readiness.graph.urls import texts
from backend_readiness.model import Evidence, Link
from backend_readiness.rules.signs import sign

_UPDATE = regex.compile(sign("counted_down", "update"))
_LESS = regex.compile(sign("counted_down", "less"))
_SERIAL = sign("counted_down", "serial")
_ORDER = frozenset(("<", "<=", ">", ">="))


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """A column that is compared (`compared`) and then counted down (`write`); `guard`: what keeps the number right all the same."""

    table: str
    column: str
    compared: Evidence
    write: Evidence
    guard: Evidence | None


def counted_down(context: Context, decisions: Decisions) -> list[Counted]:
    """The columns that the flow compares in code and counts down by SQL text, each once."""
    reads = [q for q in decisions.lookups.values() if q.effect.operation == "read"]
    found: dict[tuple[str, str], Counted] = {}
    compared: dict[str, Evidence] | None = None
    for effect, link in context.effects:
        for column, guarded in _columns(context, effect):
            mine = [q for q in reads if same_table(q.effect.target, effect.target)]
            compared = _compared(context) if compared is None else compared
            at = compared.get(plain(column))
            if not mine or at is None:
                continue
            guard = _write(context, effect, link, column) if guarded else None
            guard = guard or next((context.at_call(q.call) for q in mine if is_locked(context, q.effect)), None)
            guard = guard or _check(context, schema_of(context).table(effect.target), column) or _serial(context)
            write = _write(context, effect, link, column)
            found.setdefault((effect.target, column), Counted(table=effect.target, column=column, compared=at, write=write, guard=guard))
    return [*found.values()]


def _columns(context: Context, effect: Effect) -> Iterator[tuple[str, bool]]:
    """(column that the statement counts down, whether the statement itself asks for enough of it)."""
    if effect.operation != "write" or effect.statement is None or not effect.target:
        return
    for text in texts(context.graph.ev, effect.statement):
        update = _UPDATE.search(text[:4000])
        for less in _LESS.finditer(update.group("set")) if update is not None else ():
            column = less.group("column")
            if column.lower() != less.group("of").lower():
                continue
            asked = regex.search(rf"(?i)\b{regex.escape(column)}\b\s*>", update.group("where") or "") if update is not None else None
            yield column, asked is not None


def _write(context: Context, effect: Effect, link: Link, column: str) -> Evidence:
    """The line of the statement's text in the flow's functions; the call that runs it where the text stands elsewhere."""
    said = regex.compile(rf"(?i)\bset\b.*\b{regex.escape(column)}\s*=\s*(?:\w+\.)?{regex.escape(column)}\s*-")
    for reached in context.functions:
        symbol = context.view(reached.function.symbol.file).symbol(reached.function.symbol.index)
        lines = context.snapshot.lines(reached.function.symbol.file)
        for number in range(symbol.line, min(symbol.end_line, len(lines)) + 1):
            if said.search(lines[number - 1][:1000]) is not None:
                return context.at(reached.function.symbol.file, number)
    return context.at_place(link)


def _check(context: Context, declared: Declared | None, column: str) -> Evidence | None:
    """A rule of the database that refuses a number below a bound."""
    for text, file, line in declared.real.checks if declared is not None else ():
        if regex.search(rf"(?i)\b{regex.escape(column)}\b", text) is not None:
            return context.at(file, line)
    return None


def _serial(context: Context) -> Evidence | None:
    hits = context.hits((_SERIAL,))
    return context.at(*hits[0][:2]) if hits else None


def _compared(context: Context) -> dict[str, Evidence]:
    """What branches of the flow compare by order: name -> the line of the branch."""
    found: dict[str, Evidence] = {}
    for reached in context.functions:
        view = context.view(reached.function.symbol.file)
        for scope in view.body(reached.function.symbol.index):
            for block in view.blocks_of.get(scope, ()):
                for name in _names(block.subject, 0) if block.kind == "if" else ():
                    found.setdefault(plain(name), context.at(view.path, block.line))
    return found


def _names(value: Value | None, depth: int) -> Iterator[str]:
    if not isinstance(value, Op) or depth > 5:
        return
    for operand in value.operands:
        if value.op in _ORDER and isinstance(operand, Name | Member):
            yield operand.id if isinstance(operand, Name) else operand.name
        yield from _names(operand, depth + 1)
