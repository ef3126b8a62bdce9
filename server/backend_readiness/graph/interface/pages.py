"""Pages: components that a router shows for a path.

Routers of frontends are all written alike: an object with a path and a component, an element of a route, a call that is given
one. No card is needed for them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from fnmatch import translate

from backend_readiness.facts.model import CallRef, Element, ElementRef, FileFacts, Func, Lit, Name, Record, Value
from backend_readiness.graph.evaluation.exports import default_of
from backend_readiness.graph.routes.routing import functions_in
from backend_readiness.graph.steps import Step
from backend_readiness.graph.values import AV, ClassV, ElementV, FuncV, ModV, SymbolId, options
from backend_readiness.graph.views import callee_name, records_in
from backend_readiness.graph.world import Graph
from backend_readiness.model import LinkStatus, Place

MAX_WRAPPERS = 4
_COMPONENT_KEYS = ("component", "element", "Component", "lazy", "loadComponent", "page")


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
        for record, first, last, owner in _records(view.facts):
            keys = {k: v for k, v in record.items if k is not None}
            component = next((keys[k] for k in _COMPONENT_KEYS if k in keys), None)
            if component is not None and ("path" in keys or "createFileRoute" in names or "createRoute" in names):
                line, end_line = _narrowed(graph, path, first, last, keys.get("path"))
                step = Step(
                    kind="load",
                    place=Place(file=path, line=line, end_line=end_line),
                    symbol="page route",
                    status=LinkStatus.CONFIRMED,
                    why="the router shows it",
                )
                for where in _shown(graph, component, path, owner):
                    found.setdefault(where, step)
    return found | _by_place(graph) | _by_directive(graph)


def _by_directive(graph: Graph) -> dict[SymbolId, Step]:
    """Component files that say themselves that they are pages."""
    found: dict[SymbolId, Step] = {}
    for rule in (r for r in graph.knowledge.pages if r.directive):
        for path in graph.naming(rule.directive):
            view = graph.view(path)
            said = next((c for c in view.facts.calls if callee_name(c) == rule.directive), None) if graph.is_component_file(path) else None
            if said is not None:
                first = said.args[0].value if said.args else None
                name = f"page {first.value}" if isinstance(first, Lit) else f"page {path.rpartition('/')[2]}"
                place = Place(file=path, line=said.line, end_line=said.end_line)
                found[SymbolId(path, 0)] = Step(
                    kind="load", place=place, symbol=name, status=LinkStatus.CONFIRMED, why="the router shows it"
                )
    return found


def _narrowed(graph: Graph, path: str, line: int, end_line: int, key: Value | None) -> tuple[int, int]:
    """The line of an entry in a long table: the one that writes out its path."""
    text = key.value if isinstance(key, Lit) else None
    if end_line - line > 2 and isinstance(text, str):
        lines = graph.text(path).split("\n")[line - 1 : end_line]
        hits = [n for n, content in enumerate(lines, line) if f'"{text}"' in content or f"'{text}'" in content]
        if hits:
            return hits[0], hits[0]
    return line, end_line


def _by_place(graph: Graph) -> dict[SymbolId, Step]:
    """Pages that are pages because of where their file stands."""
    found: dict[SymbolId, Step] = {}
    rules = [re.compile("|".join(translate(g) for g in r.glob)) for r in graph.knowledge.pages if r.glob and not r.page]
    for path in graph.facts.files if rules else ():
        if not any(r.match(path) for r in rules):
            continue
        name = f"page {path.rpartition('/')[2]}"
        place = Place(file=path, line=1, end_line=1)
        step = Step(kind="load", place=place, symbol=name, status=LinkStatus.CONFIRMED, why="the file is a page")
        if graph.is_component_file(path):
            found[SymbolId(path, 0)] = step
            continue
        export = graph.view(path).exports.get("default")
        if export is not None and export.value is not None:
            for where in _shown(graph, export.value, path, 0):
                found.setdefault(where, step)
    return found


def _from_element(graph: Graph, path: str, element: Element, found: dict[SymbolId, Step]) -> None:
    for attr in element.attrs:
        if attr.name in _COMPONENT_KEYS and attr.value is not None:
            place = Place(file=path, line=element.line, end_line=element.end_line)
            step = Step(
                kind="load", place=place, symbol=f"<{element.tag} {attr.name}>", status=LinkStatus.CONFIRMED, why="the router shows it"
            )
            for where in _shown(graph, attr.value, path, element.owner):
                found.setdefault(where, step)


def _shown(graph: Graph, written: Value, path: str, owner: int, depth: int = 0) -> Iterator[SymbolId]:
    """The component that is written, and the one that calls around it are given: `inject("store")(observer(Orders))`."""
    yield from _components(graph, graph.ev.value(written, path, owner))
    if isinstance(written, CallRef) and depth < MAX_WRAPPERS:
        for arg in graph.view(path).facts.calls[written.call].args:
            if isinstance(arg.value, CallRef) or (isinstance(arg.value, Name) and arg.value.id[:1].isupper()):
                yield from _shown(graph, arg.value, path, owner, depth + 1)


def _components(graph: Graph, value: AV) -> Iterator[SymbolId]:
    for option in options(value):
        if isinstance(option, ElementV):
            element = graph.view(option.file).facts.elements[option.element]
            yield from _components(graph, graph.ev.lookup(element.tag, option.file, element.owner))
        elif isinstance(option, ClassV):
            yield option.symbol
        elif isinstance(option, ModV):
            inner = default_of(graph.ev, option)
            if graph.is_component_file(option.file):
                yield SymbolId(option.file, 0)
            elif inner is not option:
                yield from _components(graph, inner)
        else:
            for function in functions_in(graph, option):
                if isinstance(function, FuncV):
                    lazy = default_of(graph.ev, graph.ev.invoke(function))  # `() => import("./Login.vue")`
                    if isinstance(lazy, ClassV | ModV):
                        yield from _components(graph, lazy)
                    else:
                        yield function.symbol


def _records(facts: FileFacts) -> Iterator[tuple[Record, int, int, int]]:
    """(object, line, end line, owner) of the objects in arguments and assigned values, nested ones included."""
    for call in facts.calls:
        for arg in call.args:
            for record in records_in(arg.value):
                yield record, call.line, call.end_line, call.owner
    for export in facts.exports:
        for record in records_in(export.value):
            yield record, export.line, facts.symbols[0].end_line, 0
    for assign in facts.assigns:
        if not isinstance(assign.value, CallRef | Func | ElementRef):
            for record in records_in(assign.value):
                yield record, assign.line, assign.end_line, assign.owner
