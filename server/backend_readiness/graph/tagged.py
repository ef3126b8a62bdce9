"""A rule of a card, kept with the card, and the languages that a card speaks of."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Generic, TypeVar

from backend_readiness.graph.patterns import in_names, names_in
from backend_readiness.rules.cards import Card

R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class Tagged(Generic[R]):
    """A rule with the card that it came from."""

    rule: R
    card: Card


def spoken(card: Card) -> tuple[str, ...]:
    """The languages whose files a card speaks of: those it names, else that of its folder."""
    return card.languages or (card.id.partition("/")[0],)


def beginnings(starts: Iterable[str]) -> set[str]:
    """All beginnings, up to a name, of the paths with which patterns start."""
    found: set[str] = set()
    for start in starts:
        parts = in_names(start).split(".")
        found.update(".".join(parts[:n]) for n in range(1, len(parts) + 1))
    return found


def written_out(card: Card, patterns: Callable[[Card, tuple[str, ...]], list[str]]) -> set[str]:
    """The names of packages that a card writes out of its patterns: bases, options, marks."""
    found: set[str] = set()
    for rule in card.routes:
        named = [n.partition("(")[0] for n in names_in(rule.options)]
        holders = (n.rpartition(".")[0] for n in named)  # `FormLoginHandler.create`: the class is a name too
        found.update((*patterns(card, rule.base), *named, *(h for h in holders if h.rpartition(".")[2][:1].isupper())))
    for taken in card.inputs:
        found.update(patterns(card, taken.marks))
    for sent in card.service_requests:
        found.update(patterns(card, (sent.callee,) if isinstance(sent.callee, str) else sent.callee))
    for asked in card.declared_requests:
        found.update((*patterns(card, (asked.callee,) if isinstance(asked.callee, str) else asked.callee), *patterns(card, asked.marks)))
    for named_by in card.method_calls:
        found.update(beginnings(p.partition("(")[0] for p in patterns(card, named_by.callee)))
    for bus in card.buses:
        found.update((*bus.receive_base, *bus.around_base, *bus.marks))
    for job in card.jobs:
        found.update(job.base)
    return found
