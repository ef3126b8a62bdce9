"""Parameters: binding arguments to them, and guessing them from types, defaults, callers and callbacks."""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from backend_readiness.facts.file_index import bound_names
from backend_readiness.facts.model import Arg, Call, CallRef, Func, Lit, Name, Param, Symbol, Value
from backend_readiness.graph.classes import extensions, generics, inheritance, overloads, router_shells, structural
from backend_readiness.graph.classes.injection import injected
from backend_readiness.graph.evaluation import callbacks, following, marked_settings, star_names, type_callers
from backend_readiness.graph.evaluation.called_in_loops import in_rounds
from backend_readiness.graph.evaluation.declared_params import or_declared, written_type
from backend_readiness.graph.evaluation.declared_routers import as_declared
from backend_readiness.graph.evaluation.results import is_open
from backend_readiness.graph.evaluation.unbound_methods import given_self
from backend_readiness.graph.families import family
from backend_readiness.graph.interface import component_props
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
    ParamV,
    Site,
    SymbolId,
    Text,
    Thunk,
    UnknownV,
    options,
    union,
)
from backend_readiness.graph.views import CONSTRUCTORS, FileView, callee_name
from backend_readiness.snapshot.places import is_test

if TYPE_CHECKING:
    from backend_readiness.graph.evaluation.evaluate import Evaluator

MAX_STEPS_BACK, MAX_CALLERS = 4, 12
MAX_FILES, MAX_CALLS_OF_NAME = 60, 400
# Functions there are wrapped and passed on so much that a parameter stays open, and each call that is followed binds it.
_BY_NAME = frozenset({"python", "javascript"})


def way_to(param: Param, name: str) -> tuple[str, ...] | None:
    """How `name` is reached from a parameter: `()` for itself, `("user", "id")` for a destructured one."""
    if param.name == name and param.pattern is None:
        return ()
    if param.pattern is not None:
        for bound, path in bound_names(param.pattern):
            if bound == name:
                return path
    return None


def key_of(param: Param, symbol: Symbol) -> str:
    """The key of a parameter in an `Env`: its name, or its position for a destructured one."""
    return param.name or f"#{symbol.params.index(param)}"


def bind(ev: Evaluator, callee: FuncV, symbol: Symbol, site: Site) -> Env:
    """An `Env` in which the parameters of `symbol` have the arguments of the call at `site`."""
    call = ev.world.view(site.file).facts.calls[site.call]
    args: dict[str, AV] = {}
    formal = list(symbol.params)
    positional, me = [a for a in call.args if a.name is None], callee.self_value
    if formal and formal[0].name == "self":
        formal = formal[1:]
        if isinstance(me, ClassV) and (instance := given_self(ev, me, formal, positional, site)) is not None:
            me, positional = instance, positional[1:]
    elif formal and formal[0].kind == "this" and callee.self_value is not None:
        args[formal[0].name] = callee.self_value
        formal = formal[1:]
    for i, param in enumerate(formal):
        if param.kind == "*":
            written = (spread(ev, Thunk(site.file, call.owner, a.value, site.env), a.spread) for a in positional[i:])
            rest = tuple(t for several in written for t in several)
            args[key_of(param, symbol)] = ListV(rest)
            break
        if param.kind == "&" and (block := next((a.value for a in call.args[::-1] if a.name == "&" or isinstance(a.value, Func)), None)):
            args[key_of(param, symbol)] = ev.value(block, site.file, call.owner, site.env)
        elif i < len(positional) and not positional[i].spread and param.kind in ("", "this"):
            given = ev.value(positional[i].value, site.file, call.owner, site.env)
            args[key_of(param, symbol)] = or_declared(ev, callee.symbol, symbol, param, given)
        elif param.kind == "" and (handed := _handed_on(ev, site, positional[: i + 1], call.owner, i)) is not None:
            args[key_of(param, symbol)] = handed
    for arg in call.args:
        if arg.name is not None and not arg.spread:
            name = next((p.name for p in formal if p.name == f"${arg.name}"), arg.name)  # PHP writes `name: $x` for `$name`
            args[name] = ev.value(arg.value, site.file, call.owner, site.env)
    if not any(a.spread for a in call.args):  # what a call leaves out has its default
        for param in formal:
            if param.default is None or param.kind != "" or key_of(param, symbol) in args:
                continue
            if (left_out := _left_out(ev, callee.symbol, param.default)) is not None:
                args[key_of(param, symbol)] = left_out
    if call.type_args:
        generics.bind_types(ev, callee.symbol, call, site, args)
    depth = (site.env.depth if site.env is not None else 0) + 1
    return Env(callee.symbol, args, me, callee.env, depth, site)


