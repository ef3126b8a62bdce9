"""What a struct answers with by an interface that it embeds: `type Router struct { http.Handler }` and `r.Handler = r.routes()`."""

from __future__ import annotations

from backend_readiness.facts.builder import last_name
from backend_readiness.facts.model import Member
from backend_readiness.graph.values import AV, Ext, InstV, options
from backend_readiness.graph.world import Graph

MAX_FOUND = 4


def embedded(graph: Graph, instance: InstV) -> list[AV]:
    """The values that its file assigns to embedded interfaces of packages."""
    where = instance.cls.symbol
    view = graph.view(where.file)
    written = view.symbol(where.index).bases
    outside = {
        name
        for b in written
        if (name := last_name(b)) and all(isinstance(o, Ext) for o in options(graph.ev.value(b, where.file, where.index)))
    }
    found: list[AV] = []
    for assign in view.facts.assigns if outside else ():
        target = assign.target
        if isinstance(target, Member) and target.name in outside and assign.value is not None and len(found) < MAX_FOUND:
            held = graph.ev.value(target.base, where.file, assign.owner)
            if any(isinstance(o, InstV) and o.cls.symbol == where for o in options(held)):
                found.append(graph.ev.value(assign.value, where.file, assign.owner))
    return found
