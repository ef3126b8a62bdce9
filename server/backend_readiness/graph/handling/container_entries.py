"""Names under which a container keeps what makes an object: `$container["orders"] = function ($c) { return new Orders($c); }`.

Only what is said outright counts: a text as the key of an assignment, or the first argument of a call that puts something into a container,
and a function that gives back an instance of a class of the repository.
"""

from __future__ import annotations

from backend_readiness.facts.model import Func, Index, Lit, Value
from backend_readiness.graph.values import ClassV, InstV, SymbolId, options
from backend_readiness.graph.world import Graph

MAX_ENTRIES = 5_000


class ContainerEntries:
    """What the containers of one repository keep, read once for each language and the calls that put it there."""

    def __init__(self, graph: Graph) -> None:
        self._graph = graph
        self._kept: dict[tuple[str, tuple[str, ...]], dict[str, list[SymbolId]]] = {}

    def kept(self, language: str, name: str, setters: tuple[str, ...]) -> ClassV | None:
        """The class of the object that is kept under a name; None where nothing, or more than one class, is."""
        graph, found = self._graph, dict[SymbolId, None]()
        if (language, setters) not in self._kept:
            self._kept[language, setters] = self._entries(language, setters)
        for maker in self._kept[language, setters].get(name, ())[:4]:
            for returned in graph.view(maker.file).returns.get(maker.index, ())[:4]:
                value = graph.ev.value(returned.value, maker.file, maker.index) if returned.value is not None else None
                found.update((o.cls.symbol, None) for o in (options(value) if value is not None else ()) if isinstance(o, InstV))
        return ClassV(next(iter(found))) if len(found) == 1 else None

    def _entries(self, language: str, setters: tuple[str, ...]) -> dict[str, list[SymbolId]]:
        found: dict[str, list[SymbolId]] = {}
        for path, index in self._graph.production.items():
            if index.language != language or len(found) > MAX_ENTRIES:
                continue
            view = self._graph.view(path)
            given: list[tuple[Value, Value | None]] = [(a.target.key, a.value) for a in view.facts.assigns if isinstance(a.target, Index)]
            calls = (view.facts.calls[i] for n in setters for i in view.calls_by_name.get(n, ()))
            given += [(c.args[0].value, c.args[1].value) for c in calls if len(c.args) == 2]
            for key, made in given:
                if isinstance(key, Lit) and isinstance(key.value, str) and isinstance(made, Func):
                    found.setdefault(key.value, []).append(SymbolId(path, made.symbol))
        return found
