"""Errors that are looked at and then left: `if err != nil { log.Println(err) }`, after which the function goes on."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from backend_readiness.controls.context import Context
from backend_readiness.facts.model import Block, Call, CallRef, Lit, Name, Op, Seq, Value
from backend_readiness.graph.backend.pruning import Reached
from backend_readiness.graph.values import FuncV, SymbolId, options
from backend_readiness.graph.views import FileView, callee_name
from backend_readiness.model import Stage

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
    return [left for asked, left in _of_data(context) if _only_noted(context, asked.view, asked.block, asked.name)]


def taken_for_absent(context: Context) -> list[Left]:
    """`if err == nil { return conflict }` after a query, and nobody looks at the error again: an outage reads like no row."""
    made = {(e.site.file, e.site.call) for e, _ in context.effects if e.operation == "read"}
    reach = _that_query(context)
    found: list[Left] = []
    for asked in _conditions(context, "=="):
        view, where = asked.view, asked.reached.function.symbol
        if not _is_last_word(context, view, where, asked.block, asked.name):
            continue
        call = view.facts.calls[asked.call]
        callees = options(context.graph.ev.value(call.callee, where.file, call.owner, asked.reached.env))
        if (where.file, asked.call) in made or any(isinstance(v, FuncV) and v.symbol in reach for v in callees):
            found.append(Left(where, asked.block.line, writes=False))
    return found


def hidden_errors(context: Context) -> list[Left]:
    """`if err != nil { log.Println(err); return nil }` after a data call, in a function that hands no error on: its caller goes on."""
    found: list[Left] = []
    for asked, left in _of_data(context):
        view, block = asked.view, asked.block
        returns = view.returns.get(asked.scope, ())
        if any(_holds(r.value, asked.name) for r in returns):
            continue
        inside = _calls_in(view, block)
        given = [r.value for r in returns if block.start <= r.start < block.end]
        if inside and all(_NOTES.match(callee_name(c) or "") for c in inside) and given and all(v == Lit(None) for v in given):
            found.append(left)
    return found


@dataclass(frozen=True, slots=True)
class _Asked:
    """A condition, below the symbol `scope` of a function of the flow, on the error `name` that the call with the number `call` gave."""

    reached: Reached
    view: FileView
    scope: int
    block: Block
    name: str
    call: int


def _conditions(context: Context, operator: str = "!=") -> Iterator[_Asked]:
    for reached in context.functions:
        where = reached.function.symbol
        view = context.view(where.file)
        for scope in view.body(where.index) if view.language in LANGUAGES else ():
            for block in view.blocks_of.get(scope, ()):
                name = _asked(block, operator)
                call = _source(view, block, name) if name is not None else None
                if name is not None and call is not None:
                    yield _Asked(reached, view, scope, block, name, call)


def _of_data(context: Context) -> Iterator[tuple[_Asked, Left]]:
    """The conditions on errors of data calls, each with what there is to say of it."""
    made = {(e.site.file, e.site.call): e.operation for e, _ in context.effects}
    for asked in _conditions(context):
        where = asked.reached.function.symbol
        operation = made.get((where.file, asked.call))
        if operation is not None:
            yield asked, Left(where, asked.block.line, operation in ("write", "delete"))


def _that_query(context: Context) -> set[SymbolId]:
    """The functions of the chain below which a query stands."""
    found: set[SymbolId] = set()
    for backend in context.backends:
        above: set[int] = set()
        for link in backend.links:
            parent = link.parent if link.stage is Stage.DATA and link.operation == "read" else None
            while parent is not None and parent not in above:
                above.add(parent)
                parent = backend.links[parent].parent
        found |= {r.function.symbol for r in backend.functions if r.link in above}
    return found


def _is_last_word(context: Context, view: FileView, where: SymbolId, block: Block, name: str) -> bool:
    """Does the block return, and is the error given anew or not read after it?"""
    returns = view.returns.get(block.owner, ())
    if not any(block.start <= r.start < block.end for r in returns):
        return False
    lines = context.snapshot.lines(view.path)[block.end_line - 1 : view.symbol(where.index).end_line]
    word = re.compile(rf"\b{re.escape(name)}\b")
    after = next((text for text in lines if word.search(text) is not None), "")
    return re.search(r"\belse\b", lines[0] if lines else "") is None and (
        not after or re.match(rf"\s*(?:if\s+)?(?:[\w.]+\s*,\s*)*{re.escape(name)}\s*:?=(?!=)", after) is not None
    )


def _asked(block: Block, operator: str = "!=") -> str | None:
    """The name of `if <name> != nil`."""
    test = block.subject
    if block.kind != "if" or not isinstance(test, Op) or test.op != operator or len(test.operands) != 2:
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
