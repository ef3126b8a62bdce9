"""Names under which a repository keeps the call of a rule: `export const createRouter = t.router`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from backend_readiness.facts.model import Member, Name
from backend_readiness.graph.patterns import last_step

if TYPE_CHECKING:
    from backend_readiness.graph.world import Graph


def other_names(graph: Graph) -> set[str]:
    """The names, for the rules that ask for them (option `renamed`)."""
    found: set[str] = set()
    for card in graph.knowledge.cards:
        for rule in card.routes:
            tails = {last_step(c) for c in graph.knowledge.patterns(card, rule.callee)} if rule.options.get("renamed") else set()
            for tail in sorted(tails):
                for file in graph.naming(tail):
                    for assign in graph.view(file).facts.assigns:
                        if isinstance(assign.value, Member) and assign.value.name == tail and isinstance(assign.target, Name):
                            found.add(assign.target.id)
    return found
