"""Calls on a router that a function is given: `def setup(app): app.router.add_get("/", index)`.

Such a call stands for one call for each caller that gives a router, with the caller's arguments. A function that nobody is seen to call
with one says no more than it is written.
"""

from __future__ import annotations

from backend_readiness.facts.model import Call, CallRef, Index, Member, Name, Seq, Value
from backend_readiness.graph.evaluation import params
from backend_readiness.graph.evaluation.evaluate import Evaluator
from backend_readiness.graph.families import family
from backend_readiness.graph.routes.loaded_routers import sites_on_loaded
from backend_readiness.graph.values import AV, Const, Ext, FuncV, InstV, ParamV, Site, SymbolId, Text, UnionV, UnknownV, options
from backend_readiness.graph.views import CONSTRUCTORS, FileView
from backend_readiness.snapshot.places import is_test

FAMILIES = frozenset({"python", "javascript"})
MAX_CALLERS = 300
MAX_IMPORTERS = 40
MAX_DEPTH = 4
MAX_CHAIN = 400
_NO_POSITION = 1_000


def sites_on_given(ev: Evaluator, view: FileView, number: int) -> list[Site]:
    """The sites that one written call stands for; empty when it is not on a parameter for which a router is given."""
    if family(view.language) not in FAMILIES:
        return []
    call = view.facts.calls[number]
    root = root_of(view, call.callee)
    root = behind(view, call.owner, root) if root is not None else None
    found = parameter(view, call.owner, root.id) if root is not None and root is not call.callee else None
    loaded = sites_on_loaded(ev, view, number, root) if root is not None and found is None else []
    if root is not None and any(_is_router(ev, ev.value(root, view.path, call.owner, s.env)) for s in loaded):
        return loaded
    if root is None or found is None:
        return _for_method(ev, view, number)
    written = ev.value(root, view.path, call.owner)
    among_rest = found[1] >= len(view.symbol(found[0]).params) or view.symbol(found[0]).params[found[1]].kind == "*"
    unknown = among_rest or isinstance(written, ParamV | UnionV | UnknownV) or (isinstance(written, Ext) and not written.known)
    if not unknown and not _is_router(ev, written):
        return []
    return [
        s
        for s in _bound(ev, view, number, root, 0)
        if _is_router(ev, ev.value(root, view.path, call.owner, s.env), named=s.env is not None)
    ]


def _for_method(ev: Evaluator, view: FileView, number: int) -> list[Site]:
    """The sites of a call on a router of the file whose method the function is given: `router[method](path, show)`."""
    callee = view.facts.calls[number].callee
    key = root_of(view, callee.key) if isinstance(callee, Index) else None
    if key is None or not isinstance(callee, Index) or parameter(view, view.facts.calls[number].owner, key.id) is None:
        return []
    return [s for s in _bound(ev, view, number, callee.key, 0) if s.env is not None]


def held_by_object(ev: Evaluator, view: FileView, call: Call, meant: list[Ext]) -> list[Ext]:
    """What a call on a field is, where only those who make the object say: `self.app = app`, then `self.app.router.add_get(...)`."""
    root = root_of(view, call.callee)
    if root is None or root.id != "self" or family(view.language) not in FAMILIES:
        return meant
    found: list[Ext] = []
    for value in meant:
        open_ = value.path.startswith("?") and value.site is None
        given = options(params.given_by_callers(ev, value)) if open_ else ()
        found.extend([o for o in given if isinstance(o, Ext) and o.known] or [value])
    return found


def given_to_object(ev: Evaluator, value: AV | None) -> AV | None:
    """A text with what all who make the object give to its constructor: `this.target.get(this.base + "/orders", list)`."""
    if isinstance(value, Text):
        return Text(tuple(p if isinstance(p, str) else given_to_object(ev, p) or p for p in value.parts))
    if not isinstance(value, ParamV) or ev.world.view(value.symbol.file).symbol(value.symbol.index).name not in CONSTRUCTORS:
        return value
    given = params.given_by_callers(ev, value)
    return given if isinstance(given, Const) and isinstance(given.value, str) else value


def _is_router(ev: Evaluator, value: AV, *, named: bool = False) -> bool:
    """Is it a router? `named`: a parameter that cards know by its name alone (`?app`) is one too."""
    return any(
        (isinstance(o, Ext) and o.known and ev.world.is_router_type(o.path))
        or (named and isinstance(o, ParamV) and ev.world.is_router_type(f"?{o.name}"))
        for o in options(value)
    )


def root_of(view: FileView, value: Value) -> Name | None:
    """The name that a chain of members and calls begins with."""
    for _ in range(MAX_CHAIN):
        if isinstance(value, Name):
            return value
        if isinstance(value, Member | Index):
            value = value.base
        elif isinstance(value, CallRef):
            value = view.facts.calls[value.call].callee
        else:
            return None
    return None


