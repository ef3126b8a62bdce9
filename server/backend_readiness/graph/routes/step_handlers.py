"""Handlers that later steps of a chain are given: `router.post("/orders").handler(BodyHandler.create()).handler(this::add)`.

The option `or_later` of a rule: true where the nearest step that has a function gives it, or names of steps (globs) all of which take
handlers: the last that gets a function is the handler, those before it run first. `never` names steps that are none of them.
"""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from backend_readiness.graph.routes.later_steps import steps_after
from backend_readiness.graph.routes.routing import Guard, functions_in
from backend_readiness.graph.values import AV, FuncV, options
from backend_readiness.model import Place

if TYPE_CHECKING:
    from backend_readiness.graph.routes.scan import Hit, Scan


def given_later(scan: Scan, hit: Hit, given: AV | None) -> tuple[AV | None, tuple[Guard, ...]]:
    """The handler, and what runs before it; `given` when no later step says more."""
    names = hit.rule.options.get("or_later")
    if isinstance(names, bool) or not names:
        return (_nearest(scan, hit) if given is None and names else given), ()
    never = tuple(hit.rule.options.get("never", ()))
    found: list[tuple[AV, int, bool]] = []
    for name, number in steps_after(scan.graph.view(hit.site.file), hit.site.call):
        if any(fnmatchcase(name, n) for n in names) and name not in never:
            values = _arguments(scan, hit, number)
            functions = [v for v in values if functions_in(scan.graph, v)]
            found.extend([(functions[-1], number, True)] if functions else [(v, number, False) for v in values[-1:]])
    last = max((i for i, item in enumerate(found) if item[2]), default=-1)
    if last < 0:
        return given, ()
    guards = [g for value, number, _ in found[:last] for g in scan.guards_of(value, _place(scan, hit, number), hit.call.start)]
    return found[last][0], tuple(guards)


def _nearest(scan: Scan, hit: Hit) -> AV | None:
    for _, number in steps_after(scan.graph.view(hit.site.file), hit.site.call):
        for value in reversed(_arguments(scan, hit, number)):
            if any(isinstance(o, FuncV) for o in options(value)):
                return value
    return None


def _arguments(scan: Scan, hit: Hit, number: int) -> list[AV]:
    view = scan.graph.view(hit.site.file)
    call = view.facts.calls[number]
    return [scan.graph.ev.value(a.value, view.path, call.owner, hit.site.env) for a in call.args]


def _place(scan: Scan, hit: Hit, number: int) -> Place:
    call = scan.graph.view(hit.site.file).facts.calls[number]
    return Place(file=hit.site.file, line=call.line, end_line=call.end_line)