def _left_out(ev: Evaluator, where: SymbolId, default: Value) -> AV | None:
    """What a parameter is when a call leaves it out: a literal, or a name that stands for texts (`base = basePath`)."""
    if isinstance(default, Lit):
        return Const(default.value)
    value = ev.value(default, where.file, where.index) if isinstance(default, Name) else None
    return value if value is not None and any(isinstance(o, Const | Text) for o in options(value)) else None


def spread(ev: Evaluator, given: Thunk, several: bool) -> tuple[Thunk, ...]:
    """The arguments that one written argument gives: `f(...args)` those of a list that is known."""
    value = ev.thunk(given) if several else None
    return value.items if isinstance(value, ListV) else (given,)


def _handed_on(ev: Evaluator, site: Site, before: list[Arg], owner: int, position: int) -> AV | None:
    """What a function that is given any number of arguments hands on at a position: `(...args) => send("POST", ...args)`."""
    last = next((n for n, a in enumerate(before) if a.spread), None)
    if last is None:
        return None
    value = ev.value(before[last].value, site.file, owner, site.env)
    if isinstance(value, ListV):
        return ev.thunk(value.items[position - last]) if position - last < len(value.items) else None
    return ev.member(value, f"[{position - last}]") if isinstance(value, ParamV) else None


def unbound(ev: Evaluator, where: SymbolId, symbol: Symbol, param: Param) -> AV:
    """The value of a parameter whose call is not known."""
    made = ev.world.given_by_container(where, symbol.params.index(param))
    if made is not None:
        return made
    if param.decorators and (setting := marked_settings.of_param(ev, ev.world.view(where.file), param)) is not None:
        return setting
    if param.type is not None:
        typed = written_type(ev, where, symbol, param.type)
        injection = injected(ev, where, param, typed) if param.decorators else None
        if injection is not None:
            return injection
        shell = router_shells.is_shell(ev, typed)
        if shell or structural.is_one_of_several(ev, typed):
            meant = _asked(ev, where, symbol, param)
            if is_open(meant) and (shell or isinstance(typed, Ext)):
                meant = callbacks.handed_over(ev, where, symbol, param)
            return typed if is_open(meant) or callbacks.from_elsewhere(meant, typed) else as_declared(ev, meant, typed)
        if component_props.are_properties(symbol.name, param) and isinstance(typed, InstV | Ext):
            shown = _asked(ev, where, symbol, param)  # a type of properties says less of them than who shows the component
            typed = shown if not isinstance(shown, UnknownV) else typed
        # A type that nobody declares or imports (`ReturnType<...>`) says less than a caller.
        if not isinstance(typed, UnknownV) and not (isinstance(typed, Ext) and typed.path.startswith("~")):
            return typed
    if param.default is not None:
        value = ev.value(param.default, where.file, where.index)
        if isinstance(value, InstV | FuncV | ClassV) or (isinstance(value, Ext) and value.known):
            return value
    given = _given(ev, where, symbol, param) or ev.world.given_by_name(where, param)
    if given is not None:
        return given
    found = _asked(ev, where, symbol, param)
    if isinstance(found, UnknownV) and not symbol.name:
        found = callbacks.typed_by_use(ev, where, symbol.params.index(param))
    if isinstance(found, UnknownV):
        return ParamV(where, param.name or key_of(param, symbol))
    return found


