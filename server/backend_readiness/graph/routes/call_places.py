"""Where a call stands that registers something, or the one that is meant by it."""

from __future__ import annotations

from backend_readiness.facts.model import Lit
from backend_readiness.graph.routes.given_calls import hands_on
from backend_readiness.graph.routes.routing import call_place
from backend_readiness.graph.values import Site, Thunk
from backend_readiness.graph.views import callee_name
from backend_readiness.graph.world import Graph
from backend_readiness.model import Place


class CallPlaces:
    """`passed`: the call passes on what its function was given, so that a call of the function is meant."""

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self._sources: dict[str, bytes] = {}

    def start(self, site: Site, passed: bool) -> int:
        """Where it stands among the others of its file."""
        meant = self._meant(site, passed)
        view = self.graph.view(meant.file)
        return view.written_at(view.facts.calls[meant.call])

    def place_of(self, site: Site, passed: bool, path: Thunk | None) -> Place:
        """The place of a call, or of the one further out which the path is written in: `add(r, Route{Path: "/orders"}, show)`."""
        at = site if path is not None and isinstance(path.expr, Lit) else None
        while at is not None and path is not None and (at.file, self._owner(at)) != (path.file, path.owner):
            at = at.env.site if at.env is not None else None
        return self.place(site, passed) if at is None or at is site else call_place(self.graph, at)

    def _owner(self, site: Site) -> int:
        return self.graph.view(site.file).facts.calls[site.call].owner

    def place(self, site: Site, passed: bool) -> Place:
        meant = self._meant(site, passed)
        call = self.graph.view(meant.file).facts.calls[meant.call]
        if meant is not site and (meant.file != site.file or meant.call != site.call):
            return Place(file=meant.file, line=call.line, end_line=call.end_line)
        line = call.line
        start = self.graph.view(site.file).written_at(call)
        if line != call.end_line and start != call.start:  # a link of a chain over several lines
            source = self._sources.get(site.file)
            if source is None:
                source = self._sources[site.file] = self.graph.text(site.file).encode()
            at = source.find(f".{callee_name(call)}".encode(), start, call.end)
            line = source.count(b"\n", 0, at) + 1 if at >= 0 else line
        return Place(file=site.file, line=line, end_line=call.end_line)

    def _meant(self, site: Site, passed: bool) -> Site:
        meant = site
        while passed and meant.env is not None and meant.env.site is not None:
            if meant is not site and not hands_on(self.graph.view(meant.file), meant.call, anywhere=True):
                break
            meant = meant.env.site
        return meant
