"""Routers that a file exports as its only handler: `const router = nc().use(auth).get(show); export default router`.

The path is that of the file. `routers` of the rule says which values they are (`types`), which of their calls add a method (`verbs`, `all`
is every method) and which put a function before those that follow (`guards`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from backend_readiness.facts.model import Value
from backend_readiness.graph.patterns import compiled
from backend_readiness.graph.routes.routing import Guard, Mount, call_place
from backend_readiness.graph.routes.scan import Scan
from backend_readiness.graph.values import AV, Const, Ext, ListV, Site, Text, options
from backend_readiness.graph.views import FileView, callee_name
from backend_readiness.graph.world import Graph
from backend_readiness.model import Place

MAX_CHAIN = 60


def added(graph: Graph, view: FileView, value: AV, given: dict[str, Any]) -> Iterator[tuple[str, AV, Place, tuple[Guard, ...]]]:
    """(method, handler, place, guards) of each method that the file puts on the router that it exports; nothing when it is none."""
    types = [compiled(t) for t in given.get("types", ())]
    roots = {r for option in options(value) if (r := _root(option, types)) is not None}
    if not roots:
        return
    verbs, guards = set(given["verbs"]), set(given.get("guards", ()))
    before: list[tuple[int, Guard]] = []
    methods: list[tuple[int, str, AV, Place, list[Guard]]] = []
    for number, call in enumerate(view.facts.calls):
        name = callee_name(call) or ""
        if name not in verbs | guards or not call.args:
            continue
        callees = options(graph.ev.value(call.callee, view.path, call.owner))
        if not any(isinstance(c, Ext) and c.base is not None and _root(c.base, types) in roots for c in callees):
            continue
        place = call_place(graph, Site(view.path, number, None))
        functions = [o for a in call.args for o in _functions(graph, view, a.value, call.owner)]
        own = [Guard(value=v, place=place, start=0) for v in (functions if name in guards else functions[:-1])]
        if name in guards:
            before.extend((call.end, g) for g in own)
        elif functions:
            methods.append((call.end, "ANY" if name == "all" else name.upper(), functions[-1], place, own))
    for end, method, handler, place, own in methods:
        yield method, handler, place, (*(g for at, g in before if at < end), *own)


def mounted(scan: Scan, value: AV | None, file: str, prefix: str) -> bool:
    """Is what a file exports an application with routes of its own? Then these stand below the path of the file."""
    child = scan.router_of_any(value)
    if child is not None:
        place = Place(file=file, line=1, end_line=1)
        scan.routing.mounts.append(Mount(parent=None, child=child, prefix=prefix, place=place, start=0))
    return child is not None


def _functions(graph: Graph, view: FileView, written: Value, owner: int) -> list[AV]:
    """The handlers that an argument gives, one or a list of them; texts are paths and none."""
    value = next(iter(options(graph.ev.value(written, view.path, owner))))
    if isinstance(value, ListV):
        return [graph.ev.thunk(t) for t in value.items[:20]]
    return [] if isinstance(value, Const | Text) else [value]


def _root(value: AV, types: list[re.Pattern[str]]) -> tuple[str, int] | None:
    """The call that made the router at the start of a chain."""
    current: AV | None = value
    for _ in range(MAX_CHAIN):
        if not isinstance(current, Ext):
            return None
        if current.site is not None and any(t.fullmatch(current.path) for t in types):
            return current.site.file, current.site.call
        current = current.base
    return None
