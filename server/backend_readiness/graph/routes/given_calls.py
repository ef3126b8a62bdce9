"""Calls that pass on what their function was given: `void Map(IApp app, string path, Delegate handler) => app.MapGet(path, handler)`.

Such a call stands for one call for each caller of the function, with the caller's arguments, so that what belongs together stays together.
"""

from __future__ import annotations

from backend_readiness.facts.file_index import bound_names
from backend_readiness.facts.model import Call, CallRef, Concat, Func, Index, Lit, Member, Name, Op, Record, Value
from backend_readiness.graph.classes import generics, overloads
from backend_readiness.graph.evaluation import aliases, loops, params, reassigned
from backend_readiness.graph.evaluation.evaluate import Evaluator
from backend_readiness.graph.families import family
from backend_readiness.graph.routes.given_functions import LANGUAGES as GIVEN_IN
from backend_readiness.graph.routes.given_functions import calls_of_given
from backend_readiness.graph.values import AV, Ext, FuncV, Site, SymbolId, options
from backend_readiness.graph.views import FileView
from backend_readiness.snapshot.places import is_test

LANGUAGES = frozenset({"blazor", "csharp", "go"})
WHERE_REGISTERING = frozenset(
    {"python", "javascript", "rust", "elixir", "kotlin", "scala"}
)  # families where this is asked of calls that are known to register
_OF_OBJECTS = frozenset({"kotlin"})
_HELD = frozenset({"go"})  # where a variable may hold the function that registers
_MACROS = frozenset({"elixir"})
_RENAMES = frozenset({"python"})  # where an import gives the function another name
MAX_FILES = 60
MAX_CALLERS = 300
MAX_DEPTH = 3


def sites_given(ev: Evaluator, view: FileView, number: int, depth: int = 0) -> list[Site]:
    """The sites that one written call stands for; empty when it passes nothing on, or nobody calls its function."""
    call = view.facts.calls[number]
    named = next((i for i in view.enclosing(call.owner) if view.symbol(i).kind != "lambda"), call.owner)
    within = view.symbol(call.owner)  # `handle := func(path string, h http.HandlerFunc) { mux.HandleFunc("/api"+path, h) }`
    kept = view.language in _HELD or (is_computed(call) and call.owner not in view.passed_in)
    if within.kind == "lambda" and within.name and kept and _passes_on(call, {p.name for p in within.params}):
        named = call.owner
    where = SymbolId(view.path, named)  # also from inside of a callback: `s.router.Group(func(r chi.Router) { r.Mount(path, child) })`
    symbol = view.symbol(named)
    known = view.language in LANGUAGES or (family(view.language) in WHERE_REGISTERING and (depth > 0 or _registers(ev, view, call)))
    kinds = ("function", "method") if view.language in LANGUAGES and named != call.owner else ("function", "method", "lambda")
    if not known or symbol.kind not in kinds or not symbol.name:
        return []
    if depth == 0 and view.language in LANGUAGES and _is_settled(ev, view, call):
        return []
    held = symbol.kind == "lambda" and view.language in _HELD  # a function that a variable holds knows its router
    first = 0 if view.language in _MACROS or held else 1  # elsewhere what is given first is mostly the router
    names = {p.name for p in symbol.params[first:]} or {p.name for p in symbol.params}
    names |= _of_object(view, symbol.parent) if view.language in _OF_OBJECTS and symbol.kind == "method" else set()
    first_arg = call.args[0].value if call.args else None
    built = isinstance(first_arg, Name) and first_arg.id in reassigned.built_from(view, named, names)
    about = call.type_args and any(isinstance(t, Name) and t.id in generics.parameters(view, named) for t in call.type_args)
    around = depth > 0 and (_puts_into(view, call, names) or _hands_field(call, names))
    if not (about or _passes_on(call, names) or built or _names_field(call, names) or around):
        return []
    return sites_for_callers(ev, where, symbol.name, number, depth)


def _of_object(view: FileView, parent: int) -> set[str]:
    """The names of what an object is made with: `class Crud(val path: String) { fun register(route: Route) { route.get(path) { } } }`."""
    made = view.named_children.get((parent, "constructor"), ())
    return {p.name for index in made for p in view.symbol(index).params if p.field}


