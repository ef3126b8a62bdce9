"""Functions of the repository that a block calls and that hold steps themselves: `crud :orders`, `r.rename(order)`, `order_routes(r)`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from backend_readiness.facts.model import Call, Member, Name
from backend_readiness.graph.evaluation.params import bind
from backend_readiness.graph.families import family
from backend_readiness.graph.values import Env, Ext, FuncV, InstV, Site, SymbolId, options
from backend_readiness.graph.views import FileView, callee_name

if TYPE_CHECKING:
    from collections.abc import Iterator

    from backend_readiness.graph.nested.walk import Walker

MAX_OF_NAME = 40


def functions(walker: Walker, view: FileView, site: Site) -> Iterator[tuple[SymbolId, Env]]:
    """The function that a call names, with its parameters bound, when steps of the card stand in it.

    A method that the call's receiver is not known to have counts where the repository has one method of the name that holds steps:
    modules are mixed into tables by calls that take many forms.
    """
    call = view.facts.calls[site.call]
    found = [
        o for o in options(walker.ev.value(call.callee, site.file, call.owner, site.env)) if isinstance(o, FuncV) and _is_named(walker, o)
    ]
    if not found:
        found = list(_by_name(walker, view, site, call))
    for function in found[:1]:
        if has_steps(walker, function.symbol):
            symbol = walker.scan.graph.view(function.symbol.file).symbol(function.symbol.index)
            yield function.symbol, bind(walker.ev, function, symbol, site)


def _is_named(walker: Walker, function: FuncV) -> bool:
    where, graph = function.symbol, walker.scan.graph
    return where.file in graph.production and graph.view(where.file).symbol(where.index).kind in ("function", "method")


def _by_name(walker: Walker, view: FileView, site: Site, call: Call) -> Iterator[FuncV]:
    name = callee_name(call) or ""
    if not isinstance(call.callee, Name | Member) or not name:
        return
    value = next(iter(options(walker.ev.value(call.callee, site.file, call.owner, site.env))), None)
    if isinstance(call.callee, Member) and not (isinstance(value, Ext) and walker.is_receiver(value)):
        return
    graph = walker.scan.graph
    written = graph.defining(name)
    if len(written) > MAX_OF_NAME:
        return
    own = [w for w in written if w.file in graph.production and family(graph.production[w.file].language) == family(view.language)]
    kept = [w for w in own if graph.view(w.file).symbol(w.index).kind in ("function", "method") and has_steps(walker, w)]
    if len(kept) > 1:
        kept = [w for w in kept if graph.view(w.file).symbol(graph.view(w.file).symbol(w.index).parent).name in walker.own_requests]
    if len(kept) == 1:
        receiver = value.base if isinstance(value, Ext) else None
        yield FuncV(kept[0], receiver if isinstance(receiver, InstV) else None)


def has_steps(walker: Walker, where: SymbolId) -> bool:
    """Does a function call what is a step of the card by its name, with a path or a block?"""
    known = walker.with_steps.get(where)
    if known is None:
        view = walker.scan.graph.view(where.file)
        calls = [view.facts.calls[n] for scope in view.body(where.index) for n in view.calls_of.get(scope, ())]
        known = walker.with_steps[where] = any(callee_name(c) in walker.names and c.args for c in calls)
    return known
