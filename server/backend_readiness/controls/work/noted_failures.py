"""Failures that are noted and no more: whoever asked is told that all went well, or gets something in place of an answer.

A catch that writes a line into a log is no proof that the failure was dealt with. What counts is what follows: the error is raised again,
handed on or told, or the flow goes on as if what failed had been done.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from backend_readiness.controls.callees import chain_scopes
from backend_readiness.controls.context import Context
from backend_readiness.controls.work.catches import Caught
from backend_readiness.controls.work.writes import writes
from backend_readiness.facts.builder import dotted
from backend_readiness.facts.model import Block, Seq, Value
from backend_readiness.graph.values import SymbolId
from backend_readiness.graph.views import FileView, callee_name
from backend_readiness.model import Stage
from backend_readiness.rules.signs import sign

_NOTES = re.compile(sign("noted_failures", "notes"))
_TELLS = re.compile(sign("noted_failures", "tells"))
_EXPECTED = re.compile(sign("noted_failures", "expected"))
_THERE = re.compile(sign("noted_failures", "there"))
_HEAD = re.compile(r"^.*?\bcatch\s*(?:\([^)]*\))?|^\s*except\b.*?(?::(?=\s|$)|$)|^\s*rescue\b.*?(?:\bthen\b|$)")
_LEAVES = re.compile(r"^\s*(return|throw|raise|reject|abort|panic|next)\b")
_COMMENT = re.compile(r"^\s*(#|//|\*|/\*|--)")
_ANSWERS = frozenset(
    "json send render end redirect sendStatus respond respondText ok Ok head write json_response jsonify make_response".split()  # noqa: SIM905
)
MAX_LINES = 60
MAX_CHARS = 400


def lost_writes(context: Context, caught: Iterable[Caught]) -> list[Caught]:
    """Catches around a write of the flow that leave a note at most, after which the function goes on as if it had been made."""
    ways = list(_guarding(context, caught))
    return [c for c, view in ways if _falls_through(context, view, c)]


def doubtful_writes(context: Context, caught: Iterable[Caught]) -> list[Caught]:
    """Catches around a write of the flow that tell nobody of the failure in words; another value may tell it."""
    return [c for c, _ in _guarding(context, caught)]


def settled_otherwise(context: Context, caught: Iterable[Caught]) -> list[Caught]:
    """Catches of one kind of errors, one that code does not expect, that put something else in place of what failed."""
    return [
        c
        for c in caught
        if not c.broad
        and c.swallows
        and not c.empty
        and _EXPECTED.search(_kinds(c.block.subject)) is None
        and not _tells(context, c.function.file, c.block)
    ]


def beside_chain(context: Context) -> list[tuple[SymbolId, Block]]:
    """Catches of everything in helpers of the flow, which do nothing about what they caught."""
    shown = {
        (r.function.symbol.file, i) for r in context.functions for i in context.view(r.function.symbol.file).body(r.function.symbol.index)
    }
    found = []
    for file, scope in chain_scopes(context):
        view = context.view(file)
        for block in view.blocks_of.get(scope, ()) if (file, scope) not in shown else ():
            if (
                block.kind == "catch"
                and not _kinds(block.subject)
                and not _tells(context, file, block)
                and not _notes(context, file, block)
            ):
                found.append((SymbolId(file, scope), block))
    return found


def _guarding(context: Context, caught: Iterable[Caught]) -> Iterator[tuple[Caught, FileView]]:
    """Catches that neither raise, hand on nor tell what they caught, with a write of the flow in their `try`."""
    made = {(w.call.site.file, w.call.site.call) for w in writes(context) if not w.beside}
    below = writing(context)
    for one in caught:
        if one.raises or one.refuses or _tells(context, one.function.file, one.block):
            continue
        if not one.empty and _THERE.search(_kinds(one.block.subject)) is not None:
            continue  # somebody else made the same at the same time
        view = context.view(one.function.file)
        tried = _tried(view, one.block)
        if tried is None:
            continue
        for scope in view.body(one.function.index):
            for number in view.calls_of.get(scope, ()):
                call = view.facts.calls[number]
                if not (tried.start <= call.start and call.end <= max(tried.end, one.block.start)):
                    continue
                if (one.function.file, number) in made or (below and _leads_to(context, one.function, number, below)):
                    yield one, view
                    break
            else:
                continue
            break


def _leads_to(context: Context, function: SymbolId, number: int, below: set[SymbolId]) -> bool:
    edges = context.tracer.edges.of_symbol(function)
    return any(e.kind == "call" and (e.site.file, e.site.call) == (function.file, number) and e.target.symbol in below for e in edges)


def writing(context: Context) -> set[SymbolId]:
    """The functions of the chain below which a write of the flow's own records stands."""
    lines = {(w.call.site.file, w.call.call.line) for w in writes(context) if not w.beside}
    found: set[SymbolId] = set()
    for backend in context.backends:
        above: set[int] = set()
        for link in backend.links:
            written = link.stage is Stage.DATA and link.operation in ("write", "delete") and (link.file, link.line) in lines
            parent = link.parent if written else None
            while parent is not None and parent not in above:
                above.add(parent)
                parent = backend.links[parent].parent
        found |= {r.function.symbol for r in backend.functions if r.link in above}
    return found


