"""Of several classes behind an interface those of the program that the chain starts in: another service of the repository has its own."""

from __future__ import annotations

from backend_readiness.graph.backend.edges import Edge
from backend_readiness.graph.world import Graph
from backend_readiness.snapshot.manifests import parts_of, users_of


class SameProgram:
    """What the programs of one repository are built of, by their manifests."""

    def __init__(self, graph: Graph) -> None:
        self._graph = graph
        self._parts: dict[str, frozenset[str]] = {}

    def own(self, edges: list[Edge], start: str) -> list[Edge]:
        """The edges of one call without those into folders that the program of the file `start` is not built upon, if others are not."""
        several = [e for e in edges if e.kind == "call"]
        if len(several) < 2 or not start:
            return edges
        parts = self._of(self._root(start))
        outside = [e for e in several if self._root(e.target.symbol.file) not in parts]
        return [e for e in edges if e not in outside] if 0 < len(outside) < len(several) else edges

    def _root(self, file: str) -> str:
        """The folder of the nearest manifest above a file."""
        return max((a.root for a in self._graph.snapshot.applications if a.holds(file)), key=len, default="")

    def _of(self, root: str) -> frozenset[str]:
        """The folders that a program may be built of which holds the one: its own, those of who is built upon it, and what these need."""
        if root not in self._parts:
            applications = self._graph.snapshot.applications
            holders = (root, *users_of(applications, root))
            self._parts[root] = frozenset(part for holder in holders for part in parts_of(applications, holder))
        return self._parts[root]
