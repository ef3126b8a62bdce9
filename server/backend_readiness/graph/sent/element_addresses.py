"""Addresses that a script reads from the element that it handles: `fetch(form.action)`, `$.post($(this).attr("action"))`.

The element is that which the script looked for, or on which it registered the function that sends the request.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import cache, cached_property

from backend_readiness.facts.model import Element, Lit, Record, Value
from backend_readiness.graph.interface.listeners import Listeners
from backend_readiness.graph.patterns import last_step
from backend_readiness.graph.routes.route_names import linked_paths
from backend_readiness.graph.routes.routing import BoundRoute
from backend_readiness.graph.sent.clients import ApiCall
from backend_readiness.graph.urls import Hole, Piece, alternatives
from backend_readiness.graph.values import AV, Const, Ext
from backend_readiness.graph.world import Graph

MAX_URLS = 8
MAX_DEPTH = 3
_ADDRESSES = frozenset({"action", "href", "formaction"})
_READS = frozenset({"attr", "prop", "getAttribute"})


class ElementAddresses:
    """All of one repository."""

    def __init__(self, graph: Graph, routes: tuple[BoundRoute, ...], drawn: Sequence[ApiCall]) -> None:
        """`drawn` are the forms and links that functions of templates draw, which may give them an id."""
        self.graph = graph
        self.routes = routes
        self.drawn = drawn
        self.listeners = Listeners(graph)
        self._registered = cache(self._selectors)

    def applied(self, call: ApiCall) -> ApiCall:
        """The call with the addresses of the elements that it reads its own from, and with their method where only that is answered."""
        holes = [u[0] for u in call.urls if len(u) == 1 and isinstance(u[0], Hole)]
        read = next((r for h in holes if (r := _receiver(self.graph, h.value)) is not None), None)
        if read is None:
            return call
        receiver, name = read
        selector = self.listeners.selected(receiver) or self._handled(call)
        if not selector:
            return call
        elements = self.listeners.chosen(selector, call.place.file)
        found = [(_method(e), u) for p, e in elements for u in self._written(p, e, name)]
        if not found:
            found = [(c.method, u) for c in self._identified.get(selector.strip(), ()) for u in c.urls]
        if not found:
            return call
        urls = tuple(dict.fromkeys(u for _, u in found))[:MAX_URLS]
        methods = {m for m, _ in found}
        answered = {b.route.endpoint.method for b in self.routes if (b.route.endpoint.path,) in urls}
        told = next(iter(methods)) if len(methods) == 1 else call.method
        kept = call.method if call.method in answered or told not in answered else told
        return replace(call, urls=urls, method=kept)

    @cached_property
    def _identified(self) -> dict[str, list[ApiCall]]:
        """`#id` -> what is drawn with that id."""
        found: dict[str, list[ApiCall]] = defaultdict(list)
        for call in self.drawn:
            view = self.graph.view(call.place.file)
            for number in view.calls_of.get(call.owner.index, ()):
                written = view.facts.calls[number]
                if written.start == call.start:
                    given = Record(tuple((a.name or "", a.value) for a in written.args))
                    for name in _ids(given, 0):
                        found[f"#{name}"].append(call)
        return found

    def _handled(self, call: ApiCall) -> str:
        """The selector of the element on which the function around a call is registered."""
        view = self.graph.view(call.place.file)
        selectors = self._registered(call.place.file)
        return next((selectors[s] for s in (call.owner.index, *view.enclosing(call.owner.index)) if s in selectors), "")

    def _selectors(self, file: str) -> dict[int, str]:
        return {where.index: selector for where, selector in self.listeners.selectors(file) if where.file == file}

    def _written(self, page: str, element: Element, name: str) -> Iterator[tuple[Piece, ...]]:
        for attr in element.attrs:
            if attr.name == name and attr.value is not None:
                value = self.graph.ev.value(attr.value, page, element.owner)
                named = linked_paths(self.graph, self.routes, value)
                for url in alternatives(self.graph.ev, value) if named is None else [(p,) for p in named]:
                    if url and isinstance(url[0], str) and url[0].startswith("/"):
                        yield url


def _receiver(graph: Graph, value: AV) -> tuple[Ext, str] | None:
    """The element and the name of its attribute that a value is."""
    if not isinstance(value, Ext) or not isinstance(value.base, Ext):
        return None
    step = last_step(value.path)
    if value.site is None:
        return (value.base, step) if step in _ADDRESSES else None
    given = graph.ev.arg_value(value.site, 0)
    if step in _READS and isinstance(given, Const) and given.value in _ADDRESSES and isinstance(value.base.base, Ext):
        return value.base.base, str(given.value)
    return None


def _ids(value: Value, depth: int) -> Iterator[str]:
    """The ids that the settings of a form give, maybe among its attributes: `["options" => ["id" => "order"]]`."""
    for key, inner in value.items if isinstance(value, Record) and depth < MAX_DEPTH else ():
        if key == "id" and isinstance(inner, Lit):
            yield str(inner.value)
        else:
            yield from _ids(inner, depth + 1)


def _method(element: Element) -> str:
    said = next((a.value for a in element.attrs if a.name == "method"), None)
    return str(said.value).upper() if isinstance(said, Lit) else "GET"
