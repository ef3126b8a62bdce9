"""Errors that are looked at and then left: `if err != nil { log.Println(err) }`, after which the function goes on."""

from __future__ import annotations

import re
from dataclasses import dataclass

from backend_readiness.controls.context import Context
from backend_readiness.facts.model import Block, Call, CallRef, Lit, Name, Op, Seq, Value
from backend_readiness.graph.values import SymbolId
from backend_readiness.graph.views import FileView, callee_name

LANGUAGES = frozenset({"go"})  # errors are values there, and a condition asks for them
_NOTES = re.compile(r"(?i)^(print(f|ln)?|log\w*|debug\w*|info\w*|warn\w*|error(f|ln|w)?|with\w*|trace\w*)$")
_LEAVES = re.compile(r"\b(continue|break|goto)\b")
_NEAR = 8  # characters between a branch and its `else`


@dataclass(frozen=True, slots=True)
class Left:
    """A condition on an error whose body only notes it. `writes`: the call that gave the error changes data."""

    function: SymbolId
    line: int
    writes: bool


def left_errors(context: Context) -> list[Left]:
    """Errors of data calls that the functions of the flow note and forget, in the order of the chain."""
    made = {(e.site.file, e.site.call): e.operation for e, _ in context.effects}
    found: list[Left] = []
    for reached in context.functions:
        where = reached.function.symbol
        view = context.view(where.file)
        if view.language not in LANGUAGES:
            continue
        for scope in view.body(where.index):
            for block in view.blocks_of.get(scope, ()):
                name = _asked(block)
                call = _source(view, block, name) if name is not None else None
                operation = made.get((where.file, call)) if call is not None else None
                if name is not None and operation is not None and _only_noted(context, view, block, name):
                    found.append(Left(where, block.line, operation in ("write", "delete")))
    return found


def _asked(block: Block) -> str | None:
    """The name of `if <name> != nil`."""
    test = block.subject
    if block.kind != "if" or not isinstance(test, Op) or test.op != "!=" or len(test.operands) != 2:
        return None
    name, nothing = test.operands
    return name.id if isinstance(name, Name) and nothing == Lit(None) else None


def _source(view: FileView, block: Block, name: str) -> int | None:
    """The call whose result the name holds before the block."""
    bound = [a for a in view.facts.assigns if a.owner == block.owner and a.target == Name(name)]
    before = [a for a in bound if a.start < block.start or (a.start < block.end and a.line == block.line)]  # `if err := save(); err != nil`
    value = max(before, key=lambda a: a.start).value if before else None
    if isinstance(value, Op) and value.op == "result":
        value = value.operands[0]
    return value.call if isinstance(value, CallRef) else None


def _only_noted(context: Context, view: FileView, block: Block, name: str) -> bool:
    inside = _calls_in(view, block)
    if not inside or not all(_NOTES.match(callee_name(c) or "") for c in inside):
        return False
    returns = view.returns.get(block.owner, ())
    if any(block.start <= r.start < block.end or (r.start > block.end and _holds(r.value, name)) for r in returns):
        return False
    if any(block.start <= a.start < a.end <= block.end and a.line > block.line for a in view.facts.assigns):
        return False
    if any(b.kind == "else" and 0 <= b.start - block.end <= _NEAR for b in view.blocks_of.get(block.owner, ())):
        return False
    lines = context.snapshot.lines(view.path)[block.line - 1 : block.end_line]
    return not any(_LEAVES.search(text) for text in lines)


def _calls_in(view: FileView, block: Block) -> list[Call]:
    """The calls of the body: those of the condition stand on its first line."""
    own = (view.facts.calls[n] for scope in view.body(block.owner) for n in view.calls_of.get(scope, ()))
    return [c for c in own if block.start <= c.start < c.end <= block.end and c.line > block.line]


def _holds(value: Value | None, name: str) -> bool:
    if isinstance(value, Seq):
        return any(_holds(v, name) for v in value.items)
    if isinstance(value, Op):
        return any(_holds(v, name) for v in value.operands)
    return value == Name(name)
