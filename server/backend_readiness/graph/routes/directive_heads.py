"""What a call that holds routes is made of: `get { ... }`, `(get & path("x")) { ... }`, `(path("x") | path("y")) { ... }`."""

from __future__ import annotations

from collections.abc import Set as AbstractSet

from backend_readiness.facts.model import Call, CallRef, Name, Op, Seq, Value
from backend_readiness.graph.views import FileView

MAX_WAYS = 12
MAX_OPERANDS = 60
Head = tuple[str, Value | None]


def lone(call: Call) -> str:
    """The name of a call that a rule may speak of: one without a receiver."""
    return call.callee.id if isinstance(call.callee, Name) and call.kind == "call" else ""


def is_joined(call: Call) -> bool:
    return isinstance(call.callee, Op) and call.callee.op in ("&", "|")


def ways(view: FileView, call: Call, prefixes: AbstractSet[str] = frozenset()) -> list[list[Head]]:
    """For each way to what a call holds the names that it is made of, with their paths; several ways only where all are understood."""
    first = call.args[0].value if lone(call) in prefixes and len(call.args) > 1 else None
    if isinstance(first, Op) and first.op == "|":  # `path("orders" | "sold") { ... }`
        apart: list[list[Head]] = [[(lone(call), operand)] for operand in operands_of(first, "|")]
        return apart[:MAX_WAYS]
    if not is_joined(call):
        return [[(lone(call), None)]]
    found = [[h for o in operands_of(way, "&") for h in _head(view, o)] for way in operands_of(call.callee, "|")]
    return found[:MAX_WAYS] if all(found) else [[h for way in found for h in way]]


def operands_of(value: Value, operator: str = "") -> list[Value]:
    """The operands of nested operators from left to right, of one alone when it is named; the value itself when it is none."""
    found: list[Value] = []
    waiting = [value]
    while waiting and len(found) < MAX_OPERANDS:
        current = waiting.pop()
        if isinstance(current, Op) and (not operator or current.op == operator):
            waiting.extend(reversed(current.operands))
        else:
            found.append(current)
    return found


def _head(view: FileView, operand: Value) -> list[Head]:
    if isinstance(operand, Name):
        return [(operand.id, None)]
    if isinstance(operand, CallRef):
        inner = view.facts.calls[operand.call]
        return [(lone(inner), inner.args[0].value if inner.args else None)]
    return []


def pair_of(value: Value) -> tuple[Value, ...]:
    """A path and the routes below it: `"/x" -> routes`, `("/x", routes)`, `"/x" -> a <+> b`; empty for anything else."""
    pair: tuple[Value, ...] = value.operands if isinstance(value, Op) and value.op == "->" else ()
    pair = tuple(value.items) if isinstance(value, Seq) else pair
    if len(pair) != 2 and isinstance(value, Op) and isinstance(value.operands[0], Op):
        first = value.operands[0]
        pair = (first.operands[0], Seq((*first.operands[1:], *value.operands[1:]))) if first.op == "->" else ()
    return pair if len(pair) == 2 else ()
