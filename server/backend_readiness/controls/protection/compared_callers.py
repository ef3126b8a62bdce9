"""Conditions that compare the caller with an object: what they decide, and whether they turn away who is nobody."""

from __future__ import annotations

from collections.abc import Callable

from backend_readiness.facts.model import Block, Lit, Name, Op, Value
from backend_readiness.graph.values import SymbolId
from backend_readiness.graph.views import FileView

_EMPTY = (None, "", "nil", "null", "undefined")


def decides(view: FileView, block: Block) -> bool:
    """Does a branch do anything besides setting a field: `if follower == caller { answer.Following = true }` only tells?"""
    inside = [a for a in view.facts.assigns if block.start <= a.start < block.end and a.line > block.line]
    acts = (
        any(block.start <= r.start < block.end for r in view.facts.returns)
        or any(block.start <= t.start < block.end for t in view.facts.throws)
        or any(block.line < c.line and block.start <= c.start < block.end for c in view.facts.calls)
    )
    return acts or not inside


_Asks = Callable[[Value, str, int], bool]


def only_compares(view: FileView, where: SymbolId, line: int, compares: _Asks, is_caller: _Asks) -> bool:
    """Is a line of a function reached where the caller is not the one of an object, and not where there is none?"""
    around = [
        b
        for scope in view.body(where.index)
        for b in view.blocks_of.get(scope, ())
        if b.kind == "if" and b.subject is not None and b.line < line <= b.end_line
    ]
    nearest = max(around, key=lambda b: b.start, default=None)
    if nearest is None or nearest.subject is None or not compares(nearest.subject, where.file, nearest.owner):
        return False
    return not _asks_for_nobody(nearest.subject, lambda v: is_caller(v, where.file, where.index))


def _asks_for_nobody(value: Value, caller: Callable[[Value], bool]) -> bool:
    if not isinstance(value, Op):
        return False
    if value.op in ("!", "not") and len(value.operands) == 1 and caller(value.operands[0]):
        return True
    empty = any((isinstance(o, Lit) and o.value in _EMPTY) or (isinstance(o, Name) and o.id in _EMPTY) for o in value.operands)
    if value.op in ("==", "===", "is") and empty and any(caller(o) for o in value.operands):
        return True
    return any(_asks_for_nobody(o, caller) for o in value.operands)
