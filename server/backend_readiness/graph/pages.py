"""Pages: components that a router shows for a path.

Routers of frontends are all written alike: an object with a path and a component, an element of a route, a call that is given
one. No card is needed for them.
"""

from __future__ import annotations

from collections.abc import Iterator

from backend_readiness.facts.model import CallRef, Element, ElementRef, FileFacts, Func, Record, Seq, Value
from backend_readiness.graph.routing import functions_in
from backend_readiness.graph.steps import Step
from backend_readiness.graph.values import AV, ClassV, ElementV, FuncV, SymbolId, options
from backend_readiness.graph.world import Graph
from backend_readiness.model import LinkStatus, Place

_COMPONENT_KEYS = ("component", "element", "Component", "lazy", "loadComponent", "page")
MAX_DEPTH = 12


def pages_of(graph: Graph) -> dict[SymbolId, Step]:
    """Component -> the page that shows it: the first registration in the order of files."""
    found: dict[SymbolId, Step] = {}
    for path, index in graph.facts.files.items():
        names = set(index.names)
        if not names.intersection(_COMPONENT_KEYS):
            continue
        view = graph.view(path)
        for element in view.facts.elements:
            if element.tag.endswith("Route"):
                _from_element(graph, path, element, found)
        for record, line, end_line, owner in _records(view.facts):
            keys = {k: v for k, v in record.items if k is not None}
            component = next((keys[k] for k in _COMPONENT_KEYS if k in keys), None)
            if component is not None and ("path" in keys or "createFileRoute" in names or "createRoute" in names):
                step = Step(
                    kind="load",
                    place=Place(file=path, line=line, end_line=end_line),
                    symbol="page route",
                    status=LinkStatus.CONFIRMED,
                    why="the router shows it",
                )
                for where in _components(graph, graph.ev.value(component, path, owner)):
                    found.setdefault(where, step)
    return found


def _from_element(graph: Graph, path: str, element: Element, found: dict[SymbolId, Step]) -> None:
    for attr in element.attrs:
        if attr.name in _COMPONENT_KEYS and attr.value is not None:
            place = Place(file=path, line=element.line, end_line=element.end_line)
            step = Step(
                kind="load", place=place, symbol=f"<{element.tag} {attr.name}>", status=LinkStatus.CONFIRMED, why="the router shows it"
            )
            for where in _components(graph, graph.ev.value(attr.value, path, element.owner)):
                found.setdefault(where, step)


def _components(graph: Graph, value: AV) -> Iterator[SymbolId]:
    for option in options(value):
        if isinstance(option, ElementV):
            element = graph.view(option.file).facts.elements[option.element]
            yield from _components(graph, graph.ev.lookup(element.tag, option.file, element.owner))
        elif isinstance(option, ClassV):
            yield option.symbol
        else:
            for function in functions_in(graph, option):
                if isinstance(function, FuncV):
                    yield function.symbol


def _records(facts: FileFacts) -> Iterator[tuple[Record, int, int, int]]:
    """(object, line, end line, owner) of the objects in arguments and assigned values, nested ones included."""

    def inside(value: Value | None, depth: int) -> Iterator[Record]:
        if depth > MAX_DEPTH:
            return
        if isinstance(value, Record):
            yield value
            for _, item in value.items:
                yield from inside(item, depth + 1)
        elif isinstance(value, Seq):
            for item in value.items:
                yield from inside(item, depth + 1)

    for call in facts.calls:
        for arg in call.args:
            for record in inside(arg.value, 0):
                yield record, call.line, call.end_line, call.owner
    for assign in facts.assigns:
        if not isinstance(assign.value, CallRef | Func | ElementRef):
            for record in inside(assign.value, 0):
                yield record, assign.line, assign.end_line, assign.owner
