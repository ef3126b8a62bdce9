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
from backend_readiness.graph.values import FuncV, Site, SymbolId, options
from backend_readiness.graph.views import FileView
from backend_readiness.graph.world import Graph
from backend_readiness.rules.cards import RouteRule

MAX_MAKERS = 200
MAX_USES = 1_000


def registrations_made(graph: Graph, index: PatternIndex[Tagged[RouteRule]]) -> Iterator[tuple[Site, SymbolId, Site]]:
    """The sites of calls inside of makers, with what each is put on, and where. `index` holds the calls that register."""
    files = {p: f for p, f in graph.production.items() if f.language in graph.knowledge.wrapping_languages}
    # What is put on a function of a module is called outside of all functions: most files define nothing of the kind.
    put_on = {n for f in files.values() for n, shapes in zip(f.names, f.shapes, strict=True) if shapes & TOP}
    for path, file in files.items():
        wanted = index.names_in(family(file.language))
        if not _may_make(file, wanted) or not any(d.kind == "function" and d.name in put_on for d in file.definitions):
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
            if symbol.kind != "function" or not symbol.name or not _gives(view, scope, call.owner):
                continue
            if number in around and scope == call.owner:  # `def create_app(): @app.route("/orders") def show(): ...` makes none
                continue
            if _is_wanted(call.callee, {p.name for p in symbol.params}, wanted):
                yield scope, number


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
    view = graph.view(site.file)
    call = view.facts.calls[site.call]
    if call.kind != "decorator":
        return
    for value in options(graph.ev.value(call.callee, site.file, call.owner, site.env)):
        if isinstance(value, FuncV) and value.symbol == maker:
            env = graph.ev.bind(value, site)
            for param in graph.view(maker.file).symbol(maker.index).params:
                if param.default is not None and _is_text(param.default):  # what is left out has its default
                    env.args.setdefault(param.name, graph.ev.value(param.default, maker.file, maker.index))
            inner = Site(maker.file, number, env)
            for index, symbol in enumerate(view.facts.symbols):
                if CallRef(site.call) in symbol.decorators:
                    yield inner, SymbolId(site.file, index), site


def _is_text(value: Value) -> bool:
    """A text, or a list of texts."""
    return all(isinstance(item, Lit) and isinstance(item.value, str) for item in (value.items if isinstance(value, Seq) else (value,)))
