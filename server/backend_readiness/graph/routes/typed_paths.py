"""Paths that a type stands for: `get<Orders.Show> { ... }` with `@Resource("{id}") class Show(val parent: Orders, val id: Long)`.

The option `typed` of a rule names the annotations, `untyped` that of one which leaves such calls to another rule. The path of a class
stands below that of the class which a parameter of its constructor has as its type, when that one is annotated too. With
`of_handler` it is the type of a parameter of the handler: `router.typed_get(show)` with `async fn show(path: OrderPath)`.
"""

from __future__ import annotations

from collections.abc import Iterator

from backend_readiness.facts.model import Func, Name
from backend_readiness.graph.classes import generics
from backend_readiness.graph.classes.annotations import arguments, decorators_of, of_kind
from backend_readiness.graph.routes.routing import functions_in
from backend_readiness.graph.routes.scan import Hit, Scan
from backend_readiness.graph.urls import join, texts
from backend_readiness.graph.values import AV, ClassV, FuncV, InstV, SymbolId
from backend_readiness.graph.world import Graph

MAX_PARENTS = 12


def typed_paths(scan: Scan, hit: Hit) -> list[str]:
    """The paths of the first type argument of the call; nothing when it has none that is annotated."""
    marks = tuple(hit.rule.options.get("typed") or hit.rule.options.get("untyped", ()))
    if hit.rule.options.get("of_handler"):
        return list(_of_handler(scan, scan.value(hit, hit.rule.handler), marks))
    if not marks or not hit.call.type_args:
        return []
    value = scan.graph.ev.instance_of(hit.call.type_args[0], hit.site.file, hit.call.owner, hit.site.env)
    path = path_of_class(scan.graph, value.cls, marks) if isinstance(value, InstV) else None
    return [path] if path is not None else []


def is_open(scan: Scan, hit: Hit) -> bool:
    """Is what stands for the path a type parameter of the function around the call, which nobody is seen to call with a class?"""
    if hit.call.args and not isinstance(hit.call.args[0].value, Func):
        return False
    first = hit.call.type_args[0] if hit.call.type_args else None
    view = scan.graph.view(hit.site.file)
    around = (n for s in view.enclosing(hit.call.owner) for n in generics.parameters(view, s)) if isinstance(first, Name) else ()
    return hit.site.env is None and isinstance(first, Name) and first.id in around


def _of_handler(scan: Scan, handler: AV | None, marks: tuple[str, ...]) -> Iterator[str]:
    """The path of the first parameter of the handler whose type has one."""
    for function in functions_in(scan.graph, handler):
        if not isinstance(function, FuncV):
            continue
        view = scan.graph.view(function.symbol.file)
        for param in view.symbol(function.symbol.index).params:
            value = scan.graph.ev.instance_of(param.type, view.path, function.symbol.index) if param.type is not None else None
            path = path_of_class(scan.graph, value.cls, marks) if isinstance(value, InstV) else None
            if path is not None:
                yield path
                return


def path_of_class(graph: Graph, cls: ClassV, marks: tuple[str, ...], depth: int = 0) -> str | None:
    """The path of an annotated class, below that of the class it stands under; None when it has none of the annotations."""
    found = of_kind(decorators_of(graph, cls.symbol), marks)
    if not found or depth > MAX_PARENTS:
        return None
    given = arguments(graph, found[0])
    own = next(iter(texts(graph.ev, graph.ev.thunk(given[0]))), "") if given else ""
    above = next((p for c in _parameters(graph, cls) if (p := path_of_class(graph, c, marks, depth + 1)) is not None), "")
    return join(above, own, keep_root=False)


def _parameters(graph: Graph, cls: ClassV) -> list[ClassV]:
    """The classes of the repository that the parameters of the constructor have as their types."""
    view = graph.view(cls.symbol.file)
    found: list[ClassV] = []
    for index in view.named_children.get((cls.symbol.index, "constructor"), ()):
        for param in view.symbol(index).params:
            value = graph.ev.instance_of(param.type, view.path, cls.symbol.index) if param.type is not None else None
            if isinstance(value, InstV) and value.cls.symbol != SymbolId(view.path, cls.symbol.index):
                found.append(value.cls)
    return found
