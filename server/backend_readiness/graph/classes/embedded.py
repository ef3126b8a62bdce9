"""What a struct answers with by what it embeds: `type Router struct { http.Handler }` and `r.Handler = r.routes()`, `Api{Router: r}`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from backend_readiness.facts.builder import last_name
from backend_readiness.facts.model import Member
from backend_readiness.graph.classes import constructed
from backend_readiness.graph.values import AV, Ext, InstV, options
from backend_readiness.graph.world import Graph

if TYPE_CHECKING:
    from backend_readiness.graph.evaluation.evaluate import Evaluator

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


def embedded_router(ev: Evaluator, instance: InstV) -> Ext | None:
    """What a literal of the struct puts into a field that it embeds, with the call that made it: `&Api{Router: NewRouter()}`."""
    where = instance.cls.symbol
    view = ev.world.view(where.file)
    for base in view.symbol(where.index).bases:
        name = last_name(base)
        made = constructed.given_field(ev, instance, view, where.index, name) if name else None
        if made is None and name and instance.site is None:
            made = constructed.kept_field(ev, instance.cls, name)
        for option in options(made) if made is not None else ():
            if isinstance(option, Ext) and option.site is not None and option.known:
                return option
    return None
