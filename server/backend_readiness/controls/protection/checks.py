"""Branches on a check: does the flow refuse what does not pass it, and is it asked of those who leave out what it looks at?"""

from __future__ import annotations

from collections.abc import Iterator

import regex

from backend_readiness.controls.callees import chain_scopes
from backend_readiness.controls.context import Context
from backend_readiness.controls.work.sequence import calls_in
from backend_readiness.facts.builder import dotted
from backend_readiness.facts.model import Alt, Block, CallRef, Lit, Member, Name, Op, Value
from backend_readiness.graph.views import FileView, callee_name
from backend_readiness.model import Evidence

_NOTES = regex.compile(r"(?i)^(log\w*|debug|info|warn\w*|error|critical|print|inc|increment|count|len|str|get_?logger|capture\w*)$")
_NOT = frozenset(("not", "!"))
_BOTH = frozenset(("and", "&&"))
_DEPTH = 8


def only_noted(context: Context, check: regex.Pattern[str]) -> Evidence | None:
    """A branch of the chain on a failed check whose body does no more than to log or count it."""
    for file, view, block in _branches(context):
        if not (isinstance(block.subject, Op) and block.subject.op in _NOT) or not _calls(view, block.subject, check):
            continue
        subject = calls_in(view, block.subject)
        inside = [c for n, c in enumerate(view.facts.calls) if n not in subject and block.start <= c.start < block.end]
        if (
            inside
            and all(_NOTES.match(callee_name(c) or "") for c in inside)
            and not _leaves(view, block)
            and not any(block.start <= a.start < block.end for a in view.facts.assigns if a.kind != "for")
            and not any(b.kind == "else" and b.owner == block.owner and 0 <= b.start - block.end <= 40 for b in view.facts.blocks)
        ):
            return context.at(file, block.line, block.end_line)
    return None


def only_when_sent(context: Context, check: regex.Pattern[str]) -> Evidence | None:
    """A branch of the chain that refuses a failed check, but only where something is sent: `if token and not valid(token): raise`."""
    for file, view, block in _branches(context):
        for name in _demanded(block.subject):
            number = next((n for n in _calls(view, block.subject, check) if _given(view, n, name)), None)
            if number is not None and _leaves(view, block) and not _required(view, block.owner, name):
                return context.at(file, block.line, block.end_line)
    return None


def _branches(context: Context) -> Iterator[tuple[str, FileView, Block]]:
    for file, scope in chain_scopes(context):
        view = context.view(file)
        for block in view.blocks_of.get(scope, ()):
            if block.kind == "if":
                yield file, view, block


def _calls(view: FileView, subject: Value | None, check: regex.Pattern[str]) -> list[int]:
    return [
        n
        for n in sorted(calls_in(view, subject))
        if check.search(dotted(view.facts.calls[n].callee) or callee_name(view.facts.calls[n]) or "")
    ]


def _demanded(subject: Value | None) -> list[str]:
    """Names that the condition needs to be there: `token` of `token and ...`, of `token is not None and ...`."""
    if not isinstance(subject, Op) or subject.op not in _BOTH:
        return []
    found = []
    for operand in subject.operands:
        if isinstance(operand, Op) and operand.op in ("is not", "!=", "!==") and len(operand.operands) == 2:
            left, right = operand.operands
            operand = left if isinstance(right, Lit) and right.value in (None, "") else operand
        name = dotted(operand) if isinstance(operand, Name | Member) else None
        if name is not None:
            found.append(name)
    return found


def _given(view: FileView, number: int, name: str) -> bool:
    """Is the name an argument of the call, itself or through calls on it (`token.encode()`)?"""
    for arg in view.facts.calls[number].args:
        value = arg.value
        for _ in range(_DEPTH):
            if dotted(value) == name:
                return True
            if isinstance(value, CallRef):
                call = view.facts.calls[value.call]
                value = call.callee.base if isinstance(call.callee, Member) else call.args[0].value if call.args else call.callee
            else:
                break
    return False


def _leaves(view: FileView, block: Block) -> bool:
    """Does the branch throw or return?"""
    return any(block.start <= t.start < block.end for t in view.facts.throws) or any(
        block.start <= r.start < block.end for r in view.facts.returns
    )


def _required(view: FileView, owner: int, name: str) -> bool:
    """Does another branch of the function refuse when the value is not there?"""
    for block in view.blocks_of.get(owner, ()):
        if block.kind == "if" and block.subject is not None and _leaves(view, block) and _denies(block.subject, name, 0):
            return True
    return False


def _denies(value: Value, name: str, depth: int) -> bool:
    if isinstance(value, Alt) and depth < _DEPTH:  # `not token or token == ""`
        return any(_denies(o, name, depth + 1) for o in value.options)
    if not isinstance(value, Op) or depth > _DEPTH:
        return False
    if value.op in _NOT and len(value.operands) == 1 and dotted(value.operands[0]) == name:
        return True
    if (
        value.op in ("is", "==", "===")
        and len(value.operands) == 2
        and dotted(value.operands[0]) == name
        and isinstance(value.operands[1], Lit)
    ):
        return value.operands[1].value in (None, "")
    return False
