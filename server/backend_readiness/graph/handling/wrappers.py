"""Decorators around handlers: guards that run before them, and limits on the HTTP methods that they take."""

from __future__ import annotations

from backend_readiness.facts.model import CallRef, Value
from backend_readiness.graph.handling.standing_guards import opened
from backend_readiness.graph.references import argument_thunk
from backend_readiness.graph.routes.routing import Guard, Registration, functions_in
from backend_readiness.graph.routes.scan import Scan
from backend_readiness.graph.urls import texts
from backend_readiness.graph.values import AV, ClassV, Ext, FuncV, ListV, Site, SymbolId, Thunk, options
from backend_readiness.model import Place

_OF_LIBRARIES = frozenset({"commits_each"})  # roles of whole packages, which say nothing of one decorator


def handler_guards(scan: Scan, item: Registration) -> tuple[Guard, ...]:
    """The decorators of a handler (and of the class that it is a method of) that are functions of the repository or play a role."""
    targets = [v.symbol for v in functions_in(scan.graph, item.handler) if isinstance(v, FuncV)][:1]
    targets += [v.symbol for v in options(item.handler) if isinstance(v, ClassV)] if item.handler is not None else []
    found: list[Guard] = []
    for value in options(item.handler) if item.handler is not None else ():  # `login_required(handler)`
        if isinstance(value, Ext) and isinstance(value.base, Ext) and scan.graph.knowledge.roles_of(value.base.path):
            called = Ext(value.base.path, value.base.base, value.site, value.base.subject)
            found.append(Guard(value=called, place=item.place, start=item.start))
    for where in targets:
        view = scan.graph.view(where.file)
        if view.language not in scan.graph.knowledge.wrapping_languages:
            continue
        parent = view.symbol(where.index).parent
        if parent > 0 and view.symbol(parent).kind == "class":
            found.extend(decorator_guards(scan, SymbolId(where.file, parent)))
        found.extend(decorator_guards(scan, where))
    return tuple(found)


def decorator_guards(scan: Scan, where: SymbolId) -> list[Guard]:
    """Outermost first. Decorators that register routes, and those of which nothing is known, are left out."""
    view = scan.graph.view(where.file)
    symbol = view.symbol(where.index)
    found: list[Guard] = []
    for decorator in symbol.decorators:
        place, start = _place(scan, where, decorator)
        for value in _meant(scan, where, decorator):
            plays = isinstance(value, Ext) and value.known and bool(set(scan.graph.knowledge.roles_of(value.path)) - _OF_LIBRARIES)
            if isinstance(value, FuncV) or plays:
                found.append(Guard(value=value, place=place, start=start))
    return found


def _place(scan: Scan, where: SymbolId, decorator: Value) -> tuple[Place, int]:
    view = scan.graph.view(where.file)
    if isinstance(decorator, CallRef):
        call = view.facts.calls[decorator.call]
        return Place(file=where.file, line=call.line, end_line=call.end_line), call.start
    line = view.symbol(where.index).line
    return Place(file=where.file, line=line, end_line=line), view.symbol(where.index).start


def _meant(scan: Scan, where: SymbolId, decorator: Value) -> list[AV]:
    """What a decorator is: the named function, or the function whose call makes it. A wrapper (`method_decorator`) is opened."""
    ev, knowledge = scan.graph.ev, scan.graph.knowledge
    parent = max(0, scan.graph.view(where.file).symbol(where.index).parent)
    if not isinstance(decorator, CallRef):
        return list(options(ev.value(decorator, where.file, parent)))
    if (where.file, decorator.call) in scan.decorating:  # also a method of the repository that hands on to the one that registers
        return []
    site = Site(where.file, decorator.call, None)
    call = scan.graph.view(where.file).facts.calls[decorator.call]
    found: list[AV] = []
    for value in options(ev.value(call.callee, where.file, call.owner)):
        if isinstance(value, Ext):
            if knowledge.routes.matches(value.path):
                continue
            if knowledge.dependencies.matches(value.path):
                thunk = ev.arg_thunk(site, 0)
                found.extend(_opened(scan, thunk) if thunk is not None else ())
                continue
            value = Ext(value.path, value.base, site, value.subject)
        found.append(value)
    return found


def _opened(scan: Scan, thunk: Thunk) -> list[AV]:
    if isinstance(thunk.expr, CallRef):
        call = scan.graph.view(thunk.file).facts.calls[thunk.expr.call]
        return list(options(scan.graph.ev.value(call.callee, thunk.file, call.owner, thunk.env)))
    found: list[AV] = []
    for option in options(scan.graph.ev.thunk(thunk)):
        found.extend(v for item in opened(scan, option) for v in scan.standing.running(item)) if isinstance(
            option, ListV
        ) else found.append(option)
    return found


def method_limits(scan: Scan, handler: AV | None) -> list[str]:
    """The HTTP methods that decorators or wrappers of a handler leave; empty when none says anything."""
    sites: list[tuple[Ext, Site | None]] = []
    for value in options(handler) if handler is not None else ():
        if isinstance(value, Ext) and value.site is not None and isinstance(value.base, Ext):
            sites.append((value.base, value.site))
        elif isinstance(value, Ext):  # a function of a package, or a view that it made itself
            sites.append((value, None))
    for function in functions_in(scan.graph, handler)[:1]:
        if not isinstance(function, FuncV):
            continue
        where = function.symbol
        view = scan.graph.view(where.file)
        for decorator in view.symbol(where.index).decorators:
            site = Site(where.file, decorator.call, None) if isinstance(decorator, CallRef) else None
            written = view.facts.calls[decorator.call].callee if isinstance(decorator, CallRef) else decorator
            for value in options(scan.graph.ev.value(written, where.file, max(0, view.symbol(where.index).parent))):
                if isinstance(value, Ext):
                    sites.append((value, site))
    for callee, site in sites:
        for tagged, _ in scan.graph.knowledge.limits.matches(callee.path):
            where_named = tagged.rule.methods
            thunk = argument_thunk(scan.graph.ev, site, where_named) if site is not None and where_named is not None else None
            named = texts(scan.graph.ev, scan.graph.ev.thunk(thunk)) if thunk is not None else []
            return [m.upper() for m in named if m.isalpha()] or list(tagged.rule.fixed)
    return []
