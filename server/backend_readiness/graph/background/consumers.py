"""Consumers that are no callback of the call that names their queue: a loop around it, or a function given to a later call."""

from __future__ import annotations

from backend_readiness.facts.model import Member, Name, Value
from backend_readiness.graph.routes.routing import functions_in
from backend_readiness.graph.values import FuncV, Obj, Site, SymbolId, options
from backend_readiness.graph.views import FileView
from backend_readiness.graph.world import Graph
from backend_readiness.rules.bus_rules import BusRule

_FUNCTIONS = ("function", "method", "lambda")


def consuming(graph: Graph, site: Site, rule: BusRule) -> list[FuncV]:
    """The functions that work on what arrives: those given beside (`consumer.run({ eachMessage })`), those put on the consumer
    (`consumer.Received += handle`), the one that reads, else the one around the call."""
    view = graph.view(site.file)
    call = view.facts.calls[site.call]
    if rule.beside and isinstance(call.callee, Member):
        for number, other in enumerate(view.facts.calls):
            if isinstance(other.callee, Member) and other.callee.name in rule.beside and other.callee.base == call.callee.base:
                found = [f for n in range(len(other.args[:4])) for f in _functions(graph, Site(site.file, number, None), n)]
                if found:
                    return found[:1]
    if rule.handlers and (found := _put_on(graph, site, rule)):
        return found[:1]
    if rule.reads and (found := _reading(graph, site, rule)):
        return found
    if not rule.encloses:
        return []
    around = [i for i in view.enclosing(call.owner) if view.symbol(i).kind in _FUNCTIONS]
    if not around:
        return [FuncV(SymbolId(site.file, 0))]  # a script
    value = graph.ev.symbol_value(SymbolId(site.file, around[0]))
    return [o for o in options(value) if isinstance(o, FuncV)]


def outermost(view: FileView, owner: int) -> int:
    """The outermost function with a name around a place; 0 where none is."""
    around = [i for i in view.enclosing(owner) if view.symbol(i).kind in ("function", "method")]
    return around[-1] if around else 0


def _reading(graph: Graph, site: Site, rule: BusRule) -> list[FuncV]:
    """The function of the first call of one of the rule's `reads` on the same field, where it is another one."""
    view = graph.view(site.file)
    call = view.facts.calls[site.call]
    base = call.callee.base if isinstance(call.callee, Member) else None
    for other in view.facts.calls if _is_field(view, base, call.owner) else ():
        if isinstance(other.callee, Member) and other.callee.name in rule.reads and other.callee.base == base:
            around = outermost(view, other.owner)
            value = graph.ev.symbol_value(SymbolId(site.file, around)) if around else None
            return [o for o in options(value) if isinstance(o, FuncV)] if value is not None else []
    return []


def _is_field(view: FileView, written: Value | None, owner: int) -> bool:
    """Is it a member, or the bare name of a field of the class around?"""
    classes = (i for i in view.enclosing(owner) if view.symbol(i).kind == "class")
    fields = (a.target for i in classes for a in view.assigns_of.get(i, ()) if a.kind == "field")
    return isinstance(written, Member) or (isinstance(written, Name) and written in fields)


def _put_on(graph: Graph, site: Site, rule: BusRule) -> list[FuncV]:
    """The functions assigned to one of the rule's `handlers` of the receiver or of an argument; of a local name in its function."""
    view = graph.view(site.file)
    call = view.facts.calls[site.call]
    meant = [call.callee.base] if isinstance(call.callee, Member) else []
    meant.extend(a.value for a in call.args)
    found: list[FuncV] = []
    for assign in view.facts.assigns:
        target = assign.target
        if not isinstance(target, Member) or target.name not in rule.handlers or target.base not in meant or assign.value is None:
            continue
        if not isinstance(target.base, Name) or outermost(view, assign.owner) == outermost(view, call.owner):
            value = graph.ev.value(assign.value, site.file, assign.owner)
            found.extend(f for f in functions_in(graph, value) if isinstance(f, FuncV))
    return found


def _functions(graph: Graph, site: Site, position: int) -> list[FuncV]:
    """The functions of an argument, also those in an object."""
    value = graph.ev.arg_value(site, position)
    found: list[FuncV] = []
    for option in options(value) if value is not None else ():
        held = [graph.ev.thunk(t) for t in list(option.fields.values())[:12]] if isinstance(option, Obj) else [option]
        found.extend(f for h in held for f in functions_in(graph, h) if isinstance(f, FuncV))
    return found
