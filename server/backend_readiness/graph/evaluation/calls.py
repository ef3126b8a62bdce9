"""Calls: what calling a value gives, and what stands in the arguments of a call."""

from __future__ import annotations

from typing import TYPE_CHECKING

from backend_readiness.facts.model import Call, Index, Lit, Member, Name, Seq, Symbol, Value
from backend_readiness.graph.classes import derived, inheritance, overloads, own_methods, type_parameters, types
from backend_readiness.graph.evaluation import (
    asked_entries,
    attached,
    constants,
    exports,
    known_calls,
    lambda_receivers,
    loaded_classes,
    loaded_modules,
    members,
    page_functions,
    params,
    results,
    star_names,
)
from backend_readiness.graph.evaluation.keepers import kept
from backend_readiness.graph.evaluation.known_branches import remaining_returns
from backend_readiness.graph.evaluation.type_scopes import scope_of_callee
from backend_readiness.graph.families import family
from backend_readiness.graph.values import (
    AV,
    UNKNOWN,
    ClassV,
    Const,
    Env,
    Ext,
    FuncV,
    InstV,
    ListV,
    ModV,
    Obj,
    ParamV,
    Site,
    Text,
    Thunk,
    UnknownV,
    options,
    union,
)

if TYPE_CHECKING:
    from backend_readiness.graph.evaluation.evaluate import Evaluator

MAX_CALL_DEPTH = 8
MAX_ARGS = 1_000


_CALLED = {"kotlin": "invoke", "scala": "apply", "php": "__invoke"}
_READ_BY_CALL = frozenset({"ruby"})  # languages in which a name alone asks an object for a member
_CATCHING = {"php": "__call"}


def result(ev: Evaluator, file: str, index: int, env: Env | None) -> AV:
    """The result of one call of a file: the union over what its callee may be."""
    view = ev.world.view(file)
    call = view.facts.calls[index]
    site = Site(file, index, env)
    given_back = lambda_receivers.receiver_given_back(call, view.language)
    if given_back is not None:
        return ev.value(given_back, file, call.owner, env)
    its_class = constants.asked_class(ev, view, call, env)
    if its_class is not None:
        return its_class
    name = call.callee.id if isinstance(call.callee, Name) else None
    if name in view.own_tags:
        return applied(ev, Ext(f"~{name}"), site, call)
    callee = page_functions.meant(ev, view, call, ev.value(call.callee, file, scope_of_callee(view, call), env))
    return union([applied(ev, c, site, call) for c in options(callee)])


def _is_bound_to_its_own(call: Call) -> bool:
    """`client.get.bind(client)`: the same function, whoever calls it."""
    bound = call.callee.base if isinstance(call.callee, Member) and call.callee.name == "bind" else None
    return isinstance(bound, Member) and len(call.args) == 1 and call.args[0].value == bound.base


def applied(ev: Evaluator, callee: AV, site: Site, call: Call) -> AV:
    """The result of calling one value."""
    match callee:
        case ClassV():
            return InstV(callee, site)
        case FuncV():
            callee = overloads.fitting(ev, star_names.taking(ev, ev.world.view(site.file), call, callee), site)
            symbol = ev.world.view(callee.symbol.file).symbol(callee.symbol.index)
            if call.kind == "new":
                return InstV(ClassV(callee.symbol), site)
            if isinstance(call.callee, Member) and call.callee.name == "bind" != symbol.name:
                return callee  # `f.bind(this)` is f
            found = returned(ev, callee, symbol, params.bind(ev, callee, symbol, site))
            found = type_parameters.given(ev, found, symbol, call, site) if call.type_args else found
            return kept(ev, callee, call, site, loaded_classes.by_name(ev, found, call))
        case InstV() | Const() | Text() | Ext() if _is_only_read(ev, callee, site, call):
            return callee
        case Ext(base=Ext() as bound) if _is_bound_to_its_own(call):
            return bound
        case Ext():
            return derived.copied(ev, callee) or _external(ev, callee, site)
        case InstV() if call.callee == Name("super"):
            return callee
        case InstV():
            return applied(ev, called_member(ev, callee), site, call)
        case ModV():
            return applied(ev, exports.module_value(ev, callee.file), site, call)
        case ParamV():
            return Ext(f"?{callee.name}()", callee, site)
        case Obj():
            return Ext("?()", callee, site)
        case _:
            return asked_entries.asked_entry(ev, site, call)


def _is_only_read(ev: Evaluator, callee: InstV | Const | Text | Ext, site: Site, call: Call) -> bool:
    """A name alone, in a language that writes a call without arguments like one: a value under it is what is meant."""
    if not isinstance(call.callee, Name) or call.args or family(ev.world.view(site.file).language) not in _READ_BY_CALL:
        return False
    return not isinstance(callee, Ext) or callee.path.endswith("()")


