"""Elements of an annotation of the repository that stand for those of one that it carries: `@AliasFor(annotation = RequestMapping.class)`.

Which mark says so is data: `mark` has the arguments `annotation` and `attribute` (or `value`); without the latter the names are the same.
"""

from __future__ import annotations

from collections.abc import Iterator

from backend_readiness.facts.model import CallRef
from backend_readiness.graph.evaluation import calls
from backend_readiness.graph.patterns import compiled
from backend_readiness.graph.urls import texts
from backend_readiness.graph.values import AV, Ext, InstV, Site, SymbolId, options
from backend_readiness.graph.world import Graph


def given(graph: Graph, use: Site, mark: str, meant: tuple[str, ...], attributes: tuple[str, ...]) -> AV | None:
    """What one use of the annotation says for an attribute of the carried one (`meant`): written there, or the default of the element."""
    view = graph.view(use.file)
    call = view.facts.calls[use.call]
    for option in options(calls.result(graph.ev, use.file, use.call, use.env)):
        for element in _elements(graph, option.cls.symbol, mark, meant, attributes) if isinstance(option, InstV) else ():
            name = graph.view(element.file).symbol(element.index).name
            for arg in call.args:
                if arg.name == name or (arg.name is None and name == "value"):
                    return graph.ev.value(arg.value, use.file, call.owner)
            for default in graph.view(element.file).facts.returns:
                if default.owner == element.index and default.value is not None:
                    return graph.ev.value(default.value, element.file, element.index)
    return None


def _elements(graph: Graph, annotation: SymbolId, mark: str, meant: tuple[str, ...], attributes: tuple[str, ...]) -> Iterator[SymbolId]:
    view = graph.view(annotation.file)
    for child in view.children.get(annotation.index, ()):
        symbol = view.symbol(child)
        for decorator in symbol.decorators:
            made = graph.ev.value(decorator, view.path, annotation.index) if isinstance(decorator, CallRef) else None
            for option in options(made) if made is not None else ():
                if not isinstance(option, Ext) or option.site is None or option.path.removesuffix("()") != mark:
                    continue
                carried = graph.ev.arg_value(option.site, -1, "annotation")
                named = [t for k in ("attribute", "value") for t in texts(graph.ev, graph.ev.arg_value(option.site, -1, k))]
                paths = [o.path.removesuffix(".class") for o in options(carried) if isinstance(o, Ext)] if carried is not None else []
                if (named or [symbol.name])[0] in attributes and any(compiled(m).fullmatch(p) for m in meant for p in paths):
                    yield SymbolId(annotation.file, child)
