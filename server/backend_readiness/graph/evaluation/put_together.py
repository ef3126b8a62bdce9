"""Several values that are put on a framework's object at once: `app.decorate({ orders, users })`, `app.derive(() => ({ user }))`.

Every part of an application may put one of the same name: what counts is what was put in the file at hand or in one that it imports."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from backend_readiness.facts.model import Call, Func, Record
from backend_readiness.graph.values import AV, Ext, Thunk, identity, nearest_call
from backend_readiness.graph.views import FileView

if TYPE_CHECKING:
    from backend_readiness.graph.world import Graph


def put_together(view: FileView, call: Call) -> Iterator[tuple[str, Thunk]]:
    """(name, value) of the record that a call is given, or of what the function answers that it is given."""
    given = call.args[0].value if len(call.args) == 1 else None
    if isinstance(given, Record):
        yield from ((k, Thunk(view.path, call.owner, v, None)) for k, v in given.items if k is not None)
    elif isinstance(given, Func):
        for answer in view.returns.get(given.symbol, ()):
            for key, value in answer.value.items if isinstance(answer.value, Record) else ():
                if key is not None:
                    yield key, Thunk(view.path, given.symbol, value, None)


def nearest_put(graph: Graph, base: Ext, puts: list[tuple[str, Thunk]]) -> list[AV]:
    """What was put where `base` is read; of those elsewhere the one thing that all of them are, if they are one."""
    site = nearest_call(base)
    if site is not None:
        imported = [p for p in puts if site.file in graph.importing_files(p[0])]
        puts = [p for p in puts if p[0] == site.file] or imported or puts
    values = [graph.ev.thunk(value) for _, value in puts]
    return values[:1] if len({identity(v) for v in values}) == 1 else []
