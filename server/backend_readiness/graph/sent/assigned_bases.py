"""Bases that are assigned to a client after it was made: `axios.defaults.baseURL = "/api"`."""

from __future__ import annotations

from backend_readiness.facts.model import Member
from backend_readiness.graph.patterns import compiled
from backend_readiness.graph.values import AV, Ext, options
from backend_readiness.graph.world import Graph
from backend_readiness.rules.cards import Card


class AssignedBases:
    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self._known: dict[str, list[tuple[Ext, AV]]] = {}

    def of(self, pattern: str, card: Card) -> list[tuple[Ext, AV]]:
        """(client, value) of the assignments to members of clients that match."""
        known = self._known.get(pattern)
        if known is None:
            known = self._known[pattern] = []
            name = pattern.rpartition(".")[2]
            regexes = [compiled(p) for p in self.graph.knowledge.patterns(card, pattern)]
            for path in self.graph.naming(name):
                for assign in self.graph.view(path).facts.assigns if path in self.graph.production else ():
                    if not isinstance(assign.target, Member) or assign.target.name != name or assign.value is None:
                        continue
                    for held in options(self.graph.ev.value(assign.target.base, path, assign.owner)):
                        if (
                            isinstance(held, Ext)
                            and isinstance(held.base, Ext)
                            and any(r.fullmatch(f"{held.path}.{name}") for r in regexes)
                        ):
                            known.append((held.base, self.graph.ev.value(assign.value, path, assign.owner)))
        return known
