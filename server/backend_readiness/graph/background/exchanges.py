"""Queues that are bound to exchanges: what is sent to an exchange is received by who takes from them."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from functools import cached_property

from backend_readiness.graph.background.consumers import outermost
from backend_readiness.graph.background.message_keys import keys_of
from backend_readiness.graph.references import argument, argument_value, step_site
from backend_readiness.graph.values import Ext, Site, options
from backend_readiness.graph.views import callee_name
from backend_readiness.graph.world import Graph
from backend_readiness.rules.card_rules import Ref

MAX_BOUND = 20


@dataclass(frozen=True, slots=True)
class Nameless:
    """A queue that the broker names, or the settings: the one of the outermost function `owner` of the file."""

    file: str
    owner: int


@dataclass(frozen=True, slots=True)
class _Binding:
    queue: object
    words: tuple[str, ...]


def nameless(graph: Graph, site: Site) -> Nameless:
    view = graph.view(site.file)
    return Nameless(site.file, outermost(view, view.facts.calls[site.call].owner))


def names_a_queue(graph: Graph, site: Site, ref: Ref, callee: Ext) -> bool:
    """Does a call say of which queue it takes, though not by a name that the source tells: of a variable, of what was made before?"""
    return argument(graph, site, ref) is not None if ref.at is None else step_site(callee, ref.at) is not None


class Exchanges:
    """What is bound to which exchange, found once for a graph."""

    def __init__(self, graph: Graph) -> None:
        self.graph = graph

    def queues(self, channel: str, exchange: object, words: list[object]) -> list[object]:
        """The queues that receive what is sent to an exchange under one of `words`; all of them where no word is known."""
        bound = self._bound.get((channel, exchange), ())
        return [b.queue for b in bound if not words or not b.words or any(_fits(w, str(word)) for w in b.words for word in words)]

    @cached_property
    def names(self) -> dict[object, str]:
        """The exchange of a queue without a name."""
        return {b.queue: str(e) for (_, e), several in self._bound.items() for b in several if isinstance(b.queue, Nameless)}

    @cached_property
    def _bound(self) -> dict[tuple[str, object], list[_Binding]]:
        found: dict[tuple[str, object], list[_Binding]] = defaultdict(list)
        index = self.graph.knowledge.exchanges
        for path, file in self.graph.production.items() if index.names else ():
            wanted = index.names.intersection(file.names)
            view = self.graph.view(path) if wanted else None
            for number, call in enumerate(view.facts.calls) if view is not None else ():
                if callee_name(call) not in wanted:
                    continue
                for value in options(self.graph.ev.value(call.callee, path, call.owner)):
                    if isinstance(value, Ext):
                        self._bind(found, value, Site(path, number, None))
        return found

    def _bind(self, found: dict[tuple[str, object], list[_Binding]], callee: Ext, site: Site) -> None:
        for tagged, _ in self.graph.knowledge.exchanges.matches(callee)[:1]:
            rule = tagged.rule
            queues = keys_of(self.graph, argument_value(self.graph.ev, site, rule.queue, callee), rule.made)
            words = keys_of(self.graph, argument_value(self.graph.ev, site, rule.key, callee), None) if rule.key is not None else []
            for exchange in keys_of(self.graph, argument_value(self.graph.ev, site, rule.exchange, callee), rule.made_exchange):
                bound = found[rule.channel, exchange]
                several = (_Binding(q, tuple(str(w) for w in words)) for q in queues or [nameless(self.graph, site)])
                bound.extend(b for b in several if len(bound) < MAX_BOUND)


def _fits(bound: str, word: str) -> bool:
    """Does what is sent under a word arrive under what is bound: the same, or with `*` and `#` for words between dots?"""
    if "*" not in bound and "#" not in bound:
        return bound == word
    want, have = bound.split("."), word.split(".")
    if "#" in want:
        first, last = want[: want.index("#")], want[len(want) - want[::-1].index("#") :]
        ends = zip((*first, *last), (*have[: len(first)], *have[len(have) - len(last) :]), strict=False)
        return len(have) >= len(first) + len(last) and all(w in ("*", h) for w, h in ends)
    return len(want) == len(have) and all(w in ("*", h) for w, h in zip(want, have, strict=True))
