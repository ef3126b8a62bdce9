"""Routes that are sockets: their handler takes the request over, or is wrapped by what does (`upgrader.Upgrade(w, r, nil)`)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from backend_readiness.graph.patterns import PatternIndex
from backend_readiness.graph.routes.routing import Registration, functions_in
from backend_readiness.graph.values import AV, Ext, FuncV, SymbolId, options
from backend_readiness.graph.views import callee_name

if TYPE_CHECKING:
    from backend_readiness.graph.routes.scan import Scan

MAX_DEPTH = 2
_TAKEN = ("GET", "ANY")


class Upgrades:
    """The calls with which the active cards turn a request into a socket (`upgrades`)."""

    def __init__(self, scan: Scan) -> None:
        self.scan, self.graph = scan, scan.graph
        self.index: PatternIndex[str] = PatternIndex()
        for card in self.graph.knowledge.cards:
            self.index.add(self.graph.knowledge.patterns(card, card.upgrades), (), card.id)
        names = self.index.names
        self.files = {p for p, i in self.graph.production.items() if not names.isdisjoint(i.names)} if names else set()
        self._known: dict[SymbolId, bool] = {}
        self._leading = [*reversed(list(self._ways()))] if self.files else []

    def _ways(self) -> Iterator[frozenset[str]]:
        """The names whose calls may take a request over: those of the cards, then those of functions that call such a one, and so on."""
        names = frozenset(self.index.names)
        yield names
        for _ in range(MAX_DEPTH):
            outer = set(names)
            for path in sorted({p for n in names for p in self.graph.calling(n) if p in self.graph.production}):
                view = self.graph.view(path)
                callers = {c.owner for c in view.facts.calls if callee_name(c) in names}
                outer.update(view.symbol(i).name for owner in callers for i in view.enclosing(owner))
            names = frozenset(outer - {""})
            yield names

    def apply(self) -> None:
        """Give the routes that are sockets the method of sockets."""
        for number, item in enumerate(self.scan.routing.registrations if self.files else ()):
            if item.method.upper() in _TAKEN and self._is_socket(item):
                self.scan.routing.registrations[number] = replace(item, method="WS")

    def _is_socket(self, item: Registration) -> bool:
        if item.handler is None:
            return False
        if any(self._wraps(value) for value in options(item.handler)):
            return True
        return any(self._takes(f.symbol, 0) for f in functions_in(self.graph, item.handler) if isinstance(f, FuncV))

    def _wraps(self, value: AV) -> bool:
        """`websocket.New(talk)`, `adaptor(websocket.Handler(talk))`."""
        current: AV | None = value
        for _ in range(4):
            if isinstance(current, Ext) and self.index.matches(current.path.removesuffix("()")):
                return True
            current = current.base if isinstance(current, Ext) else None
        return False

    def _takes(self, where: SymbolId, depth: int) -> bool:
        """Does a function, or one that it calls, take the request over?"""
        if where in self._known:
            return self._known[where]
        self._known[where] = False
        view = self.graph.view(where.file)
        symbol, leading = view.symbol(where.index), self._leading[depth]
        for param in symbol.params if depth == 0 and where.file in self.files else ():  # `async fn feed(ws: WebSocketUpgrade)`
            given = self.graph.ev.instance_of(param.type, where.file, max(0, symbol.parent)) if param.type is not None else None
            if given is not None and any(isinstance(o, Ext) and self.index.matches(o) for o in options(given)):
                self._known[where] = True
                return True
        for call in (view.facts.calls[n] for i in view.body(where.index) for n in view.calls_of.get(i, ())):
            name = callee_name(call)
            if name not in leading and (depth >= MAX_DEPTH or not (name is None or name in view.imports)):
                continue  # an import may give it another name
            for value in options(self.graph.ev.value(call.callee, where.file, call.owner)):
                is_one = isinstance(value, Ext) and bool(self.index.matches(value))
                if is_one or (isinstance(value, FuncV) and depth < MAX_DEPTH and self._takes(value.symbol, depth + 1)):
                    self._known[where] = True
                    return True
        return False
