"""Receivers of messages that say by a type argument of their base what they receive: `class PayHandler : IRequestHandler<Pay, Unit>`."""

from __future__ import annotations

import re
from collections.abc import Iterator

from backend_readiness.facts.model import Index, Member, Name, Seq, Value
from backend_readiness.graph.classes import inheritance
from backend_readiness.graph.patterns import compiled, last_step
from backend_readiness.graph.values import AV, ClassV, Ext, FuncV, InstV, SymbolId, options
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


def taking(graph: Graph, cls: ClassV, key: SymbolId, methods: tuple[str, ...]) -> list[tuple[str | None, FuncV]]:
    """Of several methods of one name those that take the message: `Consume(ConsumeContext<Paid> paid)` beside one of `Packed`."""
    view = graph.view(cls.symbol.file)
    message = graph.view(key.file).symbol(key.index).name
    same = [child for name in methods for child in view.named_children.get((cls.symbol.index, name), ())]
    if len(same) < 2:
        return []
    fits = [child for child in same if any(_is_of(p.type, message) for p in view.symbol(child).params[:1])]
    return [(None, FuncV(SymbolId(cls.symbol.file, child), InstV(cls))) for child in fits]


def _is_of(written: Value | None, name: str) -> bool:
    """Is a type that is written of this name, or about it?"""
    match written:
        case Name():
            return written.id == name
        case Member():
            return written.name == name
        case Index():
            return _is_of(written.key, name)
        case Seq():
            return any(_is_of(item, name) for item in written.items)
    return False
