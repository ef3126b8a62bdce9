"""What runs before a handler because its signature, or the body of its class, asks for it: `Depends(current_user)`."""

from __future__ import annotations

from collections.abc import Iterator

from backend_readiness.facts.model import CallRef, Index, Member, Name, Seq, Value
from backend_readiness.graph.classes import inheritance
from backend_readiness.graph.evaluation import exports
from backend_readiness.graph.evaluation.calls import called_member
from backend_readiness.graph.handling.extractors import extracting
from backend_readiness.graph.routes.routing import functions_in
from backend_readiness.graph.values import AV, ClassV, Ext, FuncV, InstV, Site, SymbolId, options
from backend_readiness.graph.world import Graph

MAX_DEPTH = 5
MAX_FIELDS = 40


def asked_for(graph: Graph, function: FuncV, depth: int = 0) -> list[FuncV]:
    """Functions that a handler asks for, outermost first, with those that they ask for."""
    found: list[FuncV] = []
    for site in asking_sites(graph, function):
        call = graph.view(site.file).facts.calls[site.call]
        for value in options(graph.ev.value(call.callee, site.file, call.owner)):
            if isinstance(value, Ext) and graph.knowledge.dependencies.matches(value):
                for inner in run_by(graph, graph.ev.arg_value(site, 0)):
                    if depth < MAX_DEPTH:
                        found.extend(asked_for(graph, inner, depth + 1))
                        found.append(inner)
    return [*found, *extracting(graph, function)]


def run_by(graph: Graph, value: AV | None) -> Iterator[FuncV]:
    """The functions that a guard or a dependency stands for, and what runs when an object of the repository is called like one."""
    yield from (f for f in functions_in(graph, value) if isinstance(f, FuncV))
    for option in options(value) if value is not None else ():
        called = called_member(graph.ev, option) if isinstance(option, InstV) else None
        if isinstance(called, FuncV):
            yield called


def asking_sites(graph: Graph, function: FuncV) -> list[Site]:
    """Calls in defaults and annotations, also behind a name that stands for an annotated type, and in the body of the class."""
    found: list[Site] = []

    def visit(value: Value | None, file: str, depth: int) -> None:
        if isinstance(value, CallRef):
            found.append(Site(file, value.call, None))
        elif isinstance(value, Index):
            visit(value.key, file, depth)
        elif isinstance(value, Seq):
            for item in value.items:
                visit(item, file, depth)
        elif isinstance(value, Name | Member) and depth < 3:
            place = exports.assigned_at(graph.ev, value, file, 0)
            if place is not None and isinstance(place[1], Index):
                visit(place[1], place[0].path, depth + 1)

    where = function.symbol
    symbol = graph.view(where.file).symbol(where.index)
    for file, value in _fields(graph, where) if symbol.kind == "method" else ():
        visit(value, file, 0)
    for param in symbol.params:
        visit(param.default, where.file, 0)
        visit(param.type, where.file, 0)
    return found


def _fields(graph: Graph, method: SymbolId) -> Iterator[tuple[str, Value]]:
    """(file, call) that the bodies of a method's class and of its bases in the repository give their fields, the nearest of each name."""
    parent = graph.view(method.file).symbol(method.index).parent
    if parent <= 0:
        return
    own = ClassV(SymbolId(method.file, parent))
    seen: set[str] = set()
    for cls in (own, *(b for b in inheritance.bases(graph.ev, own) if isinstance(b, ClassV))):
        for assign in graph.view(cls.symbol.file).assigns_of.get(cls.symbol.index, ())[:MAX_FIELDS]:
            if isinstance(assign.target, Name) and assign.target.id not in seen:
                seen.add(assign.target.id)
                if isinstance(assign.value, CallRef):
                    yield cls.symbol.file, assign.value
