"""The HTTP methods that a handler's own body lets through: `if r.Method != "POST" { return }`, `switch r.Method { case "GET": ... }`."""

from __future__ import annotations

from backend_readiness.facts.model import Block, Member, Name, Op, Seq, Value
from backend_readiness.graph.routing import functions_in
from backend_readiness.graph.urls import texts
from backend_readiness.graph.values import AV, FuncV
from backend_readiness.graph.views import FileView, callee_name
from backend_readiness.graph.world import Graph

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
    return []


def _ends(view: FileView, index: int, block: Block) -> bool:
    return any(block.start <= r.start < block.end for r in view.returns.get(index, ()))


def _refuses(view: FileView, block: Block) -> bool:
    return any(callee_name(c) in _REFUSES for c in view.facts.calls if block.start <= c.start and c.end <= block.end)
