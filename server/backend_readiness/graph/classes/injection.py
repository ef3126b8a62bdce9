"""Dependency injection by decorators and tables: which value stands behind a token, a type, or a decorated parameter."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from backend_readiness.facts.model import Alt, CallRef, Member, Param, Record, Seq, Value
from backend_readiness.graph.classes import types
from backend_readiness.graph.evaluation import known_calls, members
from backend_readiness.graph.patterns import compiled
from backend_readiness.graph.values import (
    AV,
    ClassV,
    Const,
    Ext,
    InstV,
    ListV,
    Obj,
    Site,
    SymbolId,
    Thunk,
    UnknownV,
    identity,
    options,
    union,
)
from backend_readiness.snapshot.places import is_production

if TYPE_CHECKING:
    from backend_readiness.graph.evaluation.evaluate import Evaluator
    from backend_readiness.graph.views import FileView
    from backend_readiness.rules.card_rules import BindingRule

MAX_DEPTH = 8
MAX_BOUND = 4
MAX_SOURCES = 60
Bindings = dict[object, list[AV]]


def injected(ev: Evaluator, where: SymbolId, param: Param, typed: AV) -> AV | None:
    """The value of a parameter with an injecting decorator; None when it has none, or nothing is bound to its token.

    An external type is told which call named it (`@InjectQueue("mail") queue: Queue` is the queue `mail`) and, when its own
    type argument does not lead to a class, which class (`@InjectModel(User.name)`).
    """
    view = ev.world.view(where.file)
    for decorator in param.decorators:
        if not isinstance(decorator, CallRef):
            continue
        call = view.facts.calls[decorator.call]
        site = Site(where.file, decorator.call, None)
        for callee in options(ev.value(call.callee, where.file, max(0, view.symbol(where.index).parent))):
            if not isinstance(callee, Ext) or not ev.world.injects(callee.path):
                continue
            token = ev.arg_value(site, 0)
            written = ev.world.view(where.file).facts.calls[site.call].args[:1]
            named = _named_class(ev, Thunk(where.file, call.owner, written[0].value, None)) if written else []
            found = union(_bound(ev, [("name", c.symbol) for c in named])) if named else bound_to(ev, token)
            if found is not None and not (named and isinstance(found, UnknownV)):
                return found
            if isinstance(typed, Ext) and not typed.path.startswith("~"):
                return Ext(typed.path, typed.base, site, _class_of(ev, token) or typed.subject)
            if named and not isinstance(
                typed, InstV | ClassV
            ):  # under a type that says nothing: `@Inject(Order.name) orders: Held<typeof Order>`
                return named[0]
    return None


def setting(ev: Evaluator, name: AV, sources: tuple[str, ...]) -> AV | None:
    """`config.get("app.prefix")`: the field of what `registerAs("app", () => ({prefix: ...}))` returns, or that of a function in the list
    that `forRoot({ load: [settings] })` is given (source `forRoot:load`); None when there is none."""
    text = name.value if isinstance(name, Const) and isinstance(name.value, str) else ""
    group, dot, rest = text.partition(".")
    for source in sources if text else ():
        path, _, key = source.partition(":")
        for site in _calls_of(ev, path):
            if key:
                listed = ev.arg_value(site, 0, key)
                made = [ev.thunk(t) for o in options(listed) if isinstance(o, ListV) for t in o.items] if listed is not None else []
                steps = text
            else:
                given = ev.arg_value(site, 1) if dot and ev.arg_value(site, 0) == Const(group) else None
                made, steps = [given] if given is not None else [], rest
            for value in (ev.invoke(m) for m in made[:MAX_BOUND]):
                for step in steps.split(".")[:MAX_DEPTH]:
                    value = ev.member(value, step)
                if not isinstance(value, UnknownV) and not (isinstance(value, Ext) and value.path.startswith("?")):
                    return value
    return None


def _calls_of(ev: Evaluator, path: str) -> Iterator[Site]:
    called = path.rpartition(".")[2]
    for file in ev.world.naming(called)[:MAX_SOURCES]:
        view = ev.world.view(file)
        for number in view.calls_by_name.get(called, ()):
            callee = ev.value(view.facts.calls[number].callee, file, view.facts.calls[number].owner)
            if isinstance(callee, Ext) and callee.path == path:
                yield Site(file, number, None)


def _class_of(ev: Evaluator, token: AV | None) -> ClassV | None:
    for option in options(token) if token is not None else ():
        if isinstance(option, ClassV):
            return option
        if isinstance(option, Ext) and isinstance(option.base, ClassV):  # `User.name`
            return option.base
        found = known_calls.model_of(ev, option) if isinstance(option, Const) else None
        if found is not None:
            return found
    return None


def bound_to(ev: Evaluator, token: AV | None) -> AV | None:
    """What the tables of providers give for a token; None when no table names it."""
    found: list[AV] = []
    for option in options(token) if token is not None else ():
        found.extend(ev.world.bindings.get(key_of(option), ()))
    return union(found[:MAX_BOUND]) if found else None


def bound_member(ev: Evaluator, base: Ext, name: str) -> AV | None:
    """A member of the class that is bound to a type of a package (`AddScoped<IMailer, SmtpMailer>()`), which that class itself has."""
    path = base.path[:-2] if base.path.endswith("()") and base.base is not None else ""
    last = path.rpartition(".")[2].lstrip("~")
    keys = [("last", last)] if path[:1] == "~" else [("type", path), ("type", f"~{last}")] if last else []
    bound = _bound(ev, list(keys))
    values = [members.own_member(ev, v, name) for v in bound if isinstance(v, InstV)] if len(bound) <= MAX_BOUND else []
    found = [v for v in values if v is not None]
    return union(found) if found else None


def is_bound(ev: Evaluator, name: str) -> bool:
    """Is a class bound to a type of a package that has the name?"""
    return bool(_bound(ev, [("last", name)]))


def implementations(ev: Evaluator, cls: ClassV) -> list[ClassV]:
    """The classes that are bound to an abstract class or interface; none of too many, and of a generic one only the sole class: it may be
    bound for others."""
    bound = [v.cls for v in ev.world.bindings.get(key_of(cls), ()) if isinstance(v, InstV) and v.cls.symbol != cls.symbol]
    found = list({c.symbol: c for c in bound}.values())
    most = 1 if ev.world.view(cls.symbol.file).symbol(cls.symbol.index).type_params else MAX_BOUND
    return found if len(found) <= most else []


def _named_class(ev: Evaluator, token: Thunk) -> list[ClassV]:
    """The classes whose name is a token: `Order.name`, which is no field of their instances."""
    if not isinstance(token.expr, Member) or token.expr.name != "name":
        return []
    return [v for v in options(ev.value(token.expr.base, token.file, token.owner, token.env)) if isinstance(v, ClassV)]


def _bound(ev: Evaluator, keys: list[object]) -> list[AV]:
    return [v for key in keys for v in ev.world.bindings.get(key, ())]


def key_of(token: AV) -> object:
    if isinstance(token, InstV):
        token = token.cls
    return ("e", token.path, token.site) if isinstance(token, Ext) else identity(token)


def collect_bindings(ev: Evaluator) -> Bindings:
    """All tables of providers of the repository (`{provide: Token, useClass: X}`), by token."""
    found: Bindings = {}
    for rule in ev.world.binding_rules():
        files = dict.fromkeys(f for name in rule.files for f in ev.world.naming(name))
        for token_value, bound in (pair for file in files if is_production(file) for pair in _bound_by_calls(ev, rule, file)):
            found.setdefault(key_of(token_value), []).append(bound)
        for file in files if rule.token else ():
            for thunk in records_of(ev.world.view(file)):
                value = ev.thunk(thunk)
                token = members.field_thunk(ev, value, rule.token)
                if token is None or not isinstance(value, Obj):
                    continue
                given = _given(ev, value, rule.class_keys, rule.factory, rule.value)
                if given is None or isinstance(given, UnknownV):
                    continue
                named = _named_class(ev, token)
                for cls in named:  # one round of a loop over classes gives each its own
                    found.setdefault(("name", cls.symbol), []).append(cls if len(named) > 1 else given)
                for option in options(ev.thunk(token)) if not named else ():
                    if isinstance(option, Const | ClassV | Ext):
                        found.setdefault(key_of(option), []).append(given)
    for key, values in list(found.items()):  # types of packages go by their names too: which of the imported ones has them is not known
        if isinstance(key, tuple) and key[0] == "e":
            found.setdefault(("type", key[1]), []).extend(values)
            found.setdefault(("last", str(key[1]).rpartition(".")[2].lstrip("~")), []).extend(values)
    return {k: v[: MAX_BOUND + 1] for k, v in found.items()}


def _bound_by_calls(ev: Evaluator, rule: BindingRule, file: str) -> Iterator[tuple[AV, AV]]:
    """Tokens and what calls bind to them, one for each round of a loop around the call."""
    from backend_readiness.graph.evaluation.loops import rounds
    from backend_readiness.graph.references import argument_value

    view = ev.world.view(file)
    for number in dict.fromkeys(n for path in rule.callee for n in view.calls_by_name.get(path.rpartition(".")[2], ())):
        for site in rounds(ev, view, number):
            call = view.facts.calls[number]
            for callee in options(ev.value(call.callee, file, call.owner, site.env)):
                if isinstance(callee, Ext) and any(compiled(p).fullmatch(callee.path) for p in rule.callee):
                    given = argument_value(ev, site, rule.gives, callee)
                    given = ev.invoke(given) if rule.run and given is not None else given
                    value = union([types.made(v) for v in options(given)]) if rule.made and given is not None else given
                    for token in options(argument_value(ev, site, rule.key, callee) or UnknownV("not given")):
                        if value is not None and not isinstance(value, UnknownV) and isinstance(token, Const | ClassV | Ext):
                            yield token, value


def _given(ev: Evaluator, record: Obj, classes: tuple[str, ...], factories: tuple[str, ...], values: tuple[str, ...]) -> AV | None:
    for key in classes:
        thunk = members.field_thunk(ev, record, key)
        if thunk is not None:
            return union([InstV(v) if isinstance(v, ClassV) else v for v in options(ev.thunk(thunk))])
    for key in factories:
        thunk = members.field_thunk(ev, record, key)
        if thunk is not None:
            return ev.invoke(ev.thunk(thunk))
    for key in values:
        thunk = members.field_thunk(ev, record, key)
        if thunk is not None:
            return ev.thunk(thunk)
    return None


def records_of(view: FileView) -> Iterator[Thunk]:
    """Every object literal of a file that stands in an argument, an assignment or a returned value."""

    def inside(value: Value | None, owner: int, depth: int) -> Iterator[Thunk]:
        if depth > MAX_DEPTH:
            return
        if isinstance(value, Record):
            yield Thunk(view.path, owner, value, None)
            for _, item in value.items:
                yield from inside(item, owner, depth + 1)
        elif isinstance(value, Seq | Alt):
            for item in value.items if isinstance(value, Seq) else value.options:
                yield from inside(item, owner, depth + 1)

    for call in view.facts.calls:
        for arg in call.args:
            yield from inside(arg.value, call.owner, 0)
    for assign in view.facts.assigns:
        yield from inside(assign.value, assign.owner, 0)
    for item in view.facts.returns:
        yield from inside(item.value, item.owner, 0)
