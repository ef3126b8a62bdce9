"""Consumers that are no callback of the call that names their queue: a loop around it, or a function given to a later call."""

from __future__ import annotations

from backend_readiness.facts.model import Member
from backend_readiness.graph.routes.routing import functions_in
from backend_readiness.graph.values import FuncV, Obj, Site, SymbolId, options
from backend_readiness.graph.world import Graph
from backend_readiness.rules.card_rules import BusRule

_FUNCTIONS = ("function", "method", "lambda")


def consuming(graph: Graph, site: Site, rule: BusRule) -> list[FuncV]:
    """The functions that work on what arrives: those given beside (`consumer.run({ eachMessage })`), else the one around the call."""
    view = graph.view(site.file)
    call = view.facts.calls[site.call]
    if rule.beside and isinstance(call.callee, Member):
        for number, other in enumerate(view.facts.calls):
            if isinstance(other.callee, Member) and other.callee.name in rule.beside and other.callee.base == call.callee.base:
                found = [f for n in range(len(other.args[:4])) for f in _functions(graph, Site(site.file, number, None), n)]
                if found:
                    return found[:1]
    if not rule.encloses:
        return []
    around = [i for i in view.enclosing(call.owner) if view.symbol(i).kind in _FUNCTIONS]
    value = graph.ev.symbol_value(SymbolId(site.file, around[0])) if around else None
    return [o for o in options(value) if isinstance(o, FuncV)] if value is not None else []


def _functions(graph: Graph, site: Site, position: int) -> list[FuncV]:
    """The functions of an argument, also those in an object."""
    value = graph.ev.arg_value(site, position)
    found: list[FuncV] = []
    for option in options(value) if value is not None else ():
        held = [graph.ev.thunk(t) for t in list(option.fields.values())[:12]] if isinstance(option, Obj) else [option]
        found.extend(f for h in held for f in functions_in(graph, h) if isinstance(f, FuncV))
    return found