def given_by_callers(ev: Evaluator, value: AV, depth: int = 0) -> AV:
    """What callers give where a parameter, or a member of one, stays symbolic; any other value as it is."""
    if isinstance(value, Ext) and value.site is None and value.path.startswith("?") and depth < MAX_STEPS_BACK:
        base = value.base
        inner = given_by_callers(ev, base, depth + 1) if base is not None else value
        return value if base is None or inner is base else ev.member(inner, value.path.rpartition(".")[2])
    if not isinstance(value, ParamV) or depth >= MAX_STEPS_BACK:
        return value
    symbol = ev.world.view(value.symbol.file).symbol(value.symbol.index)
    param = next((p for p in symbol.params if key_of(p, symbol) == value.name), None)
    if param is None:
        return value
    found = ev.guarded(("param", value.symbol, value.name), lambda: _from_callers(ev, value.symbol, symbol, param, by_position=True))
    return value if isinstance(found, UnknownV) else union([given_by_callers(ev, o, depth + 1) for o in options(found)])


def _asked(ev: Evaluator, where: SymbolId, symbol: Symbol, param: Param) -> AV:
    """What the callers of a function give, or what runs it when it is passed on."""
    if ev.callers or where.index in ev.world.view(where.file).passed_in:
        return ev.guarded(("param", where, key_of(param, symbol)), lambda: _from_callers(ev, where, symbol, param))
    return UNKNOWN


def _given(ev: Evaluator, where: SymbolId, symbol: Symbol, param: Param) -> AV | None:
    """What a framework passes to a method that it runs, by the cards."""
    from backend_readiness.graph.evaluation import known_calls

    if symbol.kind != "method" or param.name == "self" or symbol.parent <= 0:
        return None
    cls = ClassV(SymbolId(where.file, symbol.parent))
    for base in inheritance.external_bases(ev, cls):
        for rule in ev.world.given_params(base.path):
            if param.name in rule.param and any(fnmatchcase(symbol.name, m) for m in rule.method):
                found = next((v for path in rule.value if (v := following.follow(ev, cls, path)) is not None), None)
                models = [InstV(c) for v in options(found) if (c := known_calls.model_of(ev, v)) is not None] if found is not None else []
                if models:
                    return union(list(models))
    return None


def _from_callers(ev: Evaluator, where: SymbolId, symbol: Symbol, param: Param, *, by_position: bool = False) -> AV:
    view = ev.world.view(where.file)
    position = symbol.params.index(param)
    passed = view.passed_in.get(where.index)
    if passed is not None:
        return callbacks.given_to(ev, where, passed, position)
    name = symbol.name
    if name in CONSTRUCTORS and symbol.parent > 0:
        name = view.symbol(symbol.parent).name
        owner: SymbolId | None = SymbolId(where.file, symbol.parent)
    else:
        owner = None
    if not name:  # `module.exports = (router) => { ... }`
        given = _module_calls(ev, where, name, position)
        return union(given) if given else UNKNOWN
    is_method = bool(symbol.params) and symbol.params[0].name == "self"
    position -= 1 if is_method else 0
    return _arguments(ev, where, owner, name, position, param, by_position=by_position)


def _arguments(ev: Evaluator, where: SymbolId, owner: SymbolId | None, name: str, position: int, param: Param, *, by_position: bool) -> AV:
    """Look for calls and JSX uses of the function by name, keep those that mean it, and join their arguments."""
    values: list[AV] = []
    sites = callers_named(ev, name)
    meant = [*sites.get(where, ()), *(sites.get(owner, ()) if owner is not None else ())]
    meant.extend(s for above in _declared_above(ev, where, name) for s in sites.get(above, ()))
    if not is_test(where.file):
        meant = [s for s in meant if not is_test(s.file)]
    symbol = ev.world.view(where.file).symbol(where.index)
    for site in [s for m in meant[:MAX_CALLERS] for s in in_rounds(ev, m, where)]:
        received, before = extensions.receiver_site(ev, site, symbol)
        if received is not None and position < before:
            values.append(received)
            continue
        named = ev.arg_thunk(site, MAX_CALLS_OF_NAME, param.name) if param.name else None
        counted = by_position or family(ev.world.view(where.file).language) not in _BY_NAME
        thunk = named if named is not None or not counted else ev.arg_thunk(site, position - before)
        if thunk is not None:
            values.append(ev.thunk(thunk))
    values.extend(type_callers.given_through_types(ev, where, name, position))
    if component_props.are_properties(name, param):
        values.extend((*component_props.attributes(ev, name, where), *component_props.connected(ev, where)))
    # An exported factory is often called through the module: `require("./routes")(app, db)`.
    values.extend(_module_calls(ev, where, name, position))
    return union(values) if values else UNKNOWN


