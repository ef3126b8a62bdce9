"""The routes that answer a form of a component without an address: those of the pages that show it.

`<Form method="post">` of a component is posted to the page that the browser is on, whose file has the component on it or exports it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from backend_readiness.facts.model import Name
from backend_readiness.graph.routes.routing import BoundRoute
from backend_readiness.graph.values import FuncV, SymbolId, options
from backend_readiness.graph.world import Graph

MAX_UP = 4
MAX_FILES = 40
MAX_PAGES = 6


def answering(routes: Sequence[BoundRoute], method: str, shapes: Sequence[str]) -> list[BoundRoute]:
    """The routes of a method that one of the shapes registers."""
    return [b for b in routes if b.registration.rule.shape in shapes and b.route.endpoint.method in (method, "ANY")]


def pages_that_show(graph: Graph, path: str, owner: int, routes: Sequence[BoundRoute]) -> tuple[str, ...]:
    """Paths of the routes in the file itself, else in those that show what `owner` belongs to; a form on very many pages is on none."""
    by_file: dict[str, list[str]] = {}
    for bound in routes:
        by_file.setdefault(bound.route.place.file, []).append(bound.route.endpoint.path)
    if path in by_file or not by_file:
        return tuple(dict.fromkeys(by_file.get(path, ())))
    level, seen, found = [_outermost(graph, path, owner)], set[SymbolId](), list[str]()
    for _ in range(MAX_UP):
        above = []
        for where in level:
            if where in seen:
                continue
            seen.add(where)
            for user in _users(graph, where):
                found.extend(by_file.get(user.file, ()))
                above.extend([user] if user.file not in by_file else [])
        level = above
    pages = tuple(dict.fromkeys(found))
    return pages if len(pages) <= MAX_PAGES else ()


def shown_in(graph: Graph, path: str, owner: int) -> Iterator[str]:
    """The files whose components show what `owner` belongs to, themselves or through others."""
    level, seen = [_outermost(graph, path, owner)], set[SymbolId]()
    for _ in range(MAX_UP):
        level = [user for where in level for user in _users(graph, where) if user not in seen]
        seen.update(level)
        yield from dict.fromkeys(user.file for user in level)


def _outermost(graph: Graph, path: str, owner: int) -> SymbolId:
    """The component that a function inside of it belongs to; the file itself where that is a component."""
    view = graph.view(path)
    if graph.is_component_file(path):
        return SymbolId(path, 0)
    while owner > 0 and view.symbol(owner).parent > 0:
        owner = view.symbol(owner).parent
    return SymbolId(path, max(owner, 0))


def _users(graph: Graph, where: SymbolId) -> Iterator[SymbolId]:
    """The components that have this one on them, and the files that export it as their own."""
    name = graph.view(where.file).symbol(where.index).name if where.index else ""
    named = [(file, name) for file in graph.naming(name)[:MAX_FILES]] if name else []
    named += [(file, local) for file, local in graph.importers(where.file) if local]
    for file, local in dict.fromkeys(named):
        view = graph.view(file)
        for element in view.facts.elements:
            if element.tag == local and _is(graph, where, local, file, element.owner):
                yield _outermost(graph, file, element.owner)
        given = view.exports.get("default")
        if file != where.file and given is not None and given.value == Name(local) and _is(graph, where, local, file, 0):
            yield SymbolId(file, 0)


def _is(graph: Graph, where: SymbolId, local: str, file: str, owner: int) -> bool:
    if where.index == 0:
        return any(f == file and name == local for f, name in graph.importers(where.file))
    return any(isinstance(v, FuncV) and v.symbol == where for v in options(graph.ev.lookup(local, file, owner)))
