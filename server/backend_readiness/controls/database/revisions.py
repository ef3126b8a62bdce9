"""The order in which migrations are applied."""

from __future__ import annotations

import re

from backend_readiness.facts.model import Lit
from backend_readiness.graph.world import Graph
from backend_readiness.rules.schema_files import fits, load_schema_files


def ordered(graph: Graph, paths: list[str]) -> list[str]:
    """By the chain of revisions where files name one, else by name."""
    chain: dict[str, tuple[str, str]] = {}
    for path in paths:
        view = graph.view(path)
        values = {}
        for name in ("revision", "down_revision"):
            bound = view.bindings.get((0, name))
            value = bound[-1][0].value if bound else None
            values[name] = str(value.value) if isinstance(value, Lit) and value.value else ""
        if values["revision"]:
            chain[values["revision"]] = (path, values["down_revision"])
    depth: dict[str, int] = {}

    def level(revision: str) -> int:
        steps, current = 0, revision
        while current in chain and steps < 2_000:
            if current in depth:
                return steps + depth[current]
            current = chain[current][1]
            steps += 1
        return steps

    for revision in chain:
        depth[revision] = level(revision)
    by_path = {path: depth[r] for r, (path, _) in chain.items()}
    return sorted(paths, key=lambda p: (by_path.get(p, 0), p))


def natural(path: str) -> list[tuple[int, str]]:
    """A key that sorts `V2__a.sql` before `V10__b.sql`."""
    return [(int(p), "") if p.isdigit() else (0, p) for p in re.split(r"(\d+)", path)]


def is_unused(graph: Graph, path: str) -> bool:
    """Does nothing of the repository run the file, so that it makes no schema?"""
    rules = [r for r in load_schema_files().unused if fits(r.files, path)]
    around = [a for a in graph.snapshot.applications if a.holds(path)] if rules else []
    names = [n for a in graph.snapshot.applications for n in a.dependencies] if rules else []
    return any((not r.needs or around) and not any(fits(r.needs, n) for n in names) for r in rules)
