"""What a condition binds in its own head before it asks: `if err := save(); err != nil {`, `if ($row = find())`."""

from __future__ import annotations

from collections.abc import Iterator

from backend_readiness.facts.model import Assign, Block, Member, Name, Op, Value
from backend_readiness.graph.views import FileView

MAX_DEPTH = 5


def bound_in_head(view: FileView, block: Block) -> list[Assign]:
    """Statements in the head of an `if` that give its subject a value; what they call runs whichever way the condition goes."""
    if block.kind != "if" or block.subject is None:
        return []
    names = set(_names(block.subject, 0))
    found = []
    for name in names:
        for holder in view.enclosing(block.owner):
            for assign, _ in view.bindings.get((holder, name), ()):
                if assign.line == block.line and block.start <= assign.start < block.end:
                    found.append(assign)
    return found


def _names(value: Value | None, depth: int) -> Iterator[str]:
    if depth > MAX_DEPTH:
        return
    if isinstance(value, Name):
        yield value.id
    elif isinstance(value, Member):
        yield from _names(value.base, depth + 1)
    elif isinstance(value, Op):
        for operand in value.operands:
            yield from _names(operand, depth + 1)
