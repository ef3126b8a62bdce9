"""Handlers that a limiter in front of them does not count: left out by an annotation, or without the scope that it counts by."""

from __future__ import annotations

import re
from collections.abc import Iterator

from backend_readiness.controls.context import Context
from backend_readiness.controls.roles import RoleCall
from backend_readiness.facts.model import CallRef, Lit, Record
from backend_readiness.graph.classes.inheritance import bases
from backend_readiness.graph.routes.routing import BoundRoute, Guard
from backend_readiness.graph.values import ClassV, Ext, FuncV, InstV, SymbolId, options
from backend_readiness.model import Evidence
from backend_readiness.rules.signs import sign

_SCOPE = re.compile(sign("left_out_limits", "scope"))
MAX_BASES = 12


def left_out(context: Context) -> tuple[bool, Evidence] | None:
    """(are all limits off, the line) where an annotation on a handler, or on its class, takes it out of the limits."""
    skips = {(c.site.file, c.site.call): c for c in context.roles.calls("skips_limits")}
    for route in context.routes if skips else ():
        for symbol in _annotated(context, route):
            for call in _decorating(context, symbol, skips):
                given = [a.value for a in call.call.args]
                if Lit(False) in given or any(isinstance(g, Record) and _takes_back(g) for g in given):
                    return None
                return not given, context.at_call(call)
    return None


def is_unscoped(context: Context, limiters: list[Guard]) -> Evidence | None:
    """The class of a handler that names no scope, where each limiter in front of it counts only what names one."""
    if not limiters or not all(_is_scoped(context, g) for g in limiters):
        return None
    for route in context.routes:
        holder = _holder(route)
        place = route.registration.place
        lines = context.snapshot.lines(place.file)[place.line - 1 : place.end_line or place.line]
        if holder is None or any(_SCOPE.search(t) is not None for t in lines):
            return None
        family = (holder, *(b for b in bases(context.graph.ev, holder)[:MAX_BASES] if isinstance(b, ClassV)))
        if any(_SCOPE.search(t) is not None for c in family for t in _lines(context, c)):
            return None
    found = [_holder(r) for r in context.routes]
    return next((context.at_symbol(h.symbol) for h in found if h is not None), None)


def _is_scoped(context: Context, guard: Guard) -> bool:
    found = list(options(guard.value))
    return bool(found) and all(isinstance(o, Ext) and "scoped_limiter" in context.graph.knowledge.roles_of(o.path) for o in found)


def _holder(route: BoundRoute) -> ClassV | None:
    """The class on which the route's method is called, whatever base has it."""
    for option in options(route.registration.handler) if route.registration.handler is not None else ():
        if isinstance(option, ClassV):
            return option
        if isinstance(option, FuncV) and isinstance(option.self_value, InstV) and isinstance(option.self_value.cls, ClassV):
            return option.self_value.cls
    return None


def _lines(context: Context, cls: ClassV) -> tuple[str, ...]:
    symbol = context.view(cls.symbol.file).symbol(cls.symbol.index)
    return context.snapshot.lines(cls.symbol.file)[symbol.line - 1 : symbol.end_line]


def _annotated(context: Context, route: BoundRoute) -> Iterator[SymbolId]:
    """The handler, then its class."""
    for option in options(route.registration.handler) if route.registration.handler is not None else ():
        if isinstance(option, FuncV):
            yield option.symbol
            holder = context.view(option.symbol.file).holder(option.symbol.index)
            if holder is not None:
                yield SymbolId(option.symbol.file, holder)


def _decorating(context: Context, where: SymbolId, calls: dict[tuple[str, int], RoleCall]) -> Iterator[RoleCall]:
    for decorator in context.view(where.file).symbol(where.index).decorators:
        if isinstance(decorator, CallRef) and (where.file, decorator.call) in calls:
            yield calls[where.file, decorator.call]


def _takes_back(given: Record) -> bool:
    """Does the annotation say `false` of every limiter that it names: they count after all?"""
    said = [v for _, v in (*given.items, *given.computed)]
    return bool(said) and all(v == Lit(False) for v in said)
