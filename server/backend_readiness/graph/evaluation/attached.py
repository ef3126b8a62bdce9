"""Values that are put on a framework's object under a name, and read from it elsewhere: `app.decorate("orders", repository)`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from backend_readiness.facts.model import Index, Lit
from backend_readiness.graph.patterns import last_step
from backend_readiness.graph.values import AV, Ext, Site, Thunk
from backend_readiness.snapshot.places import is_test

if TYPE_CHECKING:
    from backend_readiness.graph.world import Graph

Attached = dict[str, list[Thunk]]


def collect_attached(graph: Graph) -> Attached:
    """Name -> what is attached under it, by the card key `attached`. The receivers are checked when the name is read."""
    found: Attached = {}
    for rule in graph.knowledge.attached:
        for called in dict.fromkeys(last_step(c) for c in rule.callee):
            for file in graph.naming(called):
                view = graph.view(file)
                for number in view.calls_by_name.get(called, ()):
                    call = view.facts.calls[number]
                    name = call.args[0].value if call.args else None
                    value = graph.ev.arg_thunk(Site(file, number, None), 1)
                    if isinstance(name, Lit) and isinstance(name.value, str) and value is not None:
                        found.setdefault(name.value, []).append(value)
        for key, item in _items(graph, rule.items_by_importers_of) if rule.items_by_importers_of else ():
            found.setdefault(key, []).append(item)
    return {k: v for k, v in found.items() if len(v) <= 2}


def _items(graph: Graph, packages: tuple[str, ...]) -> Iterator[tuple[str, Thunk]]:
    """(name, value) of `app["name"] = value` in files that import one of the packages."""
    for file, index in graph.facts.files.items():
        if is_test(file) or not any(m == p or m.startswith(f"{p}.") for m in index.modules for p in packages):
            continue
        for assign in graph.view(file).facts.assigns:
            target = assign.target
            key = target.key if isinstance(target, Index) else None
            if isinstance(key, Lit) and isinstance(key.value, str) and assign.value is not None:
                yield key.value, Thunk(file, assign.owner, assign.value, None)


def attached_to(graph: Graph, base: Ext, name: str) -> AV | None:
    """The value that was attached to `base` under `name`; None when none was, or `base` is something else."""
    thunks = graph.attached.get(name)
    if not thunks or not graph.knowledge.attachable.matches(base):
        return None
    from backend_readiness.graph.values import union

    return union([graph.ev.thunk(t) for t in thunks])
