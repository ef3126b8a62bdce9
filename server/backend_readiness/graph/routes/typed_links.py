"""Links by a class that stands for a path: `application.href(Orders.Show(id = 5))` with `@Resource("/orders/{id}") class Show`.

Cards say which calls give the address of such a class (`typed_links`), and which annotations say its path.
"""

from __future__ import annotations

from backend_readiness.graph.references import argument
from backend_readiness.graph.routes.typed_paths import path_of_class
from backend_readiness.graph.values import ClassV, Ext, InstV, options
from backend_readiness.graph.world import Graph


def of_class(graph: Graph, option: Ext) -> tuple[str, ...] | None:
    """The path that a call gives for a class or an object of it; None when it is no such call, or the class says no path."""
    called = option.base
    for tagged, _ in graph.knowledge.typed_links.matches(called) if isinstance(called, Ext) and option.site is not None else ():
        given = argument(graph, option.site, tagged.rule.value) if option.site is not None else None
        for value in options(graph.ev.thunk(given)) if given is not None else ():
            cls = value.cls if isinstance(value, InstV) else value
            path = path_of_class(graph, cls, tagged.rule.typed) if isinstance(cls, ClassV) else None
            if path is not None:
                return (path,)
    return None
