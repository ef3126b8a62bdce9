"""A rule of a card, kept with the card, and the languages that a card speaks of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Generic, TypeVar

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
