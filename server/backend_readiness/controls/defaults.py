"""What the framework of the flow does by itself, and whether the application says otherwise. The knowledge stands in the cards."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from backend_readiness.controls.context import Context
from backend_readiness.controls.deployed.development import stands_in_development
from backend_readiness.controls.strangers import speaks_for_others
from backend_readiness.model import Evidence
from backend_readiness.rules.cards import Card
from backend_readiness.rules.default_rules import FrameworkDefault, Topic

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Default:
    """`at`: the line that switches it on, where one must. `off`: the line that switches it off. `otherwise`: a line that sets it anew.
    `beside`: a line that starts something else, for which it does not hold.
    """

    rule: FrameworkDefault
    at: Evidence | None = None
    off: Evidence | None = None
    otherwise: Evidence | None = None
    beside: Evidence | None = None

    @property
    def holds(self) -> bool:
        return self.off is None and self.otherwise is None


def default_of(context: Context, topic: Topic) -> Default | None:
    """The default of the flow's framework; None when its card states none, or when nothing in the backend switches it on."""
    for card in framework_cards(context):
        rule = card.defaults.get(topic)
        if rule is None or (rule.methods and not all(r.route.endpoint.method in rule.methods for r in context.routes)):
            continue
        if rule.holds_since and is_before(context, rule.holds_since):
            return None
        at = _first(context, rule, rule.when)
        if rule.when and at is None and is_since(context, rule) is not True:
            return None
        if not rule.when and rule.since and is_since(context, rule) is False:
            return None
        return Default(
            rule=rule,
            at=at,
            off=_first(context, rule, rule.disabled),
            otherwise=_first(context, rule, rule.unless),
            beside=_first(context, rule, rule.beside),
        )
    return None


def brought_defaults(context: Context, topic: Topic) -> Iterator[Default]:
    """The defaults of frameworks that the application uses, also beside that of the flow's routes, where a line switches them on."""
    for card in context.graph.knowledge.cards:
        rule = card.defaults.get(topic)
        at = _first(context, rule, rule.when) if rule is not None else None
        if rule is not None and at is not None:
            yield Default(rule=rule, at=at, off=_first(context, rule, rule.disabled), otherwise=_first(context, rule, rule.unless))


def is_since(context: Context, rule: FrameworkDefault) -> bool | None:
    """Does a declared version say that the default holds by itself? None where no version is declared, or the rule names none."""
    said = [_is_least(context.dependencies().get(name, ""), least) for name, least in rule.since.items()]
    return True if True in said else False if False in said else None


def is_before(context: Context, least: Mapping[str, str]) -> bool:
    """Is one of the packages declared in an older version than is named for it? Not where no version is declared."""
    return any(_is_least(context.dependencies().get(name, ""), version) is False for name, version in least.items())


def _is_least(version: str, least: str) -> bool | None:
    found = re.match(r"[^\d$]*(\d+(?:\.\d+)*)", version)
    if found is None:
        return None
    return [int(n) for n in found.group(1).split(".")[:4] if len(n) < 9] >= [int(n) for n in least.split(".")]


def library_default(context: Context, topic: Topic) -> Default | None:
    """The default of a data library that the flow goes through; None as with `default_of`."""
    for rule in library_rules(context, topic):
        at = _first(context, rule, rule.when)
        if not rule.when or at is not None:
            return Default(rule=rule, at=at, off=_first(context, rule, rule.disabled), otherwise=_first(context, rule, rule.unless))
    return None


def local_times(context: Context) -> Default | None:
    """The first data library of the flow that writes times without their zone, by a setting or mark of the application."""
    for rule in library_rules(context, "utc_times"):
        off = _first(context, rule, rule.disabled)
        if off is not None:
            return Default(rule=rule, at=_first(context, rule, rule.when), off=off, otherwise=None)
    return None


def library_rules(context: Context, topic: Topic) -> list[FrameworkDefault]:
    """What the cards of the flow's data libraries state, without a look at the application."""
    known = context.graph.knowledge.all_cards
    cards = [known[c] for c in dict.fromkeys(e.card for e, _ in context.effects) if c in known]
    return [c.defaults[topic] for c in cards if topic in c.defaults]


def place_named(context: Context, topic: Topic) -> Evidence | None:
    """The line that a card names as the place of the topic, the patterns in their order; of several the one nearest to the flow's route."""
    for card in framework_cards(context):
        rule = card.defaults.get(topic)
        for pattern in rule.place if rule is not None else ():
            found = context.hits((pattern,), rule.paths) if rule is not None else []
            if found:
                return context.at(*nearest(context, found, lambda hit: hit[0])[:2])
    return None


def nearest(context: Context, found: Sequence[T], file_of: Callable[[T], str]) -> T:
    """Of things in several files the first that is nearest to the flow's route."""
    return min(found, key=lambda one: distance(context, file_of(one)))


def distance(context: Context, file: str) -> tuple[int, int]:
    """How far a file stands from the flow's route: the folders that do not lie above the route, then how few it has in common with it.

    A repository may make several applications (`src/main.ts`, `src/worker/main.ts`); the one below which the route stands serves it.
    """
    route = context.routes[0].route.place.file.split("/")[:-1] if context.routes else []
    folder = file.split("/")[:-1]
    shared = next((i for i, (a, b) in enumerate(zip(folder, route, strict=False)) if a != b), min(len(folder), len(route)))
    return len(folder) - shared, -shared


def place_of(context: Context, rule: FrameworkDefault) -> Evidence | None:
    """Where the default would be switched on."""
    if rule.since and is_since(context, rule) is not False:
        return None
    found = context.hits(rule.place, rule.paths) if rule.place else []
    return context.at(*_nearest(context, found)[:2]) if found else None


def _nearest(context: Context, found: Sequence[tuple[str, int, str]]) -> tuple[str, int, str]:
    """The first hit in the file that puts up the flow's route, else in a folder above it: other programs may lie beside the backend."""
    files = {r.route.place.file for r in context.routes}
    above = {f[: i + 1] for f in files for i, c in enumerate(f) if c == "/"} | {""}
    return min(found, key=lambda h: (h[0] not in files, h[0][: h[0].rfind("/") + 1] not in above))


def states(context: Context, topic: Topic) -> FrameworkDefault | None:
    """The rule of the card, without a look at the application."""
    return next((card.defaults[topic] for card in framework_cards(context) if topic in card.defaults), None)


def switched_off(context: Context, rule: FrameworkDefault) -> Evidence | None:
    """The line that switches it off for certain, whether or not it would hold by itself."""
    return _first(context, rule, rule.disabled)


def _first(context: Context, rule: FrameworkDefault, patterns: tuple[str, ...]) -> Evidence | None:
    found = context.hits(patterns, rule.paths) if patterns else []
    if patterns is rule.disabled:  # what only development switches off holds where the application is deployed
        found = [h for h in found if not stands_in_development(context, *h[:2])]
    if patterns is rule.unless:  # what another handler's class leaves out, the flow's keeps
        found = [h for h in found if not speaks_for_others(context, *h[:2])]
    return context.at(*found[0][:2]) if found else None


def framework_cards(context: Context) -> Iterator[Card]:
    """The card of the flow's framework, then those that it stands on."""
    known = context.graph.knowledge.all_cards
    queue = [context.framework] if context.framework else []
    seen: set[str] = set()
    while queue:
        card = known.get(queue.pop(0))
        if card is not None and card.id not in seen:
            seen.add(card.id)
            yield card
            queue += card.uses
