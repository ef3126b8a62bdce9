"""The catch blocks of a flow: what they catch, and what they do with it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import regex

from backend_readiness.controls.context import Context
from backend_readiness.controls.roles import status_numbers
from backend_readiness.facts.builder import dotted
from backend_readiness.facts.model import (
    Block,
    Call,
    CallRef,
    Concat,
    Func,
    Index,
    Lit,
    Member,
    Name,
    Op,
    Record,
    Return,
    Seq,
    Symbol,
    Value,
)
from backend_readiness.graph.values import SymbolId
from backend_readiness.graph.views import FileView, callee_name

_RECORDS = regex.compile(
    r"(?i)^(log\w*|debug|info|warn\w*|error|exception|critical|capture\w*|notify\w*|report\w*|record\w*|print|println|print_exc|write|write_?line|puts|eprintln|increment|inc|emit|track\w*)$"
)
_FORWARDS = regex.compile(r"(?i)^(next|reject|abort|fail|raise\w*|throw\w*|done|cb|callback|handle_?\w*|set_exception)$")
_STATUS = regex.compile(r"(?i)status|code|write_?head|throw|boom|problem|http_?error")
# An error that is sent so leaves with the status of success.
_SENDS = frozenset({"json", "send", "jsonp", "end"})
# What a callback calls the error that it is given first.
_ERROR = regex.compile(r"^_?(err|error|er)$")
# What is told of errors on purpose: it is listened to for them, or is given them instead of an answer.
_TOLD = frozenset(("catch", "on", "once", "use", "addListener", "fail", "finally"))
MAX_LINES = 120
_BROAD = frozenset(("Exception", "BaseException", "Error", "Throwable", "StandardError", "RuntimeException"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Caught:
    """One catch block in a function of the flow."""

    function: SymbolId
    block: Block
    broad: bool
    empty: bool
    raises: bool
    records: bool
    refuses: bool  # answers an error status, or hands the error on
    answers: bool  # returns or sends something
    sends_well: bool  # sends the caught error with the status of success
    gives_error: bool  # returns the caught error itself as its value
    guards_effect: bool  # a data or service touch stands in the try

    @property
    def swallows(self) -> bool:
        return self.empty or not (self.raises or self.records or self.refuses)


def catches(context: Context) -> list[Caught]:
    """Every catch block in the functions of the chain."""
    effects = {(e.site.file, e.site.call) for e, _ in context.effects}
    found: list[Caught] = []
    for reached in context.functions:
        symbol = reached.function.symbol
        view = context.view(symbol.file)
        for scope in view.body(symbol.index):
            blocks = view.blocks_of.get(scope, ())
            for block in blocks:
                if block.kind == "catch":
                    tried = max(
                        (b for b in blocks if b.kind == "try" and b.start < block.start and b.end <= block.start + 1),
                        key=lambda b: b.start,
                        default=None,
                    )
                    if tried is None:
                        tried = max((b for b in blocks if b.kind == "try" and b.start < block.start), key=lambda b: b.start, default=None)
                    found.append(_read(view, symbol, block, tried, effects))
    return found


def _read(view: FileView, symbol: SymbolId, block: Block, tried: Block | None, effects: set[tuple[str, int]]) -> Caught:
    raises = any(t.owner == block.owner and block.start <= t.start < block.end for t in view.facts.throws)
    records = refuses = sends = sends_well = False
    says_status = _says_status(view, block)
    inside = [c for owner in view.body(block.owner) for n in view.calls_of.get(owner, ()) if _within(c := view.facts.calls[n], block)]
    notes = [c for c in inside if _is_note(c)]
    for call in inside:
        if any(n is not call and n.start <= call.start and call.end <= n.end for n in notes):
            continue  # a part of what is noted
        name = callee_name(call) or ""
        noted = call in notes
        records = records or noted
        refuses = refuses or _FORWARDS.match(name) is not None or any(status_numbers(a.value) for a in call.args)
        hands_on = not noted and block.name is not None and any(_uses(a.value, block.name) for a in call.args)
        well = name in _SENDS and hands_on and not says_status
        sends_well = sends_well or well
        refuses = refuses or (hands_on and not well) or (not noted and ("xception" in name or name.endswith("Error")))
        sends = sends or name in ("json", "send", "render", "end", "redirect")
    for assign in view.facts.assigns:
        if block.start <= assign.start < assign.end <= block.end:
            if isinstance(assign.target, Member) and status_numbers(assign.value):
                refuses = True
            if block.name and _uses(assign.value, block.name):
                refuses = True
    returned = [r for r in view.facts.returns if r.owner == block.owner and block.start <= r.start < block.end]
    refuses = refuses or any(_statuses(r) for r in returned)
    gives = block.name is not None and any(isinstance(r.value, Name) and r.value.id == block.name for r in returned)
    guards = tried is not None and any(
        (symbol.file, n) in effects
        for owner in view.body(block.owner)
        for n in view.calls_of.get(owner, ())
        if tried.start <= view.facts.calls[n].start and view.facts.calls[n].end <= max(tried.end, block.start)
    )
    return Caught(
        function=symbol, block=block, broad=is_broad(block.subject), empty=block.empty, raises=raises, records=records, refuses=refuses,
        answers=sends or any(r.value is not None for r in returned), gives_error=gives, guards_effect=guards,
        sends_well=sends_well,
    )  # fmt: skip


def _within(call: Call, block: Block) -> bool:
    return block.start <= call.start < call.end <= block.end


def _is_note(call: Call) -> bool:
    return _RECORDS.match(callee_name(call) or "") is not None or (dotted(call.callee) or "").startswith("console.")


def _says_status(view: FileView, block: Block) -> bool:
    """Does anything in the block speak of a status or code, a call, a member or a name?"""
    inside = [c for c in view.facts.calls if block.start <= c.start < c.end <= block.end]
    told = " ".join(f"{dotted(c.callee) or ''} {callee_name(c) or ''}" for c in inside)
    told += " ".join(k for c in inside for a in c.args if isinstance(a.value, Record) for k, _ in a.value.items if k)
    told += " ".join(dotted(a.target) or "" for a in view.facts.assigns if block.start <= a.start < a.end <= block.end)
    return _STATUS.search(told) is not None or any(isinstance(c.callee, Member) and isinstance(c.callee.base, CallRef) for c in inside)


def is_broad(subject: Value | None) -> bool:
    """Does a `catch` of this type take every error?"""
    if subject is None:
        return True
    if isinstance(subject, Seq):
        return any(is_broad(i) for i in subject.items)
    return (dotted(subject) or "").rpartition(".")[2] in _BROAD


def _statuses(item: Return) -> bool:
    return bool(status_numbers(item.value)) or (isinstance(item.value, Seq) and any(status_numbers(i) for i in item.value.items))


def _uses(value: Value | None, name: str | None, depth: int = 0) -> bool:
    """Does an expression use the caught variable?"""
    if value is None or name is None or depth > 6:
        return False
    if isinstance(value, Name):
        return value.id == name
    if isinstance(value, Member | Index):
        return _uses(value.base, name, depth + 1)
    if isinstance(value, Op):
        return any(_uses(o, name, depth + 1) for o in value.operands)
    if isinstance(value, Concat):
        return any(_uses(o, name, depth + 1) for o in value.parts)
    if isinstance(value, Seq):
        return any(_uses(o, name, depth + 1) for o in value.items)
    if isinstance(value, Record):
        return any(_uses(v, name, depth + 1) for _, v in value.items)
    return False


def silent_promises(context: Context) -> list[tuple[SymbolId, int]]:
    """(function, line) of `.catch(() => {})`: rejections that are dropped."""
    found = []
    for symbol, view, call, _ in _promise_catches(context):
        handler = call.args[0].value
        if isinstance(handler, Func):
            inner = view.symbol(handler.symbol)
            if inner.statements == 0 and not view.calls_of.get(handler.symbol) and not view.returns.get(handler.symbol):
                found.append((symbol, call.line))
    return found


def _promise_catches(context: Context) -> Iterator[tuple[SymbolId, FileView, Call, CallRef]]:
    """(function, its file, call, what it is called on) of each `.catch(handler)` behind a call in the functions of the chain."""
    for reached in context.functions:
        symbol = reached.function.symbol
        view = context.view(symbol.file)
        for scope in view.body(symbol.index):
            for number in view.calls_of.get(scope, ()):
                call = view.facts.calls[number]
                base = call.callee.base if isinstance(call.callee, Member) else None
                if callee_name(call) == "catch" and isinstance(base, CallRef) and call.args:
                    yield symbol, view, call, base


def answered_promises(context: Context) -> list[tuple[SymbolId, int, bool]]:
    """(function, line, is it a write) of `.catch(() => null)` and of `await save().catch(console.log)`: a value or a note for a rejection.

    Notes count on writes alone, where the call is awaited and no `then` stands before it: the function goes on then.
    """
    made = {(e.site.file, e.site.call) for e, _ in context.effects if e.operation in ("write", "delete")}
    found = []
    for symbol, view, call, base in _promise_catches(context):
        writes = (symbol.file, base.call) in made
        how = _rejected(view, call.args[0].value)
        if how == "value" or (how == "note" and writes and call.awaited):
            found.append((symbol, call.line, writes))
    return found


def _rejected(view: FileView, handler: Value) -> str:
    """What is done with a rejection: `note`, `value` when a constant takes its place, else nothing that is known."""
    if isinstance(handler, Member):
        return "note" if (dotted(handler) or "").startswith("console.") else ""
    if not isinstance(handler, Func):
        return ""
    calls = [view.facts.calls[n] for n in view.calls_of.get(handler.symbol, ())]
    returns = view.returns.get(handler.symbol, ())
    if any(t.owner == handler.symbol for t in view.facts.throws) or any(a.owner == handler.symbol for a in view.facts.assigns):
        return ""
    if calls and all(_is_note(c) for c in calls):
        return "note"
    return "value" if not calls and returns and all(_is_constant(r.value) for r in returns) else ""


def _is_constant(value: Value | None) -> bool:
    empty = isinstance(value, Seq | Record) and not value.items
    return value is None or isinstance(value, Lit) or empty or value == Name("undefined")


def deaf_callbacks(context: Context) -> list[tuple[SymbolId, int]]:
    """(function, line) of callbacks of the flow's calls that are given an error first and never look at it."""
    found = []
    calls = [(e.site.file, e.site.call) for e, _ in context.effects]
    for reached in context.functions:
        where = reached.function.symbol
        view = context.view(where.file)
        calls += [(where.file, n) for scope in view.body(where.index) for n in view.calls_of.get(scope, ())]
    for file, number in dict.fromkeys(calls):
        view = context.view(file)
        call = view.facts.calls[number]
        for argument in call.args[-1:]:
            if not isinstance(argument.value, Func) or callee_name(call) in _TOLD:
                continue
            inner = view.symbol(argument.value.symbol)
            named = inner.params[0].name if inner.params else None
            if not inner.statements or named is None or _ERROR.match(named) is None:
                continue
            leaves = _only_leaves(view, argument.value.symbol, named)
            if leaves is not None:
                found.append((SymbolId(file, argument.value.symbol), leaves))
                continue
            lines = context.snapshot.lines(file)
            own = [n for s in view.facts.symbols if _takes(s, named, inner) for n in range(s.line, s.end_line + 1)]
            shown = range(inner.line, min(inner.end_line, inner.line + MAX_LINES) + 1)
            text = "\n".join(lines[n - 1] for n in shown if n == inner.line or n not in own)
            if len(regex.findall(rf"(?<![\w.]){regex.escape(named)}\b(?!\s*:)", text)) == 1:
                found.append((SymbolId(file, argument.value.symbol), inner.line))
    return list(dict.fromkeys(found))


def _takes(symbol: Symbol, name: str, around: Symbol) -> bool:
    """Is it a function below another that has a parameter of the same name, so that the name means its own there?"""
    below = around.line < symbol.line and symbol.end <= around.end
    return below and any(p.name == name for p in symbol.params)


def _only_leaves(view: FileView, callback: int, error: str) -> int | None:
    """The line of `if (err) return err;`: what a callback returns reaches nobody, and nothing else is done about the error."""
    for block in view.blocks_of.get(callback, ()):
        if block.kind != "if" or block.subject != Name(error):
            continue
        calls = (view.facts.calls[n] for n in view.calls_of.get(callback, ()))
        inside = any(block.start <= c.start < block.end for c in calls)
        returns = [r for r in view.returns.get(callback, ()) if block.start <= r.start < block.end]
        if not inside and len(returns) == 1 and returns[0].value in (None, Name(error)):
            return block.line
    return None
