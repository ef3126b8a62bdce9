"""What the active cards say of pages: forms, links, elements and their events, compiled for look-ups by path."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterable
from functools import cached_property
from typing import TypeVar

from backend_readiness.graph.patterns import PatternIndex
from backend_readiness.graph.tagged import Tagged
from backend_readiness.rules.cards import Card
from backend_readiness.rules.drawn_rules import DrawnAttributeRule, DrawnElementRule
from backend_readiness.rules.page_rules import (
    AutoImportRule,
    ComponentRule,
    EventRule,
    HelperRule,
    ListenerRule,
    PageRule,
    SettingsRequestRule,
)
from backend_readiness.rules.tag_rules import TagLinkRule, TagRule

R = TypeVar("R")


class PageKnowledge:
    """The part of `Knowledge` that is about pages."""

    cards: list[Card]

    @abstractmethod
    def _index(self, rules: Iterable[tuple[Card, R, str | tuple[str, ...], tuple[str, ...]]]) -> PatternIndex[Tagged[R]]: ...

    @cached_property
    def helpers(self) -> PatternIndex[Tagged[HelperRule]]:
        return self._index((c, r, r.callee, ()) for c in self.cards for r in c.helpers)

    @cached_property
    def drawn_elements(self) -> PatternIndex[Tagged[DrawnElementRule]]:
        return self._index((c, r, r.callee, r.verbs) for c in self.cards for r in c.drawn_elements)

    @cached_property
    def drawn_attributes(self) -> PatternIndex[Tagged[DrawnAttributeRule]]:
        return self._index((c, r, r.callee, r.verbs) for c in self.cards for r in c.drawn_attributes)

    @cached_property
    def settings_requests(self) -> PatternIndex[Tagged[SettingsRequestRule]]:
        return self._index((c, r, r.callee, ()) for c in self.cards for r in c.settings_requests)

    @cached_property
    def link_methods(self) -> tuple[str, ...]:
        return tuple(name for c in self.cards for name in c.link_methods)

    @cached_property
    def link_suffixes(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(s for c in self.cards for s in c.link_suffixes))

    @cached_property
    def components(self) -> tuple[ComponentRule, ...]:
        return tuple(r for c in self.cards for r in c.components)

    @cached_property
    def forms(self) -> PatternIndex[Tagged[str]]:
        return self._index((c, f, f, ()) for c in self.cards for f in c.forms)

    @cached_property
    def pages(self) -> tuple[PageRule, ...]:
        return tuple(r for c in self.cards for r in c.pages)

    @cached_property
    def tags(self) -> tuple[Tagged[TagRule], ...]:
        return tuple(Tagged(r, c) for c in self.cards for r in c.tags)

    @cached_property
    def tag_links(self) -> tuple[TagLinkRule, ...]:
        return tuple(r for c in self.cards for r in c.tag_links)

    @cached_property
    def listeners(self) -> PatternIndex[Tagged[ListenerRule]]:
        return self._index((c, r, r.callee, r.verbs) for c in self.cards for r in c.listeners)

    @cached_property
    def events(self) -> tuple[Tagged[EventRule], ...]:
        return tuple(Tagged(r, c) for c in self.cards for r in c.events)

    @cached_property
    def auto_imports(self) -> tuple[AutoImportRule, ...]:
        return tuple(r for c in self.cards for r in c.auto_imports)
