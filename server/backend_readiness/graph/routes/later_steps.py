"""The steps of a chain that follow a call: `.name("x")` and `.middleware("auth")` of `Route::get(...)->name("x")->middleware("auth")`."""

from __future__ import annotations

from collections.abc import Iterator

from backend_readiness.graph.values import Site
from backend_readiness.graph.views import FileView, callee_name

MAX_STEPS = 200  # a table with a column a step is one chain


def steps_after(view: FileView, call: int) -> Iterator[tuple[str, int]]:
    """(name, number of the call) of each call on the result of a call, the nearest first."""
    for _ in range(MAX_STEPS):
        found = view.called_on.get(call)
        if found is None:
            return
        yield callee_name(view.facts.calls[found]) or "", found
        call = found


def sites_after(view: FileView, site: Site, name: str) -> list[Site]:
    """The calls of that name that follow."""
    return [Site(site.file, number, site.env) for step, number in steps_after(view, site.call) if step == name]
