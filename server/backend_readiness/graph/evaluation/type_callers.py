"""Calls of a static method through a type parameter: `TEndpoint.Map(app)` in `MapEndpoint<TEndpoint>(this IEndpointRouteBuilder app)`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from backend_readiness.facts.model import Member, Name
from backend_readiness.graph.evaluation import params
from backend_readiness.graph.values import AV, ClassV, FuncV, Site, SymbolId, options

if TYPE_CHECKING:
    from backend_readiness.graph.evaluation.evaluate import Evaluator

LANGUAGES = frozenset({"csharp"})
MAX_FILES = 20
MAX_CALLERS = 60
_PARAMETER = re.compile(r"T(?:[A-Z]\w*)?")


def given_through_types(ev: Evaluator, where: SymbolId, name: str, position: int) -> Iterator[AV]:
    """What a method of a class is given where a generic function calls it on its type parameter, once for each call for that class."""
    view = ev.world.view(where.file)
    cls = view.symbol(where.index).parent
    files = ev.world.calling(name) if view.language in LANGUAGES and cls > 0 else ()
    for file in files[:MAX_FILES] if len(files) <= params.MAX_FILES else ():
        other = ev.world.view(file)
        for number in other.calls_by_name.get(name, ()):
            call = other.facts.calls[number]
            on = call.callee.base if isinstance(call.callee, Member) else None
            generic = other.symbol(call.owner)
            if not isinstance(on, Name) or not _PARAMETER.fullmatch(on.id) or not generic.type_params or position >= len(call.args):
                continue
            for site in params.callers_named(ev, generic.name).get(SymbolId(file, call.owner), ())[:MAX_CALLERS]:
                yield from _given(ev, site, SymbolId(where.file, cls), SymbolId(file, call.owner), Site(file, number, None), position)


def _given(ev: Evaluator, site: Site, cls: SymbolId, generic: SymbolId, inner: Site, position: int) -> Iterator[AV]:
    """The argument of the inner call in one call of the generic function, where that is for the class."""
    view = ev.world.view(site.file)
    call = view.facts.calls[site.call]
    meant = (v for t in call.type_args for v in options(ev.value(t, site.file, call.owner)))
    if not any(isinstance(v, ClassV) and v.symbol == cls for v in meant):
        return
    called = ev.world.view(inner.file)
    for function in options(ev.value(call.callee, site.file, call.owner)):
        if isinstance(function, FuncV) and function.symbol == generic:
            env = params.bind(ev, function, called.symbol(generic.index), site)
            yield ev.value(called.facts.calls[inner.call].args[position].value, inner.file, generic.index, env)


def always_given(ev: Evaluator, file: str, owner: int, name: str) -> bool:
    """Is a parameter with a default given by every call of its function, of which there is one at least?"""
    view = ev.world.view(file)
    symbol = view.symbol(owner)
    at = next((i for i, p in enumerate(symbol.params) if p.name == name), None)
    if view.language not in LANGUAGES or at is None or not symbol.name:
        return False
    sites = params.callers_named(ev, symbol.name).get(SymbolId(file, owner), ())
    before = 1 if symbol.params[0].kind == "this" or symbol.params[0].name == "self" else 0
    calls = [ev.world.view(s.file).facts.calls[s.call] for s in sites]
    return bool(calls) and all(len(c.args) > at - before or any(a.name == name for a in c.args) for c in calls)
