"""HTTP methods that the mapping of a class gives to its methods that name none: `@RequestMapping(path = "/rest", method = GET)`."""

from __future__ import annotations

from backend_readiness.graph.classes import inheritance
from backend_readiness.graph.classes.annotations import decorators_of, of_kind
from backend_readiness.graph.routes.methods import verbs
from backend_readiness.graph.urls import texts
from backend_readiness.graph.values import ClassV, Ext
from backend_readiness.graph.world import Graph
from backend_readiness.rules.card_rules import RouteRule


def of_class(graph: Graph, cls: ClassV, rule: RouteRule) -> list[str]:
    """Said by the first class, from the class itself upwards, that has the annotation of the prefix; empty where it names none."""
    key = rule.methods.kwarg if rule.methods is not None else None
    for one in (cls, *(b for b in inheritance.bases(graph.ev, cls) if isinstance(b, ClassV))) if key else ():
        marked = of_kind(decorators_of(graph, one.symbol), tuple(rule.options.get("prefix", ())))
        if marked:
            return list(dict.fromkeys(m for a in marked for m in _given(graph, a, str(key))))
    return []


def _given(graph: Graph, annotation: Ext, key: str) -> list[str]:
    if annotation.site is None:
        return []
    call = graph.view(annotation.site.file).facts.calls[annotation.site.call]
    values = (graph.ev.value(a.value, annotation.site.file, call.owner) for a in call.args if a.name == key)
    return [m for value in values for t in texts(graph.ev, value) for m in verbs(t, {})]
