"""Calls that put up middleware which the cards describe, with the rule that says how to read their options."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

from backend_readiness.controls.callees import Found, named_calls
from backend_readiness.controls.context import Context
from backend_readiness.graph.patterns import PatternIndex
from backend_readiness.graph.values import Ext, Site, Thunk, options
from backend_readiness.graph.views import callee_name
from backend_readiness.rules.cards import Card
from backend_readiness.rules.protection_rules import MountRule

R = TypeVar("R", bound=MountRule)

# No call has so many arguments: what is asked for there is found by its key alone.
KEYWORDS = 99


def mounted(context: Context, rules: Callable[[Card], Iterable[R]]) -> Iterator[tuple[Found, R]]:
    """The calls of the backend that a rule of the active cards describes: by their path, or by their name and what they are given."""
    known = context.graph.knowledge
    paths: PatternIndex[R] = PatternIndex()
    by_name: list[tuple[R, PatternIndex[R]]] = []
    for card in known.cards:
        for rule in rules(card):
            paths.add(known.patterns(card, rule.callee), (), rule)
            if rule.call:
                given: PatternIndex[R] = PatternIndex()
                given.add(known.patterns(card, rule.given), (), rule)
                by_name.append((rule, given))
    seen: set[Site] = set()
    for found, value in named_calls(context, paths.names | {n for rule, _ in by_name for n in rule.call}):
        described = next((r for r, _ in paths.matches(value)), None) or _by_name(found, by_name)
        if described is not None and found.site not in seen:
            seen.add(found.site)
            yield found, described


def _by_name(found: Found, rules: list[tuple[R, PatternIndex[R]]]) -> R | None:
    name = callee_name(found.call)
    for rule, given in rules:
        if name in rule.call:
            first = found.value(0) if rule.given else None
            if not rule.given or any(isinstance(v, Ext) and given.matches(v) for v in (options(first) if first is not None else ())):
                return rule
    return None


def option_at(found: Found, rule: MountRule, key: str) -> Thunk | None:
    """The expression of one of the call's options."""
    return found.thunk(KEYWORDS if rule.options is None else rule.options, key)


def constants_at(found: Found, rule: MountRule, key: str) -> list[object]:
    """The constants that an option can be."""
    return found.constants(KEYWORDS if rule.options is None else rule.options, key)
