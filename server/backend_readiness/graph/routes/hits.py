"""Calls that match the route patterns of the active cards, each with what it is called on and the rule that it fits."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from re import Match

from backend_readiness.facts.file_index import COMPUTED
from backend_readiness.facts.model import Call, CallRef, Name
from backend_readiness.graph.classes.router_shells import hands_on_to_router
from backend_readiness.graph.evaluation.earlier_names import scope_of
from backend_readiness.graph.evaluation.loops import rounds
from backend_readiness.graph.evaluation.reached import is_reached
from backend_readiness.graph.evaluation.renamed import other_names
from backend_readiness.graph.evaluation.spelling import known_name, respelled
from backend_readiness.graph.evaluation.star_names import beside
from backend_readiness.graph.families import family
from backend_readiness.graph.plausible import may_register, may_register_in
from backend_readiness.graph.routes.decorator_makers import registrations_made
from backend_readiness.graph.routes.given_calls import hands_on, is_computed, sites_given
from backend_readiness.graph.routes.given_functions import sites_on_called_with
from backend_readiness.graph.routes.given_rounds import rounds_given
from backend_readiness.graph.routes.given_routers import held_by_object, sites_on_given
from backend_readiness.graph.routes.handed_groups import sites_on_handed
from backend_readiness.graph.routes.handed_to_base import hands_on_to_base, methods_behind
from backend_readiness.graph.routes.made_routers import sites_of_makers
from backend_readiness.graph.routes.own_spellings import own_spellings
from backend_readiness.graph.routes.rule_conditions import holds
from backend_readiness.graph.values import AV, Ext, Site, SymbolId, options
from backend_readiness.graph.views import FileView, callee_name
from backend_readiness.graph.world import Graph
from backend_readiness.rules.cards import Card, RouteRule

MAX_CHAIN = 60


@dataclass(frozen=True, slots=True)
class Hit:
    """A call whose callee matches a route rule."""

    site: Site
    call: Call
    callee: Ext
    rule: RouteRule
    card: Card
    match: Match[str]
    passed: bool = False  # the call passes on what its function was given
    over: SymbolId | None = None  # what the call is put on, when the decorator around it is one of the repository
    put: Site | None = None  # where that decorator stands

    @property
    def verb(self) -> str:
        return self.match.groupdict().get("verb") or ""


def hits_of(graph: Graph) -> dict[str, list[Hit]]:
    """Shape -> hits, in the order of files and places."""
    found: dict[str, list[Hit]] = {}
    index = graph.knowledge.routes
    others = other_names(graph)
    kept = list(_made(graph))
    read = {(h.site.file, h.site.call) for h in kept}
    for path, file in graph.production.items():
        wanted = index.names_in(family(file.language)) | others
        if not may_register_in(file, wanted | {COMPUTED} if wanted else wanted):
            continue
        view = graph.view(path)
        for number, call in enumerate(view.facts.calls):
            written = callee_name(call) or _of_made(view, call)
            name = known_name(view.language, written, wanted)
            if (name not in wanted and not (is_computed(call) and wanted)) or not may_register(call) or hands_on_to_base(view, number):
                continue
            if (path, number) in read or hands_on_to_router(graph.ev, view, call.owner):
                continue
            passed = sites_given(graph.ev, view, number)
            rows = rounds_given(graph.ev, view, number)
            if _says_more(rows, passed):
                passed = []  # what is passed on is a row of a table that the function was given
            given = [] if passed else sites_on_given(graph.ev, view, number)
            if _says_more(rows, given):
                given = []
            handed = bool(passed) or (bool(given) and hands_on(view, number))
            made = [] if handed else sites_of_makers(graph.ev, view, number) or sites_on_called_with(graph.ev, view, number)
            made = made or ([] if passed else sites_on_handed(graph.ev, view, number))
            for site in made or passed or given or rows or rounds(graph.ev, view, number):
                if site.env is not None and not is_reached(graph.ev, site, site.env):
                    continue
                called = graph.ev.value(call.callee, path, scope_of(view, call), site.env)
                meant = held_by_object(graph.ev, view, call, _known(options(called)))
                meant = meant or [*methods_behind(graph.ev, called, written, site), *own_spellings(graph, call, called, wanted)]
                for value in (*meant, *beside(graph.ev, view, call, called)):
                    if call.kind == "new" and isinstance(call.callee, Name) and value.base is not None and value.subject is not None:
                        continue  # `new Post(1)` makes an instance: the inherited method of that name is not called
                    value = respelled(value, written, name)
                    only: Card | None = None
                    for tagged, match in index.matches(value):
                        beside_it = bool(tagged.rule.options.get("beside"))  # another rule speaks of the same call
                        if (only is not None and not (beside_it and only.id in tagged.card.uses)) or not holds(
                            graph, site, tagged.rule.options
                        ):
                            continue
                        hit = Hit(site, call, value, tagged.rule, tagged.card, match, handed)
                        found.setdefault(tagged.rule.shape, []).append(hit)
                        only = only or (None if beside_it else tagged.card)
    if kept:
        found["decorator"] = [*found.get("decorator", ()), *kept]
    return found


def _of_made(view: FileView, call: Call) -> str:
    """The name of the call that gives what is called: `asgi("/files")(app)`."""
    return callee_name(view.facts.calls[call.callee.call]) or "" if isinstance(call.callee, CallRef) else ""


def _says_more(rows: list[Site], passed: list[Site]) -> bool:
    """Do the rounds of a loop say what variables are which the callers alone do not?"""
    known = max((len(s.env.args) for s in passed if s.env is not None), default=0)
    return any(s.env is not None and len(s.env.args) > known for s in rows)


def _made(graph: Graph) -> Iterator[Hit]:
    """The calls inside of functions that make decorators, once for each function that these are put on."""
    index = graph.knowledge.routes
    for site, over, put in registrations_made(graph, index):
        call = graph.view(site.file).facts.calls[site.call]
        made = options(graph.ev.value(call.callee, site.file, call.owner, site.env))
        for value in (m for m in made if isinstance(m, Ext)):
            for tagged, match in index.matches(value):
                if tagged.rule.shape == "decorator":
                    yield Hit(site, call, value, tagged.rule, tagged.card, match, True, over, put)


def _known(values: Iterable[AV]) -> list[Ext]:
    """What a call may mean. Beside something that was made in sight, what only has its type is what nobody calls the function with."""
    meant = [v for v in values if isinstance(v, Ext)]
    made = [v for v in meant if _origin(v).site is not None] if len(meant) > 1 else []
    return [v for v in meant if v in made or not _origin(v).path.endswith("()")] if made else meant


def _origin(value: Ext) -> Ext:
    """The first thing of a chain: what its first call gives, or a parameter of that type."""
    found, current = value, value.base
    for _ in range(MAX_CHAIN):
        if not isinstance(current, Ext):
            break
        found = current if current.path.endswith("()") else found
        current = current.base
    return found