def sites_for_callers(ev: Evaluator, where: SymbolId, name: str, number: int, depth: int = 0) -> list[Site]:
    """The call `number` in a function of that name, once for each call of the function, with what is given there."""
    found: list[Site] = []
    callers = [c for c in _callers(ev, where, name) if is_test(where.file) or not is_test(c.file)]
    given = calls_of_given(ev, where, name) if ev.world.view(where.file).language in GIVEN_IN else []
    told = {(c.file, c.call) for c in given}
    callers = [*(c for c in callers if (c.file, c.call) not in told), *given]
    for caller in callers[:MAX_CALLERS]:
        other = ev.world.view(caller.file)
        made = other.facts.calls[caller.call]
        alone = caller.env is not None or depth >= MAX_DEPTH or (caller.file, made.owner) == where  # it is known what is given there
        outer = [] if alone else sites_given(ev, other, caller.call, depth + 1)
        for site in (s for env in ([o.env for o in outer] or [caller.env]) for s in loops.rounds(ev, other, caller.call, env)):
            for value in options(ev.value(made.callee, caller.file, made.owner, site.env)):
                function = overloads.fitting(ev, value, site) if isinstance(value, FuncV) else None
                if function is not None and function.symbol == where:
                    found.append(Site(where.file, number, ev.bind(function, site)))
    return _alive(ev, where, found)[:MAX_CALLERS]


def _alive(ev: Evaluator, where: SymbolId, sites: list[Site]) -> list[Site]:
    """Without those through a function beside it that nobody calls, where others are left: one of several ways into generated code."""
    view = ev.world.view(where.file)

    def is_dead(site: Site) -> bool:
        outer = site.env.site if site.env is not None else None
        if outer is None or outer.file != where.file or outer.env is not None:
            return False
        owner = view.facts.calls[outer.call].owner
        around = view.symbol(owner)
        if around.kind != "function" or not around.params:
            return False
        known = len(ev.world.calling(around.name)) <= params.MAX_FILES  # a name that is called everywhere tells nothing
        return known and not params.callers_named(ev, around.name).get(SymbolId(where.file, owner))

    alive = [s for s in sites if not is_dead(s)] if view.language in LANGUAGES else []
    return alive or sites


def _puts_into(view: FileView, call: Call, names: set[str]) -> bool:
    """Is one of the arguments made of what the function was given: `WithOptions(s, Options{BaseURL: base})`?"""
    made = (view.facts.calls[a.value.call] for a in call.args[:2] if isinstance(a.value, CallRef))
    return any(m.kind == "new" and any(_mentions(a.value, names) for a in m.args) for m in made)


def _hands_field(call: Call, names: set[str]) -> bool:
    """Is a field of what the function was given handed on: `addRoutes(router, config.Routes)`?"""
    given = (a.value.base for a in call.args if isinstance(a.value, Member))
    return any(isinstance(base, Name) and base.id in names for base in given)


def _names_field(call: Call, names: set[str]) -> bool:
    """Is the path put together with a field of what the function was given: `r.Get(options.BaseURL+"/orders", list)`?"""
    first = call.args[0].value if call.args else None
    parts = first.parts if isinstance(first, Concat) else ()
    return any(isinstance(p, Member) and isinstance(p.base, Name) and p.base.id in names for p in parts)


def hands_on(view: FileView, number: int, *, anywhere: bool = False) -> bool:
    """Does the call stand for its callers, whose path and handler its function hands on: `(r, name, show) => r.get(name, safe(show))`?

    `anywhere`: the handler need not be the last argument: it is handed to another function that hands it on.
    """
    call = view.facts.calls[number]
    if view.language in LANGUAGES:
        return True
    symbol = view.symbol(call.owner)
    names = {p.name for p in symbol.params[1:]} or {p.name for p in symbol.params}
    rest = {p.name for p in symbol.params if p.kind == "*"}
    for assign in view.facts.assigns if rest else ():
        if assign.owner == call.owner and isinstance(assign.value, Name) and assign.value.id in rest:  # `const [router, verb] = args`
            names.update(name for name, _ in list(bound_names(assign.target))[1:])
        elif assign.owner == call.owner and isinstance(assign.value, Index) and isinstance(assign.value.base, Name):
            names.update(name for name, _ in bound_names(assign.target) if assign.value.base.id in rest)
    last = call.args[-1].value if len(call.args) > 1 else None
    inner: list[Value | None] = [a.value for a in view.facts.calls[last.call].args] if isinstance(last, CallRef) else [last]
    inner += [a.value for a in call.args[2:]] if anywhere else []
    if isinstance(last, Func) and _passes_on(call, names):  # `(name, run) => router.get(name, (req, res) => run(req, res))`
        within = (c for c in view.facts.calls if last.symbol in view.enclosing(c.owner))
        return any(isinstance(c.callee, Name) and c.callee.id in names for c in within)
    return _passes_on(call, names) and any(
        isinstance(v, Name | Index) and _mentions(v.base if isinstance(v, Index) else v, names | rest) for v in inner
    )


