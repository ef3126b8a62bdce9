"""The routes that draw what a function writes into a page: those in whose handler it stands, or whose handlers call it."""

from __future__ import annotations

from collections import defaultdict

from backend_readiness.graph.routes.routing import BoundRoute
from backend_readiness.graph.sent.wrapper_calls import sites_of
from backend_readiness.graph.urls import Piece
from backend_readiness.graph.values import FuncV, SymbolId
from backend_readiness.graph.world import Graph

MAX_UP = 3
MAX_PAGES = 4


class DrawingRoutes:
    """Of one repository."""

    def __init__(self, graph: Graph, routes: tuple[BoundRoute, ...]) -> None:
        self.graph = graph
        self._answered: dict[str, set[str]] = defaultdict(set)
        self._shown: dict[SymbolId, list[str]] = defaultdict(list)
        for bound in routes:
            self._answered[bound.route.endpoint.path].add(bound.route.endpoint.method)
            if isinstance(bound.handler, FuncV):
                self._shown[bound.handler.symbol].append(bound.route.endpoint.path)

    def own(self, path: str, owner: int, method: str) -> list[tuple[Piece, ...]]:
        """The addresses of the pages that a function draws, where they take the method; very many are none."""
        level, seen, found = [SymbolId(path, owner)], set[SymbolId](), dict[str, None]()
        for _ in range(MAX_UP + 1):
            above: list[SymbolId] = []
            for where in level:
                if where in seen:
                    continue
                seen.add(where)
                view = self.graph.view(where.file)
                around = [SymbolId(where.file, i) for i in (where.index, *view.enclosing(where.index))]
                shown = [p for s in around for p in self._shown.get(s, ())]
                found.update(dict.fromkeys(p for p in shown if self._answered[p] & {method, "ANY"}))
                named = next((s for s in around if view.symbol(s.index).name), None)
                if named is not None and not shown:
                    sites = sites_of(self.graph, named, view.symbol(named.index).name)
                    above.extend(SymbolId(s.file, self.graph.view(s.file).facts.calls[s.call].owner) for s in sites[:20])
            level = above
        return [(p,) for p in found] if len(found) <= MAX_PAGES else []
