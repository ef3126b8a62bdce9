"""The HTTP methods a handler lets through: `if r.Method != "POST" { return }`, `switch r.Method`, `if … else if … else { refuse }`."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

from backend_readiness.facts.model import Block, Member, Name, Op, Seq, Value
from backend_readiness.graph.routes.routing import functions_in
from backend_readiness.graph.urls import texts
from backend_readiness.graph.values import AV, FuncV
from backend_readiness.graph.views import FileView, callee_name
from backend_readiness.graph.world import Graph

_NEAR = 8  # characters between a branch and the `else` or `else if` after it
_REFUSES = ("MethodNotAllowed", "StatusMethodNotAllowed", "Error", "NotFound", "WriteHeader")


def methods_taken(graph: Graph, handler: AV | None, member: str) -> list[str]:
    """The methods that the handler answers; empty when its body does not say. `member`: the name of the request's method."""
    function = next((f for f in functions_in(graph, handler) if isinstance(f, FuncV)), None)
    if function is None:
        return []
    view = graph.view(function.symbol.file)
    index = function.symbol.index
    given = {p.name for p in view.symbol(index).params}

    def is_method(value: Value | None) -> bool:
        return isinstance(value, Member) and value.name == member and isinstance(value.base, Name) and value.base.id in given

    def named(values: list[Value]) -> list[str]:
        found = [t.upper() for v in values for t in texts(graph.ev, graph.ev.value(v, view.path, index))]
        return found if found and all(t.isalpha() for t in found) else []

    for block in view.blocks_of.get(index, ()):
        if block.kind == "if" and isinstance(block.subject, Op):
            tests = block.subject.operands if block.subject.op == "and" else (block.subject,)
            refused = [t.operands[1] for t in tests if isinstance(t, Op) and t.op == "!=" and is_method(t.operands[0])]
            if len(refused) == len(tests) and _ends(view, index, block):
                return named(refused)
        elif block.kind == "switch" and is_method(block.subject):
            cases = [b for b in view.blocks_of[index] if b.kind == "case" and block.start <= b.start and b.end <= block.end]
            rest = [b for b in cases if b.subject is None]
            if all(b.empty or _refuses(view, b) for b in rest):
                return named(
                    [v for b in cases if b.subject is not None for v in (b.subject.items if isinstance(b.subject, Seq) else (b.subject,))]
                )
    return _compared(view, index, is_method, named)


def _compared(
    view: FileView, index: int, is_method: Callable[[Value | None], bool], named: Callable[[list[Value]], list[str]]
) -> list[str]:
    """The methods of a chain `if r.Method == "GET" { … } else if r.Method == "POST" { … } else { refuse }`.

    A chain within another condition, whose last branch does not refuse, or after which the body goes on, lets any method through.
    """
    blocks = view.blocks_of.get(index, ())
    tests = sorted((b for b in blocks if b.kind == "if" and isinstance(b.subject, Op)), key=lambda b: b.start)
    chain = [b for b in tests if isinstance(b.subject, Op) and b.subject.op in ("==", "===") and is_method(b.subject.operands[0])]
    if not chain or any(not 0 <= later.start - b.end <= _NEAR for b, later in pairwise(chain)):
        return []
    start, end = chain[0].start, chain[-1].end
    rest = next((b for b in blocks if b.kind == "else" and 0 <= b.start - end <= _NEAR), None)
    if rest is None or not _refuses(view, rest) or any(b.start < start and rest.end <= b.end for b in blocks):
        return []
    if any(c.owner == index and c.start > rest.end for c in view.facts.calls):
        return []
    return named([b.subject.operands[1] for b in chain if isinstance(b.subject, Op)])


def _ends(view: FileView, index: int, block: Block) -> bool:
    return any(block.start <= r.start < block.end for r in view.returns.get(index, ()))


def _refuses(view: FileView, block: Block) -> bool:
    return any(callee_name(c) in _REFUSES for c in view.facts.calls if block.start <= c.start and c.end <= block.end)
