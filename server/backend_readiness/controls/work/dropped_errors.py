"""Errors that a call gives as one of its results and that nobody takes: `token, _ := sign()`, `db.Save(&order)`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from backend_readiness.controls.context import Context
from backend_readiness.facts.builder import dotted
from backend_readiness.facts.model import Call, CallRef, Lit, Member, Name, Op, Seq
from backend_readiness.graph.backend.pruning import Reached
from backend_readiness.graph.backend.quiet import tells
from backend_readiness.graph.values import FuncV, SymbolId, options
from backend_readiness.graph.views import FileView, callee_name

_IDLE = re.compile(r"^(Close|Rollback|Sync|Flush|Cancel|Unlock|RUnlock|Stop|SetDeadline|SetReadDeadline|SetWriteDeadline)$")
_DUMMY = re.compile(r"(?i)dummy|fake|placeholder")
MAX_RETURNS = 12
# Functions that are called for what they do.
_WORKS = re.compile(
    r"(?i)^_?(send|save|store|transfer|pay|charge|create|insert|add|update|register|withdraw|deposit|upload|import|submit|publish|apply|book|reserve|place)"
)
LANGUAGES = frozenset({"go"})


@dataclass(frozen=True, slots=True)
class Dropped:
    """An error that is dropped. `at_stake`: the call touches data, or makes what the flow hands out."""

    function: SymbolId
    line: int
    at_stake: bool


def dropped_errors(context: Context) -> list[Dropped]:
    """Results of type error that are bound to `_`, in the functions of the flow, in the order of the chain."""
    touches = {(e.site.file, e.site.call) for e, _ in context.effects}
    written = {(e.site.file, e.site.call) for e, _ in context.effects if e.kind in ("orm", "sql") and e.operation in ("write", "delete")}
    found: list[Dropped] = []
    for reached in context.functions:
        where = reached.function.symbol
        view = context.view(where.file)
        if view.language not in LANGUAGES:
            continue
        scopes = set(view.body(where.index))
        last: dict[int, int] = {}  # call -> the position of its last result that is bound
        for value in (a.value for a in view.facts.assigns if isinstance(a.value, Op) and a.value.op == "result"):
            call, position = value.operands
            if isinstance(call, CallRef) and isinstance(position, Lit) and isinstance(position.value, int):
                last[call.call] = max(last.get(call.call, 0), position.value)
        for assign in view.facts.assigns:
            bound = assign.value
            if assign.owner not in scopes or assign.target != Name("_"):
                continue
            if isinstance(bound, Op) and bound.op == "result":
                call, position = bound.operands
            else:
                call, position = bound or Lit(None), Lit(0)  # `_ = save(order)`
            if not isinstance(call, CallRef) or not isinstance(position, Lit):
                continue
            if isinstance(position.value, int) and position.value < last.get(call.call, 0):
                continue  # `_, err := find()`: the error comes last
            made = view.facts.calls[call.call]
            if _is_idle(made):
                continue
            hidden = _hides_callee(view, call)  # `config, _ := config.Load()`: on the right the name still means the package
            callee = context.graph.ev.value(made.callee, where.file, 0 if hidden else made.owner, reached.env)
            at_stake = (where.file, call.call) in touches or tells(context.graph, callee)
            if at_stake or any(_is_error(context, v, position.value) for v in options(callee)):
                found.append(Dropped(where, assign.line, at_stake))
        found.extend(_unheard(context, reached, scopes, written))
    return found


def _unheard(context: Context, reached: Reached, scopes: set[int], written: set[tuple[str, int]]) -> Iterator[Dropped]:
    """Calls that stand as a statement of their own, of functions that return an error alone or of a library that writes to the database."""
    function = reached.function.symbol
    view, lines = context.view(function.file), context.snapshot.lines(function.file)
    for scope in scopes:
        for number in view.calls_of.get(scope, ()):
            call = view.facts.calls[number]
            name = callee_name(call)
            text = lines[call.line - 1].strip() if call.line <= len(lines) else ""
            if name is None or re.match(rf"[\w.]*\b{re.escape(name)}\(", text) is None or _is_idle(call):
                continue
            if call.end_line == call.line and not text.endswith(")"):
                continue  # a chain goes on, or an operator follows
            if (function.file, number) in written and not any(".Error" in t for t in lines[call.line - 1 : call.end_line + 3]):
                yield Dropped(function, call.line, at_stake=False)
                continue
            callee = context.graph.ev.value(call.callee, function.file, call.owner, reached.env)
            own = [v for v in options(callee) if isinstance(v, FuncV) and _is_error(context, v, 0)]
            if own and len(own) == len(list(options(callee))):
                yield Dropped(function, call.line, at_stake=False)


def unheard_answers(context: Context) -> list[Dropped]:
    """Calls in handlers of functions that return whether they did their work, as statements of their own."""
    found: list[Dropped] = []
    for reached in context.functions:
        where = reached.function.symbol
        view, lines = context.view(where.file), context.snapshot.lines(where.file)
        if not any(h.file == where.file and h.line == view.symbol(where.index).line for h in context.handlers):
            continue
        for number in view.calls_of.get(where.index, ()):
            call = view.facts.calls[number]
            name = callee_name(call)
            text = lines[call.line - 1].strip() if call.line <= len(lines) else ""
            if name is None or _WORKS.match(name) is None or re.match(rf"(?:await\s+)?[\w.$>-]*\b{re.escape(name)}\(.*\);?$", text) is None:
                continue
            values = list(options(context.graph.ev.value(call.callee, where.file, call.owner, reached.env)))
            if values and all(isinstance(v, FuncV) and _says_whether(context, v) for v in values):
                found.append(Dropped(where, call.line, at_stake=True))
    return found


def _says_whether(context: Context, function: FuncV) -> bool:
    view = context.view(function.symbol.file)
    said = {
        r.value.value for r in view.returns.get(function.symbol.index, ()) if isinstance(r.value, Lit) and isinstance(r.value.value, bool)
    }
    return said == {True, False} and len(view.returns.get(function.symbol.index, ())) <= MAX_RETURNS


def _is_idle(call: Call) -> bool:
    """Is the error of no use: of closing, of undoing, of a comparison for the sake of its time?"""
    if _IDLE.match(callee_name(call) or "") is not None:
        return True
    return any(_DUMMY.search(dotted(a.value) or "") is not None for a in call.args)


def _hides_callee(view: FileView, call: CallRef) -> bool:
    """Does what the call gives take the name of what it is called on?"""
    callee = view.facts.calls[call.call].callee
    base = callee.base if isinstance(callee, Member) else callee
    return isinstance(base, Name) and any(
        a.target == base and isinstance(a.value, Op) and a.value.op == "result" and a.value.operands[0] == call for a in view.facts.assigns
    )


def _is_error(context: Context, callee: object, position: object) -> bool:
    if not isinstance(callee, FuncV) or not isinstance(position, int):
        return False
    written = context.view(callee.symbol.file).symbol(callee.symbol.index).returns
    several = written.items if isinstance(written, Seq) else (written,)
    return position < len(several) and several[position] == Name("error")
