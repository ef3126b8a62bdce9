"""What settings modules say: lists of classes and functions by their dotted names (`MIDDLEWARE = ["shop.limits.Limiter"]`).

Of several modules, those that ship count before those that are named after development or tests, and the nearest to the asking file first.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from backend_readiness.facts.model import CallRef, Lit, Name, Op, Record, Seq
from backend_readiness.graph.values import AV, ClassV, Const, Ext, FuncV, Thunk, options
from backend_readiness.model import Place
from backend_readiness.snapshot.places import is_for_development

if TYPE_CHECKING:
    from backend_readiness.graph.world import Graph

MAX_ITEMS = 60
MAX_DEPTH = 8
Named = tuple[AV, Place]


def listed(graph: Graph, setting: tuple[str, ...], near: str) -> tuple[Named, ...]:
    """What the setting lists, with the places; empty where none does. `near` is the file that asks."""
    name, *keys = setting
    files = [f for f in graph.naming(name) if f in graph.production and (0, name) in graph.view(f).bindings]
    best = max((_shared(f, near) for f in files), default=0)
    files = [f for f in files if _shared(f, near) == best]
    files = [f for f in files if not is_for_development(f)] or files
    found = [items for f in sorted(files, key=lambda f: ("prod" not in f, f)) if (items := tuple(_of(graph, f, name, keys)))]
    return found[0] if found else ()


def _shared(first: str, second: str) -> int:
    count = 0
    for one, other in zip(first.split("/")[:-1], second.split("/")[:-1], strict=False):
        if one != other:
            break
        count += 1
    return count


def _of(graph: Graph, file: str, name: str, keys: list[str]) -> Iterator[Named]:
    for assign, path in graph.view(file).bindings.get((0, name), ()):
        if assign.value is not None and not path:
            place = Place(file=file, line=assign.line, end_line=assign.end_line)
            yield from _items(graph, Thunk(file, 0, assign.value, None), keys, place, 0)


def _items(graph: Graph, thunk: Thunk, keys: list[str], place: Place, depth: int) -> Iterator[Named]:
    expr = thunk.expr
    if depth > MAX_DEPTH:
        return
    if keys:
        if isinstance(expr, Record):
            for key, item in expr.items:
                if key == keys[0]:
                    yield from _items(graph, Thunk(thunk.file, thunk.owner, item, thunk.env), keys[1:], place, depth + 1)
    elif isinstance(expr, Seq):
        for item in expr.items[:MAX_ITEMS]:
            yield from _items(graph, Thunk(thunk.file, thunk.owner, item, thunk.env), [], place, depth + 1)
    elif isinstance(expr, Op) and expr.op == "+":
        for item in expr.operands:
            yield from _items(graph, Thunk(thunk.file, thunk.owner, item, thunk.env), [], place, depth + 1)
    elif isinstance(expr, Lit) and isinstance(expr.value, str):
        yield _meant(graph, expr.value, thunk.file), _line_of(graph, expr.value, place)
    elif isinstance(expr, Name | CallRef):
        for option in options(graph.ev.thunk(thunk)):
            if isinstance(option, Const) and isinstance(option.value, str):
                yield _meant(graph, option.value, thunk.file), _line_of(graph, option.value, place)


def _meant(graph: Graph, dotted: str, file: str) -> AV:
    """The class or function of the repository with this name, else the path of one of a package."""
    module, _, last = dotted.rpartition(".")
    target = graph.resolve(module, file) if module else None
    found = graph.ev.lookup(last, target, 0) if target is not None else None
    for option in options(found) if found is not None else ():
        if isinstance(option, ClassV | FuncV) or (isinstance(option, Ext) and option.known):
            return option
    return Ext(dotted)


def _line_of(graph: Graph, text: str, place: Place) -> Place:
    """The line of a list on which a text stands."""
    lines = graph.text(place.file).splitlines()
    for number in range(place.line, min(place.end_line, len(lines)) + 1):
        if text in lines[number - 1]:
            return Place(file=place.file, line=number, end_line=number)
    return place
