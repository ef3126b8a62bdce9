"""What those give who make an object, where the object itself does not say: `class Orders: def __init__(self, store)`."""

from __future__ import annotations

from backend_readiness.graph.evaluation.params import given_by_callers
from backend_readiness.graph.values import AV, Ext, ParamV, Site, SymbolId
from backend_readiness.graph.views import CONSTRUCTORS
from backend_readiness.graph.world import Graph

MAX_MEMBERS = 8


def handed_in(graph: Graph, callee: AV, site: Site) -> AV | None:
    """The callee with what its makers give in place of a parameter of a constructor, or of the function that makes the object; None for
    anything else, a parameter of the function around the call too."""
    step: AV | None = callee
    for _ in range(MAX_MEMBERS):
        if isinstance(step, ParamV):
            return given_by_callers(graph.ev, callee) if _makes(graph, step.symbol, site) else None
        if not isinstance(step, Ext) or step.site is not None or not step.path.startswith("?"):
            return None
        step = step.base
    return None


def _makes(graph: Graph, function: SymbolId, site: Site) -> bool:
    view = graph.view(function.file)
    if view.symbol(function.index).name in CONSTRUCTORS:
        return True
    return function.file != site.file or function.index not in view.enclosing(view.facts.calls[site.call].owner)