def called_member(ev: Evaluator, value: InstV) -> AV:
    """What runs when an object is called like a function: `show(id)` of a Kotlin class with `operator fun invoke(id)`."""
    return ev.member(value, _CALLED.get(ev.world.view(value.cls.symbol.file).language, "__call__"))


def _external(ev: Evaluator, callee: Ext, site: Site) -> AV:
    view = ev.world.view(site.file)
    call = view.facts.calls[site.call]
    if callee.path == "~import" or callee.path == "~require":
        target = call.args[0].value if call.args else None
        name = ev.value(target, site.file, call.owner, site.env) if target is not None else UNKNOWN
        return loaded_modules.required(ev, name, site.file)
    put = attached.read_by_call(ev, callee, site)  # before what a call of a router gives: `app.get("orders")` is no route
    if put is not None:
        return put
    for rule in ev.world.call_values(callee.path):
        value = known_calls.rule_value(ev, rule, callee, site)
        if value is not None:
            return value
    special = known_calls.call_of_member(ev, callee, site)
    if special is None:
        special = _made_of_own(ev, callee, site)
    if special is None:
        special = _caught(ev, callee) or own_methods.given(ev, site)
    if special is not None:
        return special
    if call.callee == Name("super") and callee.site is not None:  # `super()` makes nothing: it is the receiver, seen from its base
        return Ext(f"{callee.path}()", callee, callee.site, callee.subject)
    return Ext(f"{callee.path}()", callee, site, callee.subject, f"{callee.alias}()" if callee.alias else "")


def _made_of_own(ev: Evaluator, callee: Ext, site: Site) -> AV | None:
    """An object of the class of the repository that a name of a package stands for: `get_user_model()(name="x")`."""
    meant = ev.world.stands_for(callee.path)
    return InstV(meant, site) if isinstance(meant, ClassV) else None


def _caught(ev: Evaluator, callee: Ext) -> AV | None:
    """What the method of a class gives that catches calls of all that it does not have: `return $this` of `__call`."""
    above = callee.base
    holder = above.base if isinstance(above, Ext) and isinstance(above.base, InstV) and above.site is above.base.site else above
    name = _CATCHING.get(ev.world.view(holder.cls.symbol.file).language) if isinstance(holder, InstV) else None
    catching = members.own_member(ev, holder, name) if name is not None and not ev.world.is_spoken_of(callee.path) else None
    found = invoked(ev, catching) if isinstance(catching, FuncV) else None
    return found if isinstance(found, InstV) else None


def arg_thunk(ev: Evaluator, site: Site, position: int, key: str | None = None) -> Thunk | None:
    """The argument expression at `position`; with `key`, the keyword of that name, or the key of an object argument."""
    call = ev.world.view(site.file).facts.calls[site.call]
    args = [a for a in call.args if a.name is None]
    if key is not None:
        for arg in call.args:
            if arg.name == key:
                return Thunk(site.file, call.owner, arg.value, site.env)
        handed = _handed_keyword(ev, site, call, key) or _spread_keyword(ev, site, call, key)
        if handed is not None:
            return handed
    given = [Thunk(site.file, call.owner, a.value, site.env) for a in args]
    if args and args[0].spread and site.env is not None:  # `fetch(...args)` in a function that is given them
        given = [t for a, thunk in zip(args, given, strict=True) for t in params.spread(ev, thunk, a.spread)]
    if not -len(given) <= position < len(given):
        return None
    thunk = given[position]
    if key is None:
        return thunk
    return field_of(ev, ev.thunk(thunk), key)


def _handed_keyword(ev: Evaluator, site: Site, call: Call, key: str) -> Thunk | None:
    """A keyword that the function around a call was given and hands on with all others: `super().add(rule, **options)`."""
    env = site.env
    if env is None or env.site is None or not any(a.spread and isinstance(a.value, Name) for a in call.args):
        return None
    params = ev.world.view(env.symbol.file).symbol(env.symbol.index).params
    rest = {p.name for p in params if p.kind == "**"}
    if not any(a.spread and isinstance(a.value, Name) and a.value.id in rest for a in call.args):
        return None
    outer = ev.world.view(env.site.file).facts.calls[env.site.call]
    return next((Thunk(env.site.file, outer.owner, a.value, env.site.env) for a in outer.args if a.name == key and not a.spread), None)


