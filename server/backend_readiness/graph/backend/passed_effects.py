"""Operations on data that are passed on by name: `found.map(orders::save)`, `empty.orElseGet(orders::findAll)`."""

from __future__ import annotations

from collections.abc import Iterator

from backend_readiness.facts.model import Member
from backend_readiness.graph.backend.effects import Effect, effect_of
from backend_readiness.graph.values import Ext, Site, options
from backend_readiness.graph.world import Graph

LANGUAGES = frozenset({"java", "kotlin"})  # where a member that names a method is a reference to it and no property
MAX_PASSED = 4


def passed(graph: Graph, site: Site) -> Iterator[Effect]:
    """What the arguments of a call do when it runs them."""
    view = graph.view(site.file)
    if view.language not in LANGUAGES:
        return
    call = view.facts.calls[site.call]
    for arg in call.args[:MAX_PASSED]:
        if isinstance(arg.value, Member):
            for value in options(graph.ev.value(arg.value, site.file, call.owner, site.env)):
                effect = effect_of(graph, value, site) if isinstance(value, Ext) and not value.path.endswith(")") else None
                if effect is not None and effect.statement is None:
                    yield effect
