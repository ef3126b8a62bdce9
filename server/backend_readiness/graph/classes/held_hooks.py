"""Hooks that a model holds itself: `define("Order", {}, {hooks: {beforeCreate: f}})`, `Order.addHook("beforeCreate", f)`."""

from __future__ import annotations

from collections.abc import Iterator

from backend_readiness.facts.model import Member, Name, Value
from backend_readiness.graph.evaluation import members
from backend_readiness.graph.patterns import last_step
from backend_readiness.graph.references import argument_thunk
from backend_readiness.graph.urls import texts
from backend_readiness.graph.values import AV, ClassV, Ext, FuncV, Obj, Site, options
from backend_readiness.graph.views import FileView
from backend_readiness.graph.world import Graph
from backend_readiness.rules.hook_rules import HookRule


def functions(graph: Graph, rule: HookRule, callee: Ext, receiver: Ext) -> Iterator[FuncV]:
    """The hooks of a model that an operation on it runs; in the order of the rule."""
    operation = last_step(callee.path)
    wanted = [hook for hook, operations in rule.runs.items() if operation in operations]
    cls = callee.subject
    made = receiver.site
    if wanted and isinstance(cls, ClassV):
        for site in _begun(graph, rule, cls):
            yield from _given(graph, rule, site, wanted)
        yield from _added(graph, rule, cls.symbol.file, cls, wanted)
    elif wanted and made is not None:
        yield from _given(graph, rule, made, wanted)
        yield from _added(graph, rule, made.file, made, wanted)


def _begun(graph: Graph, rule: HookRule, cls: ClassV) -> Iterator[Site]:
    """The calls that make a class a model: `Order.init({...}, {...})`, `super.init({...}, {...})` in its body."""
    view = graph.view(cls.symbol.file)
    inside = set(view.body(cls.symbol.index))
    for step in rule.begins:
        for number in view.calls_by_name.get(step, ()):
            call = view.facts.calls[number]
            own = isinstance(call.callee, Member) and call.callee.base in (Name("super"), Name("this")) and call.owner in inside
            if own or (isinstance(call.callee, Member) and _is(graph, call.callee.base, view, call.owner, cls)):
                yield Site(view.path, number, None)


def _given(graph: Graph, rule: HookRule, site: Site, wanted: list[str]) -> Iterator[FuncV]:
    for ref in rule.held:
        at = _made_by(graph, site, ref.at)
        thunk = argument_thunk(graph.ev, at, ref) if at is not None else None
        given = options(graph.ev.thunk(thunk)) if thunk is not None else ()
        for held in (o for o in given if isinstance(o, Obj)):
            for hook in wanted:
                inner = members.field_thunk(graph.ev, held, hook)
                yield from _functions(graph.ev.thunk(inner) if inner is not None else None)


def _made_by(graph: Graph, site: Site, step: str | None) -> Site | None:
    """The site when its call is that step; a rule may hold for several ways to make a model."""
    call = graph.view(site.file).facts.calls[site.call]
    name = call.callee.name if isinstance(call.callee, Member) else ""
    return site if step is None or name == step else None


def _added(graph: Graph, rule: HookRule, file: str, model: ClassV | Site, wanted: list[str]) -> Iterator[FuncV]:
    view = graph.view(file)
    for step in (*wanted, *rule.before):
        for number in view.calls_by_name.get(step, ()):
            call = view.facts.calls[number]
            if not isinstance(call.callee, Member) or not _is(graph, call.callee.base, view, call.owner, model):
                continue
            site = Site(view.path, number, None)
            if step in wanted or set(texts(graph.ev, graph.ev.arg_value(site, 0))) & set(wanted):
                yield from _functions(graph.ev.arg_value(site, -1))


def _is(graph: Graph, value: Value, view: FileView, owner: int, model: ClassV | Site) -> bool:
    found = options(graph.ev.value(value, view.path, owner))
    if isinstance(model, ClassV):
        return any(isinstance(o, ClassV) and o.symbol == model.symbol for o in found)
    return any(isinstance(o, Ext) and o.site is not None and (o.site.file, o.site.call) == (model.file, model.call) for o in found)


def _functions(value: AV | None) -> Iterator[FuncV]:
    for option in options(value) if value is not None else ():
        if isinstance(option, FuncV):
            yield option


__all__ = ["functions"]
