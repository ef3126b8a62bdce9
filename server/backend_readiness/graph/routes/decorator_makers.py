"""Functions of the repository that make decorators which register routes:

    def guarded(method, path, scopes):
        def decorator(function):
            return method(path, dependencies=[Security(check, scopes=scopes)])(function)
        return decorator

    @guarded(router.get, "/orders", ["read"])
    def index(): ...

The call inside is one registration for each function that the maker is put on, with the arguments that it is given there. So is the
decorator of what the inner function puts around it:

    def guarded(router, *args, **kwargs):
        def decorator(function):
            @router.route(*args, **kwargs)
            @login_required
            def wrapper(*args, **kwargs):
                return jsonify(function(*args, **kwargs))
            return function
        return decorator

A call inside that is handed what stands for that function (`app.route(path, callback=wrapper)`) is one too; and what another function
gives back of the maker (`def get(path): return route(path, "GET")`) is put on functions like the maker.
"""

from __future__ import annotations

from collections.abc import Iterator
from collections.abc import Set as AbstractSet

from backend_readiness.facts.file_index import TOP, FileIndex
from backend_readiness.facts.model import CallRef, Func, Lit, Member, Name, Seq, Value
from backend_readiness.graph.families import family
from backend_readiness.graph.patterns import PatternIndex
from backend_readiness.graph.routes.given_routers import callers
from backend_readiness.graph.tagged import Tagged
from backend_readiness.graph.values import Env, FuncV, Site, SymbolId, options
from backend_readiness.graph.views import FileView
from backend_readiness.graph.world import Graph
from backend_readiness.rules.cards import RouteRule

MAX_MAKERS = 200
MAX_USES = 1_000
MAX_DEPTH = 3


def registrations_made(graph: Graph, index: PatternIndex[Tagged[RouteRule]]) -> Iterator[tuple[Site, SymbolId, Site]]:
    """The sites of calls inside of makers, with what each is put on, and where. `index` holds the calls that register."""
    files = {p: f for p, f in graph.production.items() if f.language in graph.knowledge.wrapping_languages}
    # What is put on a function of a module is called outside of all functions: most files define nothing of the kind.
    put_on = {n for f in files.values() for n, shapes in zip(f.names, f.shapes, strict=True) if shapes & TOP}
    for path, file in files.items():
        wanted = index.names_in(family(file.language))
        defined = (d.name in (put_on if d.kind == "function" else wanted) for d in file.definitions if d.kind in ("function", "method"))
        if not _may_make(file, wanted) or not any(defined):
            continue
        view = graph.view(path)
        for maker, number in list(_makers(view, wanted))[:MAX_MAKERS]:
            where = SymbolId(path, maker)
            for site in callers(graph.ev, where, view.symbol(maker).name, MAX_USES):
                yield from _put_on(graph, where, number, site)


def _may_make(file: FileIndex, wanted: AbstractSet[str]) -> bool:
    return bool(file.given) or any(shapes & ~TOP for shapes in file.called(wanted).values())


def _makers(view: FileView, wanted: AbstractSet[str]) -> Iterator[tuple[int, int]]:
    """(the function, the call inside that may register) of functions that give back a function of their own."""
    applied = {c.callee.call for c in view.facts.calls if isinstance(c.callee, CallRef)}
    applied.update(r.value.call for r in view.facts.returns if isinstance(r.value, CallRef))
    around = {n for n, c in enumerate(view.facts.calls) if c.kind == "decorator" and view.symbol(c.owner).parent > 0}
    applied |= around
    for number in sorted(applied):
        call = view.facts.calls[number]
        for scope in view.enclosing(call.owner):
            symbol = view.symbol(scope)
            if symbol.kind not in ("function", "method") or not symbol.name or not _gives(view, scope, call.owner):
                continue
            if number in around and scope == call.owner:  # `def create_app(): @app.route("/orders") def show(): ...` makes none
                continue
            if _is_wanted(call.callee, {p.name for p in symbol.params}, wanted):
                yield scope, number
    for number, call in enumerate(view.facts.calls):
        inner = view.symbol(call.owner)
        if number in applied or inner.kind != "function" or inner.parent <= 0 or not isinstance(call.callee, Member):
            continue
        own = {p.name for p in inner.params} | {view.symbol(i).name for i in view.children.get(call.owner, ())}
        handed = call.callee.name in wanted and any(isinstance(a.value, Name) and a.value.id in own for a in call.args)
        if handed and view.symbol(inner.parent).name and _gives(view, inner.parent, call.owner):
            yield inner.parent, number


def _gives(view: FileView, maker: int, inner: int) -> bool:
    """Does the function give back `inner`, a function that it holds, or what a call in itself makes?"""
    given = [r.value for r in view.returns.get(maker, ())]
    if inner == maker:
        return True
    return view.symbol(inner).parent == maker and any(v in (Name(view.symbol(inner).name), Func(inner)) for v in given)


def _is_wanted(callee: Value, params: set[str], wanted: AbstractSet[str]) -> bool:
    if isinstance(callee, Name):
        return callee.id in params
    return isinstance(callee, Member) and callee.name in wanted


def _put_on(graph: Graph, maker: SymbolId, number: int, site: Site) -> Iterator[tuple[Site, SymbolId, Site]]:
    for used, over in _uses(graph, site):
        yield from _made(graph, maker, number, used, over)


def _uses(graph: Graph, site: Site, depth: int = 0) -> Iterator[tuple[Site, Site]]:
    """(the call of a maker, the decorator that it is or that gives it back): in `get` of `@get("/")` the call of `route`."""
    view = graph.view(site.file)
    call = view.facts.calls[site.call]
    if call.kind == "decorator":
        yield site, site
        return
    around = view.symbol(call.owner)
    if depth >= MAX_DEPTH or around.kind != "function" or all(r.value != CallRef(site.call) for r in view.returns.get(call.owner, ())):
        return
    where = SymbolId(site.file, call.owner)
    for outer in callers(graph.ev, where, around.name, MAX_USES):
        for used, over in _uses(graph, outer, depth + 1):
            yield Site(site.file, site.call, _bound(graph, FuncV(where), used)), over


def _bound(graph: Graph, function: FuncV, site: Site) -> Env:
    """What the parameters of a function are at a call of it; what is left out has its default."""
    env, where = graph.ev.bind(function, site), function.symbol
    for param in graph.view(where.file).symbol(where.index).params:
        if param.default is not None and _is_text(param.default):
            env.args.setdefault(param.name, graph.ev.value(param.default, where.file, where.index))
    return env


def _made(graph: Graph, maker: SymbolId, number: int, site: Site, over: Site) -> Iterator[tuple[Site, SymbolId, Site]]:
    view, call = graph.view(over.file), graph.view(site.file).facts.calls[site.call]
    for value in options(graph.ev.value(call.callee, site.file, call.owner, site.env)):
        if isinstance(value, FuncV) and value.symbol == maker:
            env = _bound(graph, value, site)
            inner = Site(maker.file, number, env)
            for index, symbol in enumerate(view.facts.symbols):
                if CallRef(over.call) in symbol.decorators:
                    yield inner, SymbolId(over.file, index), over


def _is_text(value: Value) -> bool:
    """A text, or a list of texts."""
    return all(isinstance(item, Lit) and isinstance(item.value, str) for item in (value.items if isinstance(value, Seq) else (value,)))
