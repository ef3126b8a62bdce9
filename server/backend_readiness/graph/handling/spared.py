"""Guards that leave out some requests: `app.use(signedIn.unless({ path: ["/login", /^\\/public/] }))`, by the card key `spared`.

Where the exceptions can be read, a route that is none of them has the guard itself, and one that is has none. Where they cannot, the call
stays what it is: something of which nothing is known.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from backend_readiness.graph.urls import shape, uniform
from backend_readiness.graph.values import AV, Const, Ext, ListV, Obj, UnknownV, options

if TYPE_CHECKING:
    from backend_readiness.graph.routes.routing import Guard
    from backend_readiness.graph.world import Graph

MAX_PATHS = 60
_LITERAL = re.compile(r"\^?((?:\\?[/.]|[\w-])+?)(/?\$|\*|\.\*\$?)?")


def standing_before(graph: Graph, guards: tuple[Guard, ...], method: str, path: str) -> tuple[Guard, ...]:
    """The guards of a route without those that leave it out."""
    if not graph.knowledge.spared.starts:
        return guards
    found = (_for_route(graph, g, method, path) for g in guards)
    return tuple(g for g in found if g is not None)


def _for_route(graph: Graph, guard: Guard, method: str, path: str) -> Guard | None:
    values: list[AV] = []
    for value in options(guard.value):
        if not isinstance(value, Ext) or value.site is None or not isinstance(value.base, Ext):
            return guard
        called = Ext(value.path.removesuffix("()"), value.base)
        rule = next((t.rule for t, _ in graph.knowledge.spared.matches(called)), None)
        thunk = graph.ev.arg_thunk(value.site, rule.path.arg or 0, rule.path.key) if rule is not None else None
        if thunk is None:
            return guard
        is_spared = _names(graph, graph.ev.thunk(thunk), method, path)
        if is_spared is None:
            return guard
        if not is_spared:
            values.append(_guard_of(value))
    if not values:
        return None
    return replace(guard, value=values[0]) if len(values) == 1 else guard


def _guard_of(value: Ext) -> AV:
    """What the method is called on: `signedIn()` of `signedIn().unless(...)`."""
    base = value.base
    inner = base.base if isinstance(base, Ext) and base.path == value.path.removesuffix("()") else base
    return inner if inner is not None else value


def _names(graph: Graph, value: AV, method: str, path: str) -> bool | None:
    """Is the route one of the exceptions? None: they are not written out."""
    if isinstance(value, ListV):
        if len(value.items) > MAX_PATHS:
            return None
        told = [_names(graph, graph.ev.thunk(t), method, path) for t in value.items]
        return True if any(told) else None if None in told else False
    if isinstance(value, Const) and isinstance(value.value, str):
        return shape(uniform(value.value)) == shape(path)
    if isinstance(value, Obj):
        methods, url = graph.ev.member(value, "methods"), graph.ev.member(value, "url")
        if isinstance(methods, ListV):
            named = [graph.ev.thunk(t) for t in methods.items[:12]]
            if all(isinstance(n, Const) for n in named) and not any(isinstance(n, Const) and str(n.value).upper() == method for n in named):
                return False
        return _names(graph, url, method, path)
    if isinstance(value, UnknownV) and value.why.startswith("/"):
        found = _LITERAL.fullmatch(value.why[1:].rpartition("/")[0])
        if found is None or not value.why.startswith("/^"):
            return None
        start = found.group(1).replace("\\", "")
        whole = (found.group(2) or "").endswith("$") and not (found.group(2) or "").startswith(".")
        return path.rstrip("/") == start.rstrip("/") if whole else path.startswith(start)
    return None
