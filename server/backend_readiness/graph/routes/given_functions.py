"""Functions that others are given and call with a router: `func mount(r *gin.Engine, prefix string, fn func(*gin.RouterGroup)) { fn(g) }`.

What such a function registers stands for one call for each time that it is given, with what it is called with there, so that the routes of
one are not put below the prefix of another: `mount(r, "/orders", orders.Routes)`, `mount(r, "/stock", stock.Routes)`.
"""

from __future__ import annotations

from backend_readiness.facts.file_index import last_name
from backend_readiness.facts.model import Call, Member, Name
from backend_readiness.graph.evaluation.evaluate import Evaluator
from backend_readiness.graph.routes.given_routers import behind, parameter, root_of
from backend_readiness.graph.values import FuncV, Site, SymbolId, options
from backend_readiness.graph.views import FileView
from backend_readiness.snapshot.places import is_test

LANGUAGES = frozenset({"go"})
MAX_FILES = 60
MAX_SITES = 300


def sites_on_called_with(ev: Evaluator, view: FileView, number: int) -> list[Site]:
    """The sites of a call on a router that its function is called with by those it is given to; empty for any other call."""
    call = view.facts.calls[number]
    root = root_of(view, call.callee) if view.language in LANGUAGES else None
    root = behind(view, call.owner, root) if root is not None and root is not call.callee else None
    found = parameter(view, call.owner, root.id) if root is not None else None
    if found is None:
        return []
    where = SymbolId(view.path, found[0])
    return [Site(view.path, number, ev.bind(FuncV(where), s)) for s in calls_of_given(ev, where, view.symbol(found[0]).name)]


def calls_of_given(ev: Evaluator, where: SymbolId, name: str) -> list[Site]:
    """The calls of a function by others that it is given to, once for each time that it is given."""
    key = f"{where.file}:{where.index}"  # beside the names of variables that hold functions
    if key not in ev.sites_of_variables:
        ev.sites_of_variables[key] = []  # one that is given to itself
        ev.sites_of_variables[key] = _calls(ev, where, name)[:MAX_SITES] if name else []
    return ev.sites_of_variables[key]


def _calls(ev: Evaluator, where: SymbolId, name: str) -> list[Site]:
    found: list[Site] = []
    for file in ev.world.naming(name)[:MAX_FILES]:
        view = ev.world.view(file)
        for number, call in enumerate(view.facts.calls) if view.language in LANGUAGES and not is_test(file) else ():
            for position in _places(call, name):
                with ev.fresh():  # what is asked for on the way here is asked for again by the next
                    given = options(ev.value(call.args[position].value, file, call.owner))
                    if any(isinstance(o, FuncV) and o.symbol == where for o in given):
                        found.extend(_inner(ev, Site(file, number, None), call, position))
    return found


def _places(call: Call, name: str) -> list[int]:
    given = enumerate(a.value for a in call.args)
    return [n for n, value in given if isinstance(value, Name | Member) and last_name(value) == name]


def _inner(ev: Evaluator, outer: Site, call: Call, position: int) -> list[Site]:
    """The calls of what stands at that place in the function that is called."""
    found: list[Site] = []
    for callee in options(ev.value(call.callee, outer.file, call.owner)):
        if not isinstance(callee, FuncV):
            continue
        view = ev.world.view(callee.symbol.file)
        params = view.symbol(callee.symbol.index).params
        given = params[position].name if position < len(params) else ""
        for number in view.calls_by_name.get(given, ()) if given else ():
            inner = view.facts.calls[number]
            if inner.callee == Name(given) and callee.symbol.index in view.enclosing(inner.owner):
                found.append(Site(view.path, number, ev.bind(callee, outer)))
    return found
