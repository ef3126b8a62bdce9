"""The routes that draw what a function writes into a page: those in whose handler it stands, or whose handlers call it."""

from __future__ import annotations

from collections import defaultdict

from backend_readiness.facts.builder import dotted
from backend_readiness.facts.model import Member
from backend_readiness.graph.families import CALLED
from backend_readiness.graph.routes.routing import BoundRoute
from backend_readiness.graph.sent.wrapper_calls import sites_of
from backend_readiness.graph.urls import Piece
from backend_readiness.graph.values import FuncV, SymbolId
from backend_readiness.graph.views import FileView
from backend_readiness.graph.world import Graph

MAX_UP = 3
MAX_PAGES = 4
MAX_SITES = 20


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
                    above.extend(self._drawing(named))
            level = above
        return [(p,) for p in found] if len(found) <= MAX_PAGES else []

    def _drawing(self, where: SymbolId) -> list[SymbolId]:
        """The functions that call one, or that call the function of a template by its name, behind that of its folder."""
        view = self.graph.view(where.file)
        name = view.symbol(where.index).name
        if view.language not in CALLED:
            sites = sites_of(self.graph, where, name)[:MAX_SITES]
            return [SymbolId(s.file, self.graph.view(s.file).facts.calls[s.call].owner) for s in sites]
        folder = where.file.rpartition("/")[0]
        found = []
        for file in self.graph.calling(name)[:MAX_SITES]:
            other = self.graph.view(file)
            for call in (other.facts.calls[n] for n in other.calls_by_name.get(name, ())):
                before = dotted(call.callee.base) if isinstance(call.callee, Member) else ""
                own = before == "" and file.rpartition("/")[0] == folder
                if own or (before and folder.rpartition("/")[2] == self._package(other, before)):
                    found.append(SymbolId(file, call.owner))
        return found

    def _package(self, view: FileView, name: str) -> str:
        """The folder of a package that goes by a name in a file."""
        modules = (i.module for i in view.facts.imports if i.local == name or (not i.local and i.module.rpartition("/")[2] == name))
        return next(modules, name).rpartition("/")[2]


def called_pages(graph: Graph, routes: tuple[BoundRoute, ...], path: str, owner: int, method: str) -> tuple[str, ...]:
    """The addresses of the pages that draw a function of a template; none for templates that are no functions."""
    if graph.view(path).language not in CALLED:
        return ()
    return tuple(str(url[0]) for url in DrawingRoutes(graph, routes).own(path, owner, method))
