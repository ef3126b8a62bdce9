"""Forms and links in macros of templates: `{% macro remove(action) %}<form action="{{ action }}">` sends what each of its calls gives."""

from __future__ import annotations

from dataclasses import replace

from backend_readiness.facts.model import Element, Name, Value
from backend_readiness.graph.families import PAGES
from backend_readiness.graph.sent.clients import ApiCall
from backend_readiness.graph.sent.wrapper_calls import calls_of
from backend_readiness.graph.values import AV, Site, SymbolId
from backend_readiness.graph.world import Graph
from backend_readiness.model import Place

MAX_ARGS = 1_000


def handed_to(graph: Graph, path: str, element: Element, written: Value) -> list[tuple[Site, AV]]:
    """The calls of the macro that an element stands in, each with what it gives for the name `written`; empty when that is no parameter."""
    view = graph.view(path)
    macro = view.symbol(element.owner)
    names = [p.name for p in macro.params] if view.language in PAGES and macro.kind == "function" else []
    if not isinstance(written, Name) or written.id not in names:
        return []
    found: list[tuple[Site, AV]] = []
    for site, _ in calls_of(graph, SymbolId(path, element.owner)):
        thunk = graph.ev.arg_thunk(site, MAX_ARGS, written.id) or graph.ev.arg_thunk(site, names.index(written.id))
        if thunk is not None:
            found.append((site, graph.ev.thunk(thunk)))
    return found


def placed(graph: Graph, call: ApiCall, site: Site) -> ApiCall:
    """The request of the macro at the place that calls it."""
    made = graph.view(site.file).facts.calls[site.call]
    place = Place(file=site.file, line=made.line, end_line=made.end_line)
    return replace(call, place=place, start=made.start, owner=SymbolId(site.file, made.owner))
