"""Values that are put on a framework's object under a name, and read from it elsewhere: `app.decorate("orders", repository)`,
`app.set("orders", repository)`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from backend_readiness.facts.model import Call, CallRef, Func, Index, Lit, Member, Name, Record, Value
from backend_readiness.graph.evaluation.params import way_to
from backend_readiness.graph.evaluation.put_together import nearest_put, put_together
from backend_readiness.graph.patterns import compiled, last_step
from backend_readiness.graph.values import AV, Ext, ParamV, Site, Thunk, identity, options
from backend_readiness.graph.views import FileView, callee_name
from backend_readiness.rules.card_rules import Ref
from backend_readiness.snapshot.places import is_test

if TYPE_CHECKING:
    from backend_readiness.graph.evaluation.evaluate import Evaluator
    from backend_readiness.graph.world import Graph
    from backend_readiness.rules.card_rules import AttachRule

MAX_STEPS = 4
MAX_PUTS = 8  # of one name
MAX_TOGETHER = 64  # of one name by calls, which every part of an application may have
MAX_THINGS = 2  # that they are


@dataclass(frozen=True, slots=True)
class Put:
    """A value under a name. Before it counts is looked at: `by`, the call that puts it there; `on`, what it is assigned to a member of."""

    value: Thunk
    by: Site | None = None
    on: Thunk | None = None
    meant: tuple[re.Pattern[str], ...] = ()
    rule: AttachRule | None = None
    together: bool = False  # one of many of that name: it counts where its file is at hand


Attached = dict[str, list[Put]]  # by the name, or by how it is asked for: `get(orders)`


def collect_attached(graph: Graph) -> Attached:
    """Name -> what is attached under it, by the card key `attached`. The receivers are checked when the name is read."""
    # `set` is the name of many methods: what is put by a call and asked for by another is looked at more closely.
    found: Attached = {}
    for rule in graph.knowledge.attached:
        for called in dict.fromkeys(last_step(c) for c in rule.callee):
            for file in graph.naming(called):
                view = graph.view(file)
                for number in view.calls_by_name.get(called, ()):
                    call = view.facts.calls[number]
                    if rule.makers:
                        for key, made in entries(view, call, rule) if not is_test(file) else ():
                            found.setdefault(key, []).append(Put(made))
                            found.setdefault(f"{rule.reader}({key})", []).append(Put(made))
                        continue
                    if rule.given_back:
                        for key, item in _given_back(view, call, rule) if not is_test(file) else ():
                            found.setdefault(key, []).append(Put(item))
                        continue
                    name = call.args[0].value if call.args else None
                    site = Site(file, number, None)
                    for key, item in put_together(view, call) if rule.members and not is_test(file) else ():
                        found.setdefault(f"{rule.before}{key}", []).append(Put(item, site, rule=rule, together=True))
                    value = graph.ev.arg_thunk(site, 1)
                    if not isinstance(name, Lit) or not isinstance(name.value, str) or value is None:
                        continue
                    if rule.members:
                        found.setdefault(f"{rule.before}{name.value}", []).append(Put(value, site, rule=rule, together=True))
                    elif not rule.reader:
                        found.setdefault(f"{rule.before}{name.value}", []).append(Put(value))
                    elif not isinstance(value.expr, Lit) and not is_test(file):
                        for key in (f"{rule.reader}({name.value.strip('/')})", *([name.value] if rule.as_member else ())):
                            if all(p.by != site for p in found.setdefault(key, [])):  # the rules of two cards may say the same
                                found[key].append(Put(value, site))
        for key, item in _items(graph, rule.items_by_importers_of) if rule.items_by_importers_of else ():
            found.setdefault(key, []).append(Put(item))
        for key in rule.made_with:
            found.setdefault(key, [])
        for key, put in _members(graph, rule):
            found.setdefault(key, []).append(put)
        for key, item in (found_ for name in rule.params for found_ in _on_parameter(graph, name)):
            found.setdefault(key, []).append(Put(item))
    return {k: v for k, v in found.items() if len(v) <= _most(v)}


def _most(puts: list[Put]) -> int:
    return MAX_TOGETHER if any(p.by is not None for p in puts) else MAX_PUTS if puts and puts[0].on is not None else MAX_THINGS


def _given_back(view: FileView, call: Call, rule: AttachRule) -> Iterator[tuple[str, Thunk]]:
    """(name, value) of `plugin(() => { return { provide: { api } } })`, and where the function stands in an object."""
    first = call.args[0].value if call.args else None
    functions = [v for _, v in first.items] if isinstance(first, Record) else [first]
    for function in functions:
        for item in view.returns.get(function.symbol, ()) if isinstance(function, Func) else ():
            fields = dict(item.value.items) if isinstance(item.value, Record) else {}
            held = fields.get(rule.given_back)
            for key, value in held.items if isinstance(held, Record) else ():
                if key is not None and isinstance(function, Func):
                    yield f"{rule.before}{key}", Thunk(view.path, function.symbol, value, None)


def _items(graph: Graph, packages: tuple[str, ...]) -> Iterator[tuple[str, Thunk]]:
    """(name, value) of `app["name"] = value` in files that import one of the packages."""
    for file, index in graph.facts.files.items():
        if is_test(file) or not any(m == p or m.startswith(f"{p}.") for m in index.modules for p in packages):
            continue
        for assign in graph.view(file).facts.assigns:
            target = assign.target
            key = target.key if isinstance(target, Index) else None
            if isinstance(key, Lit) and isinstance(key.value, str) and assign.value is not None:
                yield key.value, Thunk(file, assign.owner, assign.value, None)


def _members(graph: Graph, rule: AttachRule) -> Iterator[tuple[str, Put]]:
    """(name, value) of `Vue.prototype.name = value`, and of `app.name = value` on what a call of a package makes."""
    card = next((c for c in graph.knowledge.cards if any(r is rule for r in c.attached)), None)
    patterns = graph.knowledge.patterns(card, rule.members_of) if card is not None and rule.members_of else ()
    meant = tuple(compiled(p) for p in patterns)
    steps = {(last_step(p), p.endswith(")")) for p in patterns}
    for step, is_made in sorted(steps):
        for file in graph.naming(step):
            for assign in graph.view(file).facts.assigns if not is_test(file) else ():
                target = assign.target
                if not isinstance(target, Member) or assign.value is None or isinstance(assign.value, Lit):
                    continue
                if isinstance(target.base, Name) if is_made else target.base == Name(step) or _is_member(target.base, step):
                    on = Thunk(file, assign.owner, target.base, None)
                    yield target.name, Put(Thunk(file, assign.owner, assign.value, None), None, on, meant, rule)


def _is_member(value: Value, name: str) -> bool:
    return isinstance(value, Member) and value.name == name


def _on_parameter(graph: Graph, path: str) -> Iterator[tuple[str, Thunk]]:
    """(name, value) of `req.name = value` in functions with such a parameter; of `event.locals.name = value` for `event.locals`."""
    param, *inner = path.split(".")
    holder: Value = Name(param)
    for step in inner:
        holder = Member(holder, step)
    for file in graph.naming(last_step(path)):
        view = graph.view(file)
        for assign in view.facts.assigns if not is_test(file) else ():
            target = assign.target
            if not isinstance(target, Member) or target.base != holder or assign.value is None or isinstance(assign.value, Lit):
                continue
            if any(way_to(p, param) is not None for scope in view.enclosing(assign.owner) for p in view.symbol(scope).params):
                yield target.name, Thunk(file, assign.owner, assign.value, None)


def attached_to(graph: Graph, base: Ext, name: str) -> AV | None:
    """The value that was attached to `base` under `name`; None when none was, or `base` is something else."""
    puts = graph.attached.get(name)
    holding = graph.knowledge.attachable.matches(base) if puts is not None else ()
    if puts is None or not holding:
        return None
    from backend_readiness.graph.references import argument
    from backend_readiness.graph.values import union

    rules = [tagged.rule for tagged, _ in holding]
    if base.site is not None and any(name in rule.made_with for rule in rules):
        given = argument(graph, base.site, Ref(kwarg=name)) or argument(graph, base.site, Ref(arg=0, key=name))
        return graph.ev.thunk(given) if given is not None else None
    counting = [p for p in puts if _counts(graph, p, rules)]
    values = [graph.ev.thunk(p.value) for p in counting if not p.together]
    values += nearest_put(graph, base, [(p.by.file, p.value) for p in counting if p.together and p.by is not None])
    return union(values) if values and len({identity(v) for v in values}) <= MAX_THINGS else None


def _counts(graph: Graph, put: Put, rules: list[AttachRule]) -> bool:
    if put.on is not None and put.rule is not None:
        return any(put.rule is r for r in rules) and _is_put_on(graph, put.on, put.meant)
    if put.together and not any(put.rule is r for r in rules):
        return False
    return put.by is None or _is_put_by(graph, put.by)


def _is_put_on(graph: Graph, on: Thunk, meant: tuple[re.Pattern[str], ...]) -> bool:
    """Is it a member of what the rule names?"""
    holder = graph.ev.guarded(("put on", on.file, on.owner, on.expr), lambda: graph.ev.thunk(on))
    paths = [v.path if isinstance(v, Ext) else f"?{v.name}" for v in options(holder) if isinstance(v, Ext | ParamV)]
    return any(m.fullmatch(path) for m in meant for path in paths)


def read_by_call(ev: Evaluator, callee: Ext, site: Site) -> AV | None:
    """What a call asks for by its name: `req.app.get("orders")`, where `app.set("orders", repository)` put it."""
    step = last_step(callee.path)
    if step not in ev.world.knowledge.attached_readers or callee.base is None:
        return None
    call = ev.world.view(site.file).facts.calls[site.call]
    name = call.args[0].value if len(call.args) == 1 else None
    if not isinstance(name, Lit) or not isinstance(name.value, str):
        return None
    base = callee.base if isinstance(callee.base, Ext) else Ext(callee.path.rpartition(".")[0], callee.base)
    return ev.world.attached_to(base, f"{step}({name.value.strip('/')})")


def _is_put_by(graph: Graph, site: Site) -> bool:
    """Is the receiver of the call one that keeps values for the framework, and no cache or table of the same method?"""
    call = graph.view(site.file).facts.calls[site.call]

    def found() -> AV:
        return graph.ev.value(call.callee, site.file, call.owner)

    callee = graph.ev.guarded(("put", site.file, site.call), found)
    return any(isinstance(v, Ext) and bool(graph.knowledge.attaching.matches(v)) for v in options(callee))


def entries(view: FileView, call: Call, rule: AttachRule) -> Iterator[tuple[str, Thunk]]:
    """(name, what makes it) of `register({ orders: asClass(Orders).singleton() })` and `register("orders", asClass(Orders))`."""
    names = {last_step(m) for m in rule.makers}
    first = call.args[0].value if call.args else None
    if isinstance(first, Record):
        given: list[tuple[str | None, Value]] = list(first.items)
    elif isinstance(first, Lit) and isinstance(first.value, str) and len(call.args) > 1:
        given = [(first.value, call.args[1].value)]
    else:
        given = []
    for key, value in given:
        maker = _maker(view, value, names)
        if key is not None and maker is not None:
            yield key, Thunk(view.path, call.owner, maker, None)


def _maker(view: FileView, value: Value, names: set[str]) -> CallRef | None:
    """The call of a maker behind the steps that follow it (`asClass(Orders).singleton()`)."""
    for _ in range(MAX_STEPS):
        if not isinstance(value, CallRef):
            return None
        call = view.facts.calls[value.call]
        if callee_name(call) in names:
            return value
        if not isinstance(call.callee, Member):
            return None
        value = call.callee.base
    return None
