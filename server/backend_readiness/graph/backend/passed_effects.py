"""Operations on data that are passed on by name: `found.map(orders::save)`, `asyncio.to_thread(notes.insert_one, note)`."""

from __future__ import annotations

from collections.abc import Iterator

from backend_readiness.facts.model import Member
from backend_readiness.graph.backend.effects import Effect, effect_of
from backend_readiness.graph.evaluation.earlier_names import callee_value
from backend_readiness.graph.references import argument_value
from backend_readiness.graph.values import AV, Ext, Site, options
from backend_readiness.graph.world import Graph

LANGUAGES = frozenset({"java", "kotlin"})  # where a member that names a method is a reference to it and no property
MAX_PASSED = 4


def passed(graph: Graph, site: Site) -> Iterator[Effect]:
    """What the arguments of a call do when it runs them.

    Elsewhere a member may be a property, so that only what a card says that the call runs counts.
    """
    view = graph.view(site.file)
    call = view.facts.calls[site.call]
    if not call.args:
        return
    if view.language not in LANGUAGES:
        yield from _run_by_card(graph, site)
        return
    for arg in call.args[:MAX_PASSED]:
        if isinstance(arg.value, Member):
            yield from _done(graph, graph.ev.value(arg.value, site.file, call.owner, site.env), site)


def _run_by_card(graph: Graph, site: Site) -> Iterator[Effect]:
    for callee in options(callee_value(graph.ev, graph.view(site.file), site.call, site.env)):
        if not isinstance(callee, Ext):
            continue
        for tagged, _ in graph.knowledge.dispatch.matches(callee):
            rule = tagged.rule
            if rule.among or rule.hook or rule.task_file or rule.message is not None:  # the argument is a name or a message
                continue
            for ref in (r for r in rule.calls if not r.member):
                found = argument_value(graph.ev, site, ref, callee)
                if found is not None:
                    yield from _done(graph, found, site)


def _done(graph: Graph, value: AV, site: Site) -> Iterator[Effect]:
    for option in options(value):
        effect = effect_of(graph, option, site) if isinstance(option, Ext) and not option.path.endswith(")") else None
        if effect is not None and effect.statement is None:
            yield effect
