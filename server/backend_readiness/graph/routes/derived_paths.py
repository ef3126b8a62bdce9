"""Paths that stand on a class, and are taken from it by its name: `@endpointInput("orders/{id}") case class Show(...)`, `derived[Show]`."""

from __future__ import annotations

from collections.abc import Mapping

from backend_readiness.facts.model import Value
from backend_readiness.graph.classes.annotations import arguments, decorators_of
from backend_readiness.graph.patterns import last_step
from backend_readiness.graph.urls import texts
from backend_readiness.graph.values import ClassV, Ext, Site, options
from backend_readiness.graph.world import Graph


def derived_path(graph: Graph, site: Site, written: Value, derived: Mapping[str, str]) -> str:
    """The path on the class that a call is given as its type; empty for any other value. `derived` maps such calls to the annotation."""
    call = graph.view(site.file).facts.calls[site.call]
    for option in options(graph.ev.value(written, site.file, call.owner, site.env)) if derived else ():
        made = option.site if isinstance(option, Ext) and option.path.endswith("()") else None
        annotation = derived.get(last_step(option.path)) if isinstance(option, Ext) else None
        if made is None or annotation is None:
            continue
        by = graph.view(made.file).facts.calls[made.call]
        for cls in options(graph.ev.value(by.type_args[0], made.file, by.owner, made.env)) if by.type_args else ():
            for mark in decorators_of(graph, cls.symbol) if isinstance(cls, ClassV) else ():
                if last_step(mark.path) == annotation:
                    found = [t for a in arguments(graph, mark)[:1] for t in texts(graph.ev, graph.ev.thunk(a))]
                    return f"/{found[0].strip('/')}" if found else ""
    return ""
