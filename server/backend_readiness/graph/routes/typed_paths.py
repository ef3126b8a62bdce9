"""Paths that a type stands for: `get<Orders.Show> { ... }` with `@Resource("{id}") class Show(val parent: Orders, val id: Long)`.

The option `typed` of a rule names the annotations, `untyped` that of one which leaves such calls to another rule. The path of a class
stands below that of the class which a parameter of its constructor has as its type, when that one is annotated too.
"""

from __future__ import annotations

from backend_readiness.graph.classes.annotations import arguments, decorators_of, of_kind
from backend_readiness.graph.routes.scan import Hit, Scan
from backend_readiness.graph.urls import join, texts
from backend_readiness.graph.values import ClassV, InstV, SymbolId

MAX_PARENTS = 12


def typed_paths(scan: Scan, hit: Hit) -> list[str]:
    """The paths of the first type argument of the call; nothing when it has none that is annotated."""
    marks = tuple(hit.rule.options.get("typed") or hit.rule.options.get("untyped", ()))
    if not marks or not hit.call.type_args:
        return []
    value = scan.graph.ev.instance_of(hit.call.type_args[0], hit.site.file, hit.call.owner)
    path = _path(scan, value.cls, marks, 0) if isinstance(value, InstV) else None
    return [path] if path is not None else []


def _path(scan: Scan, cls: ClassV, marks: tuple[str, ...], depth: int) -> str | None:
    found = of_kind(decorators_of(scan.graph, cls.symbol), marks)
    if not found or depth > MAX_PARENTS:
        return None
    given = arguments(scan.graph, found[0])
    own = next(iter(texts(scan.graph.ev, scan.graph.ev.thunk(given[0]))), "") if given else ""
    above = next((p for c in _parameters(scan, cls) if (p := _path(scan, c, marks, depth + 1)) is not None), "")
    return join(above, own, keep_root=False)


def _parameters(scan: Scan, cls: ClassV) -> list[ClassV]:
    """The classes of the repository that the parameters of the constructor have as their types."""
    view = scan.graph.view(cls.symbol.file)
    found: list[ClassV] = []
    for index in view.named_children.get((cls.symbol.index, "constructor"), ()):
        for param in view.symbol(index).params:
            value = scan.graph.ev.instance_of(param.type, view.path, cls.symbol.index) if param.type is not None else None
            if isinstance(value, InstV) and value.cls.symbol != SymbolId(view.path, cls.symbol.index):
                found.append(value.cls)
    return found