def _declared_above(ev: Evaluator, where: SymbolId, name: str) -> list[SymbolId]:
    """The methods of interfaces and base classes that a method stands in for: who calls those, calls it."""
    view = ev.world.view(where.file)
    symbol = view.symbol(where.index)
    if symbol.kind != "method" or view.language not in overloads.LANGUAGES or symbol.parent <= 0:
        return []
    above = [b.symbol for b in inheritance.bases(ev, ClassV(SymbolId(where.file, symbol.parent))) if isinstance(b, ClassV)]
    return [SymbolId(b.file, i) for b in above for i in ev.world.view(b.file).named_children.get((b.index, name), ())]


def callers_named(ev: Evaluator, name: str) -> dict[SymbolId, list[Site]]:
    """Function or class -> the calls of that name which mean it. A name that is called everywhere tells nothing: empty."""
    known = ev.callers_of_name.get(name)
    if known is not None:
        return known
    if ("callers", name) in ev.active:
        return {}
    ev.active.add(("callers", name))
    found: dict[SymbolId, list[Site]] = {}
    try:
        files = ev.world.calling(name)
        calls = [(f, i) for f in files[:MAX_FILES] for i in ev.world.view(f).calls_by_name.get(name, ())] if len(files) <= MAX_FILES else []
        for file, index in calls[:MAX_CALLS_OF_NAME]:
            call = ev.world.view(file).facts.calls[index]
            with ev.fresh():  # what one call means is no reason to leave out the next
                callees = options(ev.value(call.callee, file, call.owner))
            for given in callees:
                value = star_names.taking(ev, ev.world.view(file), call, given) if isinstance(given, FuncV) else given
                if isinstance(value, FuncV | ClassV):
                    for symbol in overloads.meant(ev, value, call):
                        found.setdefault(symbol, []).append(Site(file, index, None))
    finally:
        ev.active.discard(("callers", name))
    ev.callers_of_name[name] = found
    return found


def means(ev: Evaluator, file: str, call: Call, where: SymbolId, owner: SymbolId | None) -> bool:
    """Does the callee of `call` resolve to the function `where`, or (`owner`) to the class that it constructs?"""
    for value in options(ev.value(call.callee, file, call.owner)):
        if isinstance(value, FuncV | ClassV) and value.symbol in (where, owner):
            return True
    return False


def _is_given(view: FileView, call: Call) -> bool:
    """Is what is called a parameter of the function around the call?"""
    return isinstance(call.callee, Name) and any(p.name == call.callee.id for p in view.symbol(call.owner).params)


def _module_calls(ev: Evaluator, where: SymbolId, name: str, position: int) -> list[AV]:
    """Calls of a default export under whatever local name the importer gave it."""
    view = ev.world.view(where.file)
    exported = {e.name: e for e in view.facts.exports if e.name in ("=", "default")}
    if not exported:
        return []
    mine = any(
        isinstance(v, FuncV | ClassV) and v.symbol == where
        for e in exported.values()
        if e.value is not None
        for v in options(ev.value(e.value, where.file, 0))
    )
    if not mine:
        return []
    values: list[AV] = []
    by_position = family(view.language) not in _BY_NAME
    for file, local in ev.world.importers(where.file):
        other = ev.world.view(file)
        # `require("./routes")(app)`, with `.default` too, or a list of modules that a loop calls: `routes.forEach((route) => route(app))`
        if local is None:
            held = {a.target.id for a in other.facts.assigns if isinstance(a.value, CallRef) and isinstance(a.target, Name)}
            candidates = [
                i
                for i, c in enumerate(other.facts.calls)
                if callee_name(c) in (None, "default") or callee_name(c) in held or _is_given(other, c)
            ]
        elif local == name and (by_position or len(other.calls_by_name.get(local, [])) != 1):
            continue  # `_arguments` has looked, or several calls leave it open
        else:
            candidates = other.calls_by_name.get(local, [])
        for index in candidates[:MAX_CALLERS]:
            if means(ev, file, other.facts.calls[index], where, where):
                thunk = ev.arg_thunk(Site(file, index, None), position)
                if thunk is not None:
                    values.append(ev.thunk(thunk))
    return values