def _tried(view: FileView, block: Block) -> Block | None:
    tries = [b for b in view.blocks_of.get(block.owner, ()) if b.kind == "try" and b.start < block.start]
    return max(
        (b for b in tries if b.end <= block.start + 1), key=lambda b: b.start, default=max(tries, key=lambda b: b.start, default=None)
    )


def _falls_through(context: Context, view: FileView, one: Caught) -> bool:
    """Does the function go on behind the catch, and was nothing answered or returned before the failure?"""
    block, tried = one.block, _tried(view, one.block)
    assert tried is not None
    own = [r for r in view.facts.returns if r.owner == block.owner]
    if any(tried.start <= r.start < block.end for r in own):
        return False
    if any(b.kind == "loop" and b.start < tried.start and block.end <= b.end for b in view.blocks_of.get(block.owner, ())):
        return False
    if any(block.start <= a.start < a.end <= block.end for a in view.facts.assigns):
        return False
    inside = [c for c in view.facts.calls if tried.start <= c.start and c.end <= block.end]
    if any(callee_name(c) in _ANSWERS for c in inside):
        return False
    last = view.symbol(block.owner).end_line
    behind = context.snapshot.lines(view.path)[block.end_line : last]
    return any(re.search(r"\w", t) is not None and _COMMENT.match(t) is None and t.strip() not in ("end", "fi") for t in behind)


def _tells(context: Context, file: str, block: Block) -> bool:
    return tells(besides_notes(_lines(context, file, block)))


def _notes(context: Context, file: str, block: Block) -> bool:
    return any(_NOTES.search(t[:MAX_CHARS]) is not None for t in _lines(context, file, block))


def _lines(context: Context, file: str, block: Block) -> list[str]:
    """The lines of the block without its head."""
    lines = context.snapshot.lines(file)[block.line - 1 : min(block.end_line, block.line + MAX_LINES)]
    return [_HEAD.sub("", lines[0][:MAX_CHARS], count=1), *lines[1:]] if lines else []


def tells(lines: Iterable[str]) -> bool:
    """Does code raise, hand on or speak of a failure?"""
    return any(_TELLS.search(t[:MAX_CHARS]) is not None for t in lines)


def besides_notes(lines: Iterable[str]) -> Iterator[str]:
    """Lines without comments and without notes, also such that go on over several lines."""
    opened = 0
    for line in lines:
        text = line[:MAX_CHARS]
        if _LEAVES.match(text) is not None:
            opened = 0
            yield text
        elif opened > 0 or _NOTES.search(text) is not None:
            opened = max(0, opened + text.count("(") - text.count(")"))
        elif _COMMENT.match(text) is None:
            yield text


def _kinds(subject: Value | None) -> str:
    """The names of what a catch takes; empty when it takes everything."""
    if subject is None:
        return ""
    if isinstance(subject, Seq):
        return " ".join(_kinds(i) for i in subject.items)
    name = (dotted(subject) or "").rpartition(".")[2]
    return "" if name in ("Exception", "BaseException", "Error", "Throwable", "StandardError") else name
