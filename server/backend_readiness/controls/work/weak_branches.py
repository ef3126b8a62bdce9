"""Branches for failures that do nothing about them: `if err != nil { return }`, `Err(_) => OK`, `if (err) console.log(err);`."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from backend_readiness.controls.callees import chain_text
from backend_readiness.controls.context import Context
from backend_readiness.controls.work.noted_failures import besides_notes, tells
from backend_readiness.controls.work.writes import Write, writes
from backend_readiness.graph.views import callee_name
from backend_readiness.rules.signs import signs_by

_BRANCHES = signs_by("weak_branches", "branches")
_ELSE = re.compile(r"^\W*(else|case\s+(Right|Success))\b")
_TAKEN = re.compile(r"^\s*(case|if|unless|cond|with|for|return|raise|assert)\b|<-|(?<![=!<>|])=(?![=>~])|->|\bdo:")
_ENDS = re.compile(r"^\s*(end|else|rescue|after|catch|\}|\]|\)|\||$)")
_LEAVES = re.compile(r"\b(return|continue|break|goto)\b")
_HANDED_ON = re.compile(r"^\s*return\b.*\b\w*[eE]rr\w*\b|^\s*(throw|raise)\b")
_GOOD = re.compile(r"^\s*\{:ok\b|^\s*:ok\s*->")
NEAR = 10
MAX_LINES = 30
MAX_CHARS = 400


@dataclass(frozen=True, slots=True)
class Weak:
    """`writes`: what failed is a write of the flow's own records."""

    file: str
    line: int
    writes: bool


def weak_branches(context: Context) -> list[Weak]:
    """Branches of the flow and its helpers that are taken on a failure and neither raise, hand on nor tell it; those on writes first."""
    heads = [re.compile(p) for p in _BRANCHES.get(context.language, ())]
    if not heads:
        return []
    made = [w for w in writes(context) if not w.beside]
    found = []
    for file, line, text in chain_text(context):
        head = next((m for h in heads if (m := h.search(text[:MAX_CHARS])) is not None), None)
        if head is None:
            continue
        lines = context.snapshot.lines(file)
        body = [text[head.end() :], *_below(lines, line)]
        behind = lines[line + len(body) - 1] if line + len(body) - 1 < len(lines) else ""
        if (
            tells(besides_notes(body))
            or _ELSE.match(behind) is not None
            or (text.lstrip().startswith("_") and not _is_beside_good(lines, line))
        ):
            continue
        if not any(_LEAVES.search(t) for t in body) and any(
            _HANDED_ON.search(t) for t in lines[line + len(body) : line + len(body) + NEAR]
        ):
            continue  # noted first, and handed on behind
        found.append(Weak(file, line, any(_is_of(w, file, line) for w in made)))
    return sorted(found, key=lambda w: not w.writes)


def unheard_results(context: Context) -> list[Weak]:
    """Writes that give back whether they worked, as statements of their own with others behind them."""
    if context.language not in _TUPLES:
        return []
    found = []
    for write in writes(context):
        call, file = write.call.call, write.call.site.file
        lines = context.snapshot.lines(file)
        first = call.line
        while first > 1 and lines[first - 1].lstrip().startswith("|>"):
            first -= 1
        last = call.end_line
        after = next((t for t in lines[last : last + MAX_LINES] if t.strip()), "")
        own = lines[first - 1]
        if (callee_name(call) or "").endswith("!") or _TAKEN.search(own[:MAX_CHARS]) is not None or write.beside:
            continue
        if lines[last - 1].rstrip().endswith(")") and _indent(after) == _indent(own) and _ENDS.match(after) is None:
            found.append(Weak(file, call.line, writes=True))
    return found


_TUPLES = frozenset({"elixir"})  # languages in which a call gives its failure back and nothing warns when it is not looked at


def _is_beside_good(lines: Sequence[str], line: int) -> bool:
    """Does an arm for anything else stand below one for success, with the same indentation?"""
    own = _indent(lines[line - 1])
    return any(_GOOD.match(t) is not None and _indent(t) == own for t in lines[max(0, line - NEAR) : line - 1])


def _is_of(write: Write, file: str, line: int) -> bool:
    call = write.call.call
    return write.call.site.file == file and (call.line <= line <= call.end_line or call.end_line == line - 1)


def _below(lines: Sequence[str], line: int) -> Iterator[str]:
    """The lines below one that are indented more than it."""
    own = _indent(lines[line - 1])
    for text in lines[line : line + MAX_LINES]:
        if text.strip() and _indent(text) <= own:
            return
        yield text


def _indent(text: str) -> int:
    return len(text.expandtabs(4)) - len(text.expandtabs(4).lstrip())