def _spread_keyword(ev: Evaluator, site: Site, call: Call, key: str) -> Thunk | None:
    """A keyword in a record that is spread into a call: `app.add_api_route(**row)`."""
    for arg in call.args:
        if arg.spread and arg.name is None:
            given = ev.value(arg.value, site.file, call.owner, site.env)
            found = members.field_thunk(ev, given, key) if isinstance(given, Obj) else None
            if found is not None:
                return found
    return None


def field_of(ev: Evaluator, value: AV, key: str) -> Thunk | None:
    """The expression of a field of an object literal, or of an object that was made with named fields; None when it says nothing."""
    if isinstance(value, Obj):
        return members.field_thunk(ev, value, key)
    made = value.site if isinstance(value, Ext | InstV) else None  # `huma.Operation{Method: "GET"}`
    if made is not None and ev.world.view(made.file).facts.calls[made.call].kind == "new":
        return arg_thunk(ev, made, MAX_ARGS, key)
    return None


def invoked(ev: Evaluator, value: AV, site: Site | None = None) -> AV:
    """The result of calling a value with arguments that are not known."""
    if isinstance(value, FuncV):
        symbol = ev.world.view(value.symbol.file).symbol(value.symbol.index)
        return returned(ev, value, symbol, Env(value.symbol, {}, value.self_value, value.env, _depth(value.env) + 1))
    if isinstance(value, ClassV):
        return InstV(value, site)
    return Ext(f"{value.path}()", value, site, value.subject) if isinstance(value, Ext) else UNKNOWN


def returned(ev: Evaluator, callee: FuncV, symbol: Symbol, env: Env) -> AV:
    """What a function returns under `env`; its annotation when the returned values tell nothing."""
    where = callee.symbol
    if env.depth > MAX_CALL_DEPTH:
        return UNKNOWN
    if symbol.returns == results.ERROR:
        return ev.instance_of(results.ERROR, where.file, max(0, symbol.parent), callee.env)

    def work() -> AV:
        view = ev.world.view(where.file)
        given = [r.value for r in remaining_returns(ev, where, env) if r.value is not None and not _is_failure(r.value)]
        values = [ev.value(v, where.file, where.index, env) for v in given[:6]]
        itself = where if view.language in members.FIELDS_BESIDE else None  # `Builder builder() { return builder; }` gives the field
        meant = [o for v in values for o in options(v) if o != Const(None) and not (isinstance(o, FuncV) and o.symbol == itself)]
        found = union(meant) if values else UNKNOWN
        if values and isinstance(symbol.returns, Index) and symbol.returns.base == Name("[]") and all(v == Const(None) for v in values):
            return ListV(())  # `func extra() []gin.HandlerFunc { return nil }`
        if symbol.returns is not None and types.says_nothing(found) and not _is_known_macro(ev, found):
            typed = ev.instance_of(symbol.returns, where.file, max(0, symbol.parent), callee.env)
            found = types.better(typed, found)
        elif symbol.returns is not None and _is_of_a_package(ev, found, view.language):
            typed = ev.instance_of(symbol.returns, where.file, max(0, symbol.parent), callee.env)
            # What a package gives is what the function says it is, unless that is one of many which is chosen while it runs.
            found = (
                typed
                if (isinstance(typed, InstV) and not (view.language not in types.DECLARED and types.is_one_of_many(ev, typed)))
                or types.is_better_known(ev, typed, found)
                else found
            )
        if isinstance(found, UnknownV) and isinstance(callee.self_value, InstV) and inheritance.abstract(view, where.index):
            return Ext(f"?{symbol.name}.{symbol.name}()", callee.self_value)  # a subclass has it
        return found

    active = ("call", where)
    if active in ev.active:
        return UNKNOWN
    return ev.guarded(active, work)


def _is_of_a_package(ev: Evaluator, value: AV, language: str) -> bool:
    """Is it what a package gives? Where functions need not say what they give: what no card speaks of (`$box->get("orders")`)."""
    plain = language in types.DECLARED
    return all(isinstance(o, Ext) and (plain or ("(" in o.path and not ev.world.is_spoken_of(o.path))) for o in options(value))


def _is_known_macro(ev: Evaluator, value: AV) -> bool:
    """Is it what a macro makes that a card knows, though the file does not import it (`#[macro_use] extern crate rocket` elsewhere)?"""
    made = [o.path for o in options(value) if isinstance(o, Ext) and o.path.endswith("!()")]
    return len(made) == len(list(options(value))) > 0 and all(ev.world.is_spoken_of(m.removesuffix("()")) for m in made)


def _is_failure(value: Value) -> bool:
    """`return nil, err`: nothing, beside the reason."""
    return isinstance(value, Seq) and len(value.items) > 1 and value.items[0] == Lit(None)


def _depth(env: Env | None) -> int:
    return env.depth if env is not None else 0
