"""Annotations of the repository that carry others: what they decorate has what they carry (`@Audit` for `@GetMapping("/audit")`)."""

from __future__ import annotations

from collections.abc import Iterator

from backend_readiness.facts.model import CallRef
from backend_readiness.graph.values import InstV, Site, SymbolId, options
from backend_readiness.graph.world import Graph

MAX_CARRIED = 4
MAX_USES = 2_000


def uses(graph: Graph, annotation: SymbolId, depth: int = 0) -> Iterator[tuple[SymbolId, Site]]:
    """(method, call of the decorator) for each method that the annotation decorates, itself or through one that carries it."""
    name = graph.view(annotation.file).symbol(annotation.index).name
    count = 0
    for file in graph.naming(name) if name else ():
        view = graph.view(file)
        for index, symbol in enumerate(view.facts.symbols) if file in graph.production else ():
            for decorator in symbol.decorators:
                if not isinstance(decorator, CallRef) or not _means(graph, file, decorator, annotation):
                    continue
                count += 1
                if count > MAX_USES:
                    return
                if symbol.kind == "interface" and depth < MAX_CARRIED:
                    yield from uses(graph, SymbolId(file, index), depth + 1)
                elif symbol.kind == "method":
                    yield SymbolId(file, index), Site(file, decorator.call, None)


def _means(graph: Graph, file: str, decorator: CallRef, annotation: SymbolId) -> bool:
    owner = graph.view(file).facts.calls[decorator.call].owner
    return any(isinstance(v, InstV) and v.cls.symbol == annotation for v in options(graph.ev.value(decorator, file, owner)))
