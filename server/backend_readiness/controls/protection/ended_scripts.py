"""Scripts that end where the session knows nobody: `if (!isset($_SESSION["user"])) { header("Location: login.php"); exit; }`.

What a script includes at its top runs before the rest of it, and ends it too.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from backend_readiness.controls.expressions import written
from backend_readiness.facts.model import Alt, Block, CallRef, Index, Lit, Op, Value
from backend_readiness.graph.backend.edges import Edge
from backend_readiness.graph.unconditional import is_always_asked
from backend_readiness.graph.views import FileView, callee_name
from backend_readiness.graph.world import Graph
from backend_readiness.rules.signs import sign

_SESSION = re.compile(sign("ended_scripts", "session"))
_OF_CALLER = re.compile(sign("ended_scripts", "of_caller"))
_ENDS = re.compile(sign("ended_scripts", "ends"))
_GIVEN = re.compile(sign("ended_scripts", "given"))
_MISSING = re.compile(sign("ended_scripts", "missing"))
_EMPTY = (None, False, "", 0)


def ended_for_strangers(graph: Graph, view: FileView, scope: int) -> Iterator[tuple[int, int]]:
    """(position, line) where a function or a script ends because nobody is signed in."""
    for block in view.blocks_of.get(scope, ()):
        asked = block.kind == "if" and block.subject is not None and is_always_asked(graph, view, block)
        if asked and block.subject is not None and _knows_nobody(view, block.subject, 0):
            end = next((c for n in view.calls_of.get(scope, ()) if _ends_in(view, n, block) for c in [view.facts.calls[n]]), None)
            if end is not None:
                yield end.start, end.line


def is_included(view: FileView, edge: Edge) -> bool:
    """Is it a file that a script includes under no condition?"""
    call = view.facts.calls[edge.site.call]
    around = (b for b in view.blocks_of.get(call.owner, ()) if b.start <= call.start and call.end <= b.end)
    return edge.kind == "callback" and edge.target.symbol.index == 0 and call.owner == 0 and not any(b.kind != "try" for b in around)


def _ends_in(view: FileView, number: int, block: Block) -> bool:
    """Does the call end the script, and stand in the block, under no condition within it?"""
    call = view.facts.calls[number]
    if _ENDS.match(callee_name(call) or "") is None or not (block.start <= call.start and call.end <= block.end):
        return False
    inner = (b for b in view.blocks_of.get(call.owner, ()) if b is not block and block.start <= b.start and b.end <= block.end)
    return not any(b.start <= call.start and call.end <= b.end for b in inner)


def _knows_nobody(view: FileView, test: Value, depth: int) -> bool:
    """Does the test hold for each request without a session of somebody?"""
    if depth > 6:
        return False
    if isinstance(test, Alt):
        return any(_knows_nobody(view, o, depth + 1) for o in test.options)
    if isinstance(test, CallRef):
        return _asks(view, test, _MISSING)
    if not isinstance(test, Op):
        return False
    if test.op in ("||", "or"):
        return any(_knows_nobody(view, o, depth + 1) for o in test.operands)
    if test.op in ("&&", "and"):
        return all(_knows_nobody(view, o, depth + 1) for o in test.operands)
    if test.op in ("!", "not"):
        return _is_caller(test.operands[0]) or _asks(view, test.operands[0], _GIVEN)
    said = next((o for o in test.operands if isinstance(o, Lit)), None)
    if said is None or not any(_is_caller(o) for o in test.operands):
        return False
    empty = said.value in _EMPTY
    return (test.op in ("!=", "!==") and not empty) or (test.op in ("==", "===") and empty)


def _asks(view: FileView, value: Value, asked: re.Pattern[str]) -> bool:
    if not isinstance(value, CallRef):
        return False
    call = view.facts.calls[value.call]
    return asked.match(callee_name(call) or "") is not None and any(_is_caller(a.value) for a in call.args[:1])


def _is_caller(value: Value) -> bool:
    """`$_SESSION["user"]`, `$_SESSION["user"]["id"]`, `$_SESSION["user"] ?? null`."""
    if isinstance(value, Op | Alt):
        parts = value.operands if isinstance(value, Op) else value.options
        return bool(parts) and _is_caller(parts[0]) and all(isinstance(p, Lit) and p.value in _EMPTY for p in parts[1:])
    if not isinstance(value, Index):
        return False
    if isinstance(value.base, Index):
        return _is_caller(value.base)
    known = isinstance(value.key, Lit) and isinstance(value.key.value, str) and _OF_CALLER.match(value.key.value) is not None
    return known and _SESSION.match(written(value.base)) is not None
