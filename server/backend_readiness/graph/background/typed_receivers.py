"""Receivers of messages that say by a type argument of their base what they receive: `class PayHandler : IRequestHandler<Pay, Unit>`."""

from __future__ import annotations

import re
from collections.abc import Iterator

from backend_readiness.facts.model import Index, Seq
from backend_readiness.graph.classes import inheritance
from backend_readiness.graph.patterns import compiled, last_step
from backend_readiness.graph.values import AV, ClassV, Ext, SymbolId, options
from backend_readiness.graph.world import Graph

MAX_RECEIVERS = 20_000


def typed_receivers(graph: Graph, bases: tuple[str, ...]) -> Iterator[tuple[ClassV, SymbolId]]:
    """(class, the class of the repository that is the first type argument of its base) for each class below one of the bases."""
    wanted = [compiled(b) for b in bases]
    below = graph.names_below(last_step(b) for b in bases)
    seen: set[SymbolId] = set()
    for where in (s for name in sorted(below) for s in graph.subclasses(name)):
        if where in seen or where.file not in graph.production or len(seen) >= MAX_RECEIVERS:
            continue
        seen.add(where)
        view = graph.view(where.file)
        for written in view.symbol(where.index).bases:
            if not isinstance(written, Index):
                continue
            first = written.key.items[0] if isinstance(written.key, Seq) and written.key.items else written.key
            if any(_is_below(graph, v, wanted) for v in options(graph.ev.value(written.base, where.file, where.index))):
                for key in options(graph.ev.value(first, where.file, where.index)):
                    if isinstance(key, ClassV):
                        yield ClassV(where), key.symbol


def _is_below(graph: Graph, value: AV, wanted: list[re.Pattern[str]]) -> bool:
    if isinstance(value, Ext):
        return any(w.fullmatch(value.path) for w in wanted)
    return isinstance(value, ClassV) and any(w.fullmatch(b.path) for b in inheritance.external_bases(graph.ev, value) for w in wanted)
