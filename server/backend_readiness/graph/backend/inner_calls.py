"""Calls that are one expression with another: each is a step towards the last one and no touch of its own."""

from __future__ import annotations

from backend_readiness.graph.values import AV, Ext, Site, options
from backend_readiness.graph.views import FileView
from backend_readiness.graph.world import Graph


def inner_calls(graph: Graph, callee: AV, site: Site) -> frozenset[int]:
    """The calls that a callee is chained on in the same expression: `.find(...)` in `.find(...).toArray()` is one touch."""
    calls = graph.view(site.file).facts.calls
    outer = calls[site.call]
    found = set()
    for value in options(callee):
        current: AV | None = value
        for _ in range(40):
            if not isinstance(current, Ext):
                break
            inner = current.site
            if (
                inner is not None
                and inner.file == site.file
                and outer.start <= calls[inner.call].start
                and calls[inner.call].end <= outer.end
            ):
                found.add(inner.call)
            current = current.base
    return frozenset(found - {site.call})


def lies_within(view: FileView, site: Site, outer: Site) -> bool:
    """Is a call written inside of another one, or the same?"""
    inner, around = view.facts.calls[site.call], view.facts.calls[outer.call]
    return site.call == outer.call or (around.start <= inner.start and inner.end <= around.end)
