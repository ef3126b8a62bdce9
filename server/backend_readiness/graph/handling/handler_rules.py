"""The rules about the parameters of requests that hold for the handlers of one framework."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property

from backend_readiness.facts.builder import last_name
from backend_readiness.facts.model import Symbol
from backend_readiness.graph.patterns import PatternIndex, last_step
from backend_readiness.graph.tagged import Tagged
from backend_readiness.graph.values import AV, Ext
from backend_readiness.graph.world import Graph
from backend_readiness.rules.cards import Card
from backend_readiness.rules.input_rules import InputRule

_OWN = "<"  # paths of rules that begin so mean parameters of the handler
_TYPED = frozenset({"java", "kotlin"})  # where a handler that reads the request has it among its parameters by its type


class HandlerRules:
    """The rules that hold for the handlers of one framework: `own` are its card and those that it uses.

    Rules that name a parameter of the handler by its position, or its signature, count for `own` alone; other paths say by themselves
    whose they are.
    """

    def __init__(self, graph: Graph, card: Card, language: str) -> None:
        self.knowledge, self.language = graph.knowledge, language
        self.own = {card.id, *_used(card, self.knowledge.all_cards)}
        spoken = [c for c in self.knowledge.cards if c.id in self.own or language in (c.languages or (c.id.partition("/")[0],))]
        mine = [(c, r) for c in spoken if c.id in self.own for r in c.inputs]
        self.signature = [
            r.model_copy(update={"marks": tuple(self.knowledge.patterns(c, r.marks))})
            for c, r in mine
            if r.extractors or r.marks or r.plain or r.models
        ]
        self.declared = [r for _, r in mine if r.declared]
        self.by_position = any(p.startswith(_OWN) for c, r in mine for p in self.knowledge.patterns(c, (*r.read, *r.call, *r.bind)))
        self.empty = not any(c.inputs for c in spoken)

    def matching(self, index: PatternIndex[Tagged[InputRule]], value: AV) -> list[InputRule]:
        if not isinstance(value, Ext):
            return []
        return [t.rule for t, _ in index.matches(value) if not value.path.startswith(_OWN) or t.card.id in self.own]

    def may_read_bodies(self, handler: Symbol) -> bool:
        """Can the body of a handler hold a part of the request? Where signatures say what is taken, only when one asks for the request."""
        if not self.signature or self.by_position or self.language not in _TYPED:
            return True
        asked = {last_step(root) for root in self.roots}
        return any(last_name(p.type) in asked for p in handler.params if p.type is not None)

    @cached_property
    def roots(self) -> tuple[str, ...]:
        """What a function is given when it is given the request: the paths of rules without their last step."""
        known = self.knowledge
        starts = {*known.input_reads.starts, *known.input_calls.starts, *known.input_binds.starts}
        return tuple(sorted({r for s in starts if (r := s.rpartition(".")[0]).endswith((")", ">"))}))


def _used(card: Card, cards: Mapping[str, Card]) -> Iterator[str]:
    for name in card.uses:
        yield name
        if name in cards:
            yield from _used(cards[name], cards)
