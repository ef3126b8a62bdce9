"""Functions that run what a call has made for later: `const add = client.orders.add.useMutation()`, then `add.mutate(order)`.

The request belongs to them, and not to the component that only made it. A member that is taken out under another name counts too
(`const { mutate: save } = ...`), and so does what a function of the repository hands back (`const { mutate } = useAdd()`).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from functools import cached_property

from backend_readiness.facts.file_index import bound_names
from backend_readiness.graph.values import Ext, SymbolId, options
from backend_readiness.graph.views import FileView, callee_name
from backend_readiness.graph.world import Graph

MAX_RUNS = 400
MAX_OWNERS = 6


class LaterRuns:
    """Where the results of calls are run, by the names of the members that run them."""

    def __init__(self, graph: Graph, names: tuple[str, ...]) -> None:
        self._graph = graph
        self._names = frozenset(names)

    def owners(self, made: SymbolId) -> tuple[SymbolId, ...]:
        """The functions that run what a call made; `made` is the file and number of that call. Empty when none is found."""
        return tuple(self._owners.get(made, ()))[:MAX_OWNERS] if self._names else ()

    @cached_property
    def _owners(self) -> dict[SymbolId, dict[SymbolId, None]]:
        found: dict[SymbolId, dict[SymbolId, None]] = defaultdict(dict)
        for file in dict.fromkeys(f for name in sorted(self._names) for f in self._graph.naming(name)[:MAX_RUNS]):
            if file not in self._graph.production:
                continue
            view = self._graph.view(file)
            called = self._names | set(self._renamed(view))
            for call in view.facts.calls:
                if callee_name(call) not in called:
                    continue
                for value in options(self._graph.ev.value(call.callee, file, call.owner)):
                    maker = value.base if isinstance(value, Ext) and value.path.rpartition(".")[2] in self._names else None
                    if isinstance(maker, Ext) and maker.site is not None and maker.path.endswith("()"):
                        found[SymbolId(maker.site.file, maker.site.call)][SymbolId(file, call.owner)] = None
        return found

    def _renamed(self, view: FileView) -> Iterator[str]:
        """The names that take out such a member under another one."""
        for assign in view.facts.assigns:
            for name, way in bound_names(assign.target):
                if way and way[-1] in self._names:
                    yield name