def behind(view: FileView, owner: int, root: Name) -> Name | None:
    """The name behind a local one: `add = app.router.add_route`, `router = given.use(guard)`."""
    if parameter(view, owner, root.id) is not None:
        return root
    bound = next((view.bindings[s, root.id] for s in view.enclosing(owner) if (s, root.id) in view.bindings), ())
    if len(bound) == 1 and not bound[0][1] and isinstance(bound[0][0].value, Member | CallRef):
        return root_of(view, bound[0][0].value)
    return root


def parameter(view: FileView, owner: int, name: str) -> tuple[int, int] | None:
    """The named function around `owner` that has a parameter of this name, and its position; None: the name means something else."""
    for scope in view.enclosing(owner):
        symbol = view.symbol(scope)
        for position, param in enumerate(symbol.params):
            if param.name == name and param.pattern is None:
                return (scope, position) if symbol.name and name != "self" and param.kind in ("", "*") else None
            if param.kind == "*" and isinstance(param.pattern, Seq) and Name(name) in param.pattern.items:  # `(...[router, tenant])`
                return (scope, position + param.pattern.items.index(Name(name))) if symbol.name else None
        bound = view.bindings.get((scope, name), ())
        if bound or (scope, name) in view.named_children:
            taken = _element(bound[0][1]) if len(bound) == 1 else None  # `const [router] = args`
            rest = [n for n, p in enumerate(symbol.params) if p.kind == "*" and bound and bound[0][0].value == Name(p.name)]
            return (scope, rest[0] + taken) if rest and taken is not None and symbol.name else None
    return None


def _element(way: tuple[str, ...]) -> int | None:
    return int(way[0][1:-1]) if len(way) == 1 and way[0][1:-1].isdigit() and way[0][0] == "[" else None


def _other_names(ev: Evaluator, file: str, name: str) -> list[str]:
    """The names that importing files give to what `file` calls `name`: `from orders import setup as setup_orders`."""
    world = ev.world
    items = ((o, i) for o in world.importing_files(file)[:MAX_IMPORTERS] for i in world.view(o).facts.imports if i.name == name)
    return [i.local for o, i in items if i.local not in (None, name) and world.resolve(i.module, o) == file]


def callers(ev: Evaluator, where: SymbolId, name: str, limit: int = MAX_CALLERS) -> list[Site]:
    """The calls that mean the function, under its own name and those that importers give it."""
    locals_ = (*(local for _, local in ev.world.importers(where.file)[:MAX_CALLERS] if local), *_other_names(ev, where.file, name))
    names = dict.fromkeys((name, *locals_))
    found = (s for n in names for s in params.callers_named(ev, n).get(where, ()) if is_test(where.file) or not is_test(s.file))
    return list(dict.fromkeys(found))[:limit]


def _meant(ev: Evaluator, where: SymbolId, site: Site) -> FuncV:
    """The function with the object that a call runs it on: an instance of a subclass has a router of its own."""
    view = ev.world.view(site.file)
    call = view.facts.calls[site.call]
    meant = options(ev.value(call.callee, site.file, call.owner, site.env)) if isinstance(call.callee, Member) else ()
    held = [o for o in meant if isinstance(o, FuncV) and o.symbol == where]
    return held[0] if len(held) == 1 and isinstance(held[0].self_value, InstV) else FuncV(where)


def _bound(ev: Evaluator, view: FileView, number: int, given: Value, depth: int) -> list[Site]:
    """The call once for each caller of the function whose parameter `given` begins with; itself when it begins with none."""
    root = root_of(view, given)
    owner = view.facts.calls[number].owner
    found = parameter(view, owner, root.id) if root is not None else None
    if root is None or found is None or depth > MAX_DEPTH:
        return [Site(view.path, number, None)]
    scope, position = found
    where, symbol = SymbolId(view.path, scope), view.symbol(scope)
    before = 1 if symbol.params[0].name == "self" else 0
    sites: list[Site] = []
    for caller in callers(ev, where, symbol.name):
        other = ev.world.view(caller.file)
        thunk = ev.arg_thunk(caller, _NO_POSITION, root.id) or ev.arg_thunk(caller, position - before)
        if thunk is not None and scope not in (other.enclosing(thunk.owner) if caller.file == view.path else ()):
            outer = _bound(ev, other, caller.call, thunk.expr, depth + 1)
            sites.extend(Site(view.path, number, ev.bind(_meant(ev, where, s), s)) for s in outer)
    if not sites and depth:  # nobody is seen to call the caller: it says what it is written to say
        return [Site(view.path, number, None)]
    return sites[:MAX_CALLERS]