def is_computed(call: Call) -> bool:
    """Is what stands under a computed key called: `router[verb]("/orders", show)`?"""
    return isinstance(call.callee, Index) and not isinstance(call.callee.key, Lit)


def _is_of_param(view: FileView, call: Call) -> bool:
    base = call.callee.base if isinstance(call.callee, Index) else None
    key = call.callee.key if isinstance(call.callee, Index) else None
    names = {p.name for p in view.symbol(call.owner).params}
    return isinstance(base, Name) and isinstance(key, Name) and {base.id, key.id} <= names


def _is_settled(ev: Evaluator, view: FileView, call: Call) -> bool:
    """Is the callee a function of the repository, or one of a package that registers nothing, whoever calls the function around it?"""

    def settled(value: AV) -> bool:
        if isinstance(value, Ext):
            return value.known and not value.path.startswith("~") and not any(ev.world.registers(p) for p in (value.path, value.alias) if p)
        return isinstance(value, FuncV)

    return all(settled(o) for o in options(ev.value(call.callee, view.path, call.owner)))


def _registers(ev: Evaluator, view: FileView, call: Call) -> bool:
    if is_computed(call) and _is_of_param(view, call):
        return True  # `(router, verb, path, show) => router[verb](path, show)`: only a caller says what is called
    found = [o for o in options(ev.value(call.callee, view.path, call.owner)) if isinstance(o, Ext) and o.known]
    return any(ev.world.registers(path) for o in found for path in (o.path, o.alias) if path)


def _callers(ev: Evaluator, where: SymbolId, name: str) -> list[Site]:
    """The calls that mean the function or an overload of it, but for those in itself."""
    view = ev.world.view(where.file)
    beside = view.named_children.get((view.symbol(where.index).parent, name), (where.index,))
    others = sorted(aliases.imported_as(ev.world, name)) if view.language in _RENAMES else ()  # `from .api import init as init_api`
    known = [params.callers_named(ev, n) for n in (name, *others)]
    sites = [s for named in known for i in beside for s in named.get(SymbolId(where.file, i), ())]
    sites += _called_by_variable(ev, name) if view.language in LANGUAGES else []
    return [s for s in sites if ev.world.view(s.file).facts.calls[s.call].owner != where.index or s.file != where.file]


def _called_by_variable(ev: Evaluator, name: str) -> list[Site]:
    """The calls of variables that hold a method of that name: `register := s.registrar.Register`, `register("/orders", list)`."""
    if name not in ev.sites_of_variables:
        found: list[Site] = []
        for file in ev.world.naming(name)[:MAX_FILES]:
            view = ev.world.view(file)
            bound = [a for a in view.facts.assigns if isinstance(a.value, Member) and a.value.name == name and isinstance(a.target, Name)]
            for assign in bound:
                numbers = view.calls_by_name.get(assign.target.id, ()) if isinstance(assign.target, Name) else ()
                calls = [(n, view.facts.calls[n].owner) for n in numbers]
                found.extend(Site(file, n, None) for n, owner in calls if assign.owner in view.enclosing(owner))
        ev.sites_of_variables[name] = found
    return ev.sites_of_variables[name]


def _passes_on(call: Call, names: set[str]) -> bool:
    return any(_mentions(a.value, names) for a in call.args[:2])


def _mentions(value: Value, names: set[str]) -> bool:
    if isinstance(value, Record):  # `(path, handler) => server.route({ method: 'GET', path, handler })`
        return any(isinstance(v, Name) and v.id in names for _, v in value.items)
    if isinstance(value, Concat) or (isinstance(value, Op) and value.op == "+"):
        return any(_mentions(p, names) for p in (value.parts if isinstance(value, Concat) else value.operands))
    return isinstance(value, Name) and value.id in names
