"""Whether a middleware is put up for a part of the application in which the flow does not stand, or made and used nowhere."""

from __future__ import annotations

import re

from backend_readiness.controls.context import Context
from backend_readiness.facts.model import Call, Lit, Member
from backend_readiness.graph.patterns import last_step
from backend_readiness.graph.values import Ext, options
from backend_readiness.graph.views import FileView, callee_name

_PUTS_UP = re.compile(r"(?i)^(use|uses|with|wrap|layer|add_?middleware|pipe_?through|register)$")
_PARTS = re.compile(r"(?i)^(group|with|route|router|scope|sub_?router|sub_?route|blueprint|namespace)\(?\)?$")
_FOR_NOTHING = re.compile(r"^\s*(_|var _)\s*=")


def stands_elsewhere(context: Context, file: str, line: int) -> bool:
    """Is what a line puts up for a group or a path that none of the flow's routes has, and before none of them; or bound to nothing?"""
    lines = context.snapshot.lines(file)
    if line <= len(lines) and _FOR_NOTHING.match(lines[line - 1]) is not None:
        return True
    if file not in context.graph.facts.files:
        return False
    if any(g.place.file == file and g.place.line <= line <= g.place.end_line for g in context.guards):
        return False
    if _registers_another(context, file, line) or _on_another_router(context, file, line):
        return True
    view = context.view(file)
    for call in view.facts.calls:
        if not (call.line <= line <= call.end_line) or _PUTS_UP.match(callee_name(call) or "") is None:
            continue
        first = call.args[0].value if call.args else None
        prefix = first.value if isinstance(first, Lit) and isinstance(first.value, str) and first.value.startswith("/") else ""
        if prefix.strip("/*") and not any(_below(r.route.endpoint.path, prefix) for r in context.routes):
            return True
        if _is_part(context, view, call):
            return True
    return False


def _on_another_router(context: Context, file: str, line: int) -> bool:
    """Does the line stand on routers that are neither the flow's nor above them: a sub-application of its own?"""
    there = context.tracer.guarded_at(file, line)
    own = {r.registration.router for r in context.routes}
    if not there or None in own:
        return False
    above = {k for router in own if router is not None for k in (router, *context.tracer.mounts_above(router))}
    return not there & above and all(context.tracer.mounts_above(k) for k in there)


def _registers_another(context: Context, file: str, line: int) -> bool:
    """Is the line the registration of a route beside the flow's: what wraps the handler there wraps that handler alone?"""
    there = [b for b in context.tracer.routes if b.route.place.file == file and b.route.place.line <= line <= b.route.place.end_line]
    own = {r.route.place for r in context.routes}
    if not there or any(b.route.place in own for b in there):
        return False
    return not any(_below(r.route.endpoint.path, _fixed(b.route.endpoint.path)) for b in there for r in context.routes)


def _fixed(path: str) -> str:
    """The part of a path before its first parameter: what a handler that hands on to other routes may have below it."""
    return path.partition("{")[0]


def _below(path: str, prefix: str) -> bool:
    wanted = prefix.rstrip("/*")
    return path == wanted or path.startswith(f"{wanted}/")


def _is_part(context: Context, view: FileView, call: Call) -> bool:
    """Is the call made on a router that another router gave, not on the application itself?"""
    if not isinstance(call.callee, Member):
        return False
    for value in options(context.graph.ev.value(call.callee.base, view.path, call.owner)):
        if isinstance(value, Ext) and value.base is not None and _PARTS.match(last_step(value.path)) is not None:
            return True
    return False
