"""SQL text that the chain runs: the calls that take it, and what stands in its holes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from backend_readiness.controls.context import Context
from backend_readiness.controls.protection.inputs import CLEAN, Inputs, Reach
from backend_readiness.facts.model import Assign, Call, CallRef, Concat, Lit, Member, Name, Op, Record, Value
from backend_readiness.graph.values import AV, Const, Ext, Text, options
from backend_readiness.graph.views import callee_name

_SQL = re.compile(
    r"\s*(?:--[^\n]*\n\s*)*(?:select\s[\s\S]{0,2000}?(?:\bfrom\b|$)|select\s*$|insert\s+(?:or\s+\w+\s+)?into\b|update\s+\S+\s+set\b|delete\s+from\b|with\s+\w+\s+as\s*\(|replace\s+into\b|drop\s+table\b|alter\s+table\b|truncate\s+table\b|call\s+\w+\s*\()",
    re.I,
)
# Paths that come out of a request: parameters of callbacks, request globals.
_GIVEN = re.compile(r"\)<\d+>|\brequest\b")
# Methods that run or hold SQL text; a text that looks like SQL in another call (a log line) is no statement.
_RUNS = frozenset(
    """execute executemany executescript exec query raw all get run each prepare fetch fetchrow fetchval fetch_all fetch_one iterate
    literal text unsafe $queryRawUnsafe $executeRawUnsafe queryRawUnsafe createQueryBuilder scalar scalars literal_column from_statement
    RawSQL read_sql any none one oneOrNone manyOrNone many whereRaw orderByRaw havingRaw selectRaw extra""".split()  # noqa: SIM905
)
_RAW = frozenset(
    """raw literal text $queryRawUnsafe $executeRawUnsafe literal_column RawSQL whereRaw orderByRaw havingRaw selectRaw extra
    unsafe""".split()  # noqa: SIM905
)
MAX_BEHIND = 3  # a context and a destination may stand before the statement


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """A call that takes SQL text, and the expression of the text."""

    file: str
    call: int
    owner: int
    text: Value

    def holes(self, inputs: Inputs, cleaners: re.Pattern[str]) -> Reach:
        """What is put into the text. Query objects and tagged templates bind their values."""
        return _holes(inputs, self.text, self.file, self.owner, cleaners, 0)


def statements(context: Context) -> Iterator[Statement]:
    """Every call of the chain whose first argument is SQL text, or whose callee takes raw fragments."""
    seen: set[tuple[str, int]] = set()
    sql_effects = {(e.site.file, e.site.call) for e, _ in context.effects if e.statement is not None and not e.apart}
    for reached in context.functions:
        file = reached.function.symbol.file
        view = context.view(file)
        for scope in view.body(reached.function.symbol.index):
            for number in view.calls_of.get(scope, ()):
                call = view.facts.calls[number]
                name = callee_name(call) or ""
                key = (file, number)
                if key in seen or call.kind == "template" or not call.args or (name not in _RUNS and key not in sql_effects):
                    continue
                seen.add(key)
                text = _text_of(call)
                value = context.graph.ev.value(text, file, call.owner, reached.env)
                if (
                    (name in _RAW and _is_known_raw(context, call, file) and not isinstance(text, Lit))
                    or _is_sql(value)
                    or _is_written(text)
                    or (key in sql_effects and any(not isinstance(v, Ext) or v.path.startswith("?") for v in options(value)))
                ):
                    yield Statement(file=file, call=number, owner=call.owner, text=text)


def _text_of(call: Call) -> Value:
    """The argument that is the statement: the one of that name, the first that reads like one behind a context, else the first."""
    named = next((a.value for a in call.args if a.name in ("query", "sql", "statement", "text")), None)
    if named is not None:
        return named
    return next((a.value for a in call.args[1:MAX_BEHIND] if _is_written(a.value)), call.args[0].value)


def _is_written(value: Value) -> bool:
    """Does the expression begin with the words of a statement: a text, or texts put together?"""
    first = value.parts[:1] if isinstance(value, Concat) else value.operands[:1] if isinstance(value, Op) and value.op == "+" else (value,)
    if first and first[0] is not value:
        return _is_written(first[0])
    return isinstance(value, Lit) and isinstance(value.value, str) and _SQL.match(value.value[:4000]) is not None


def _is_known_raw(context: Context, call: Call, file: str) -> bool:
    """Does the callee come from a library (`sequelize.literal`), or is it called as raw SQL is? Options are no text."""
    if (callee_name(call) or "") in ("text", "get", "raw", "extra", "literal"):
        return (
            not isinstance(call.args[0].value, Record)
            and any(
                isinstance(v, Ext) and v.known and not v.path.startswith("~")
                for v in options(context.graph.ev.value(call.callee, file, call.owner))
            )
            and "request" not in _root(call.callee)
        )
    return True


def _root(value: Value) -> str:
    while isinstance(value, Member):
        value = value.base
    return value.id if isinstance(value, Name) else ""


def _is_sql(value: AV) -> bool:
    for option in options(value):
        first = option.value if isinstance(option, Const) else option.parts[0] if isinstance(option, Text) and option.parts else None
        if isinstance(first, str) and _SQL.match(first[:4000]):
            return True
    return False


def _holes(inputs: Inputs, value: Value, file: str, owner: int, cleaners: re.Pattern[str], depth: int) -> Reach:
    graph = inputs.graph
    if depth > 6 or isinstance(value, Lit):
        return CLEAN
    if isinstance(value, Concat) or (isinstance(value, Op) and value.op in ("+", "%")):
        return inputs.of(value, file, owner, cleaners)
    if isinstance(value, CallRef):
        call = graph.view(file).facts.calls[value.call]
        if call.kind == "template":
            return CLEAN
        name = callee_name(call) or ""
        if name in _RAW and call.args:
            return _holes(inputs, call.args[0].value, file, call.owner, cleaners, depth + 1)
        if name in ("format", "join", "replace", "concat", "trim", "strip", "dedent"):
            return inputs.of(value, file, owner, cleaners)
    evaluated = graph.ev.value(value, file, owner)
    if isinstance(value, Name):
        bound = _bindings(inputs, value.id, file, owner)
        if bound:
            return max(
                (_holes(inputs, a.value, file, a.owner, cleaners, depth + 1) for a in bound if a.value is not None),
                key=lambda r: r.taint,
                default=CLEAN,
            )
    if all(isinstance(v, Const) or (isinstance(v, Ext) and v.known and _GIVEN.search(v.path) is None) for v in options(evaluated)):
        return CLEAN  # a constant, or a query object of a library
    return inputs.of(value, file, owner, cleaners)


def _bindings(inputs: Inputs, name: str, file: str, owner: int) -> list[Assign]:
    """What is assigned to a local name, added text (`query += ...`) included."""
    view = inputs.graph.view(file)
    for scope in view.enclosing(owner):
        found = view.bindings.get((scope, name))
        if found:
            return [a for a, way in found if not way][:12]
    return []
