"""Which cards a repository activates: those of the technologies that its files import or its manifests declare."""

from __future__ import annotations

import fnmatch
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Mapping
from typing import TYPE_CHECKING

from backend_readiness.graph.families import families_of, family
from backend_readiness.graph.knowledge import Knowledge
from backend_readiness.rules.cards import Card

if TYPE_CHECKING:
    from backend_readiness.graph.world import Graph


def knowledge_of(graph: Graph, cards: Mapping[str, Card]) -> Knowledge:
    """The active cards, compiled."""
    modules: dict[str, set[str]] = defaultdict(set)
    languages: set[str] = set()
    for path, index in graph.facts.files.items():
        languages.update(families_of(index.language, index.elements))
        seen = modules[family(index.language)]
        seen.update(m.removeprefix("global::").removeprefix("below::") for m in index.modules)
        seen.update(filter(None, (graph.renamed(m, path) for m in index.modules)))
    dependencies = {d for a in graph.snapshot.applications for d in a.dependencies}
    paths = [f.path for f in graph.snapshot.files]
    active = set()
    for identifier, card in cards.items():
        spoken = set(card.languages or (identifier.partition("/")[0],))
        seen = {m for language in spoken for m in modules.get(language, ())}
        if spoken & languages and (is_active(card, seen, dependencies, paths) or any(map(graph.naming, card.detect.names))):
            active.add(identifier)
    unsaid = {m for path in graph.facts.files for m in graph.imported_by_all(path)}
    known = sorted({m.removeprefix("node:") for found in modules.values() for m in found} | unsaid)

    def occurs(start: str) -> bool:
        position = bisect_left(known, start)
        return (position < len(known) and known[position].startswith(start)) or bool(graph.naming(start))

    return Knowledge(cards, active, occurs)


def is_active(card: Card, modules: set[str], dependencies: set[str], files: list[str]) -> bool:
    """Does the repository use what the card describes?"""
    detect = card.detect
    if not (detect.imports or detect.manifests or detect.files or detect.names):
        return True
    for wanted in detect.imports:
        if wanted in modules or any(m.startswith((f"{wanted}.", f"{wanted}/", f"{wanted}@")) for m in modules):
            return True
    if any(m in dependencies for m in detect.manifests):
        return True
    return any(fnmatch.filter(files, g) for g in detect.files)
