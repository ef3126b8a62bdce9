"""Functions that are put on a schema and run through the models that are made from it: statics, methods, and hooks around operations."""

from __future__ import annotations

import re
from collections.abc import Iterator

from backend_readiness.facts.model import Member, Name, Value
from backend_readiness.graph.classes import held_hooks
from backend_readiness.graph.evaluation import members
from backend_readiness.graph.patterns import compiled, last_step
from backend_readiness.graph.references import argument_thunk, step_site
from backend_readiness.graph.urls import texts
from backend_readiness.graph.values import AV, Env, Ext, FuncV, Obj, Site, options
from backend_readiness.graph.views import FileView
from backend_readiness.graph.world import Graph
from backend_readiness.rules.card_rules import Ref
from backend_readiness.rules.hook_rules import HookRule

MAX_PLUGINS = 20
MAX_FILES = 400


class Hooks:
    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self._named: dict[str, dict[str, Site]] = {}
        self._rules = [(r, [compiled(p) for p in graph.knowledge.patterns(c, r.receiver)]) for c in graph.knowledge.cards for r in c.hooks]

    def functions(self, callee: Ext) -> list[FuncV]:
        """What calling `callee` runs: the function of that name on the schema, or the hooks of the operation."""
        found: list[FuncV] = []
        for rule, patterns in self._rules:
            receiver = self._receiver(callee, patterns)
            schema = self._schema(receiver, rule) if receiver is not None else None
            if schema is not None:
                found.extend(_bound(f, callee.base) for f in self._on(schema, rule, last_step(callee.path)))
            if receiver is not None and rule.held:
                found.extend(held_hooks.functions(self.graph, rule, callee, receiver))
        return list({f.symbol: f for f in found}.values())

    def _receiver(self, callee: Ext, patterns: list[re.Pattern[str]]) -> Ext | None:
        current: AV | None = callee.base
        for _ in range(20):
            if not isinstance(current, Ext):
                return None
            if any(p.fullmatch(current.path) for p in patterns):
                return current
            current = current.base
        return None

    def _schema(self, receiver: Ext, rule: HookRule) -> Site | None:
        for ref in rule.schema_refs:
            site = step_site(receiver, ref.at) if ref.at is not None else receiver.site
            thunk = argument_thunk(self.graph.ev, site, ref) if site is not None else None
            for option in options(self.graph.ev.thunk(thunk)) if thunk is not None else ():
                if isinstance(option, Ext) and option.site is not None:
                    return option.site
            if thunk is None and site is not None and ref.at is not None:
                named = next(iter(texts(self.graph.ev, self.graph.ev.arg_value(site, 0))), "")
                if named and (made := self._made_under(ref).get(named)) is not None:
                    return made
        return None

    def _made_under(self, ref: Ref) -> dict[str, Site]:
        """Name of a model -> the schema that it is made with, where another call asks for it by its name alone: `model("Order")`."""
        step = ref.at or ""
        if step not in self._named:
            found: dict[str, list[Site]] = {}
            for file in self.graph.naming(step)[:MAX_FILES]:
                for number in self.graph.view(file).calls_by_name.get(step, ()):
                    site = Site(file, number, None)
                    thunk = argument_thunk(self.graph.ev, site, ref)
                    made = (
                        [o.site for o in options(self.graph.ev.thunk(thunk)) if isinstance(o, Ext) and o.site] if thunk is not None else []
                    )
                    for name in texts(self.graph.ev, self.graph.ev.arg_value(site, 0)) if made else ():
                        found.setdefault(name, []).extend(made[:1])
            self._named[step] = {name: sites[0] for name, sites in found.items() if len(sites) == 1}
        return self._named[step]

    def _on(self, schema: Site, rule: HookRule, name: str) -> Iterator[FuncV]:
        ev = self.graph.ev
        view = self.graph.view(schema.file)
        for field in rule.members:  # `new Schema({...}, {statics: {...}})`
            thunk = argument_thunk(ev, schema, Ref(arg=1, key=field))
            listed = ev.thunk(thunk) if thunk is not None else None
            inner = members.field_thunk(ev, listed, name) if isinstance(listed, Obj) else None
            yield from _functions(ev.thunk(inner) if inner is not None else None)
        yield from self._assigned(view, schema, None, rule, name)
        yield from self._put(view, schema, rule, name)
        for number in view.calls_by_name.get("plugin", ())[:MAX_PLUGINS]:
            call = view.facts.calls[number]
            if isinstance(call.callee, Member) and self._is(call.callee.base, view, call.owner, schema):
                for plugin in _functions(ev.arg_value(Site(view.path, number, None), 0)):
                    yield from self._assigned(self.graph.view(plugin.symbol.file), None, plugin, rule, name)
        for hook in rule.before:
            for number in view.calls_by_name.get(hook, ()):
                call = view.facts.calls[number]
                if isinstance(call.callee, Member) and self._is(call.callee.base, view, call.owner, schema):
                    site = Site(view.path, number, None)
                    if any(name in rule.runs.get(t, ()) for t in texts(ev, ev.arg_value(site, 0))):
                        yield from _functions(ev.arg_value(site, -1))

    def _put(self, view: FileView, schema: Site, rule: HookRule, name: str) -> Iterator[FuncV]:
        """`schema.statics = {name: function}`, `schema.static({name: function})` or `schema.static("name", function)`."""
        ev = self.graph.ev
        for assign in view.facts.assigns:
            target = assign.target
            if not isinstance(target, Member) or target.name not in rule.members or assign.value is None:
                continue
            if self._is(target.base, view, assign.owner, schema):
                yield from self._listed(ev.value(assign.value, view.path, assign.owner), name)
        for step in rule.puts:
            for number in view.calls_by_name.get(step, ()):
                call = view.facts.calls[number]
                if isinstance(call.callee, Member) and self._is(call.callee.base, view, call.owner, schema):
                    site = Site(view.path, number, None)
                    first = ev.arg_value(site, 0)
                    yield from self._listed(first, name)
                    if name in texts(ev, first):
                        yield from _functions(ev.arg_value(site, 1))

    def _listed(self, value: AV | None, name: str) -> Iterator[FuncV]:
        inner = members.field_thunk(self.graph.ev, value, name) if isinstance(value, Obj) else None
        yield from _functions(self.graph.ev.thunk(inner) if inner is not None else None)

    def _assigned(self, view: FileView, schema: Site | None, plugin: FuncV | None, rule: HookRule, name: str) -> Iterator[FuncV]:
        """`schema.statics.name = function`; in a plugin the schema is its first parameter."""
        first = ""
        if plugin is not None:
            params = view.symbol(plugin.symbol.index).params
            first = params[0].name if params else ""
        for assign in view.facts.assigns:
            target = assign.target
            if not isinstance(target, Member) or target.name != name or not isinstance(target.base, Member):
                continue
            if target.base.name not in rule.members or assign.value is None:
                continue
            holder = target.base.base
            mine = holder == Name(first) if plugin is not None else schema is not None and self._is(holder, view, assign.owner, schema)
            if mine:
                yield from _functions(self.graph.ev.value(assign.value, view.path, assign.owner))

    def _is(self, value: Value, view: FileView, owner: int, schema: Site) -> bool:
        found = options(self.graph.ev.value(value, view.path, owner))
        return any(isinstance(o, Ext) and o.site is not None and (o.site.file, o.site.call) == (schema.file, schema.call) for o in found)


def _functions(value: AV | None) -> Iterator[FuncV]:
    for option in options(value) if value is not None else ():
        if isinstance(option, FuncV):
            yield option


def _bound(function: FuncV, receiver: AV | None) -> FuncV:
    """The function with `this` bound to what it was called on."""
    return FuncV(function.symbol, receiver, Env(function.symbol, {}, receiver, function.env, 1))
