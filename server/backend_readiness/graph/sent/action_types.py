"""Server functions that the same program calls from its pages, in a language with types: `save(text).await`, `ServerAction::<Save>::new()`.

Rules of routes with the option `called` say which these are; `typed` are calls whose type argument is the type that the framework makes
of the function: the first argument of its mark, or its name with capitals. What stands in a server function itself is no call of a page.
"""

from __future__ import annotations

from collections.abc import Iterator

from backend_readiness.facts.builder import last_name
from backend_readiness.facts.model import Call, CallRef, Member, Name
from backend_readiness.graph.evaluation import exports
from backend_readiness.graph.routes.routing import BoundRoute
from backend_readiness.graph.sent.clients import ApiCall
from backend_readiness.graph.values import AV, UNKNOWN, FuncV, ModV, SymbolId, options
from backend_readiness.graph.views import FileView, callee_name
from backend_readiness.graph.world import Graph
from backend_readiness.model import Place


def own_calls(graph: Graph, symbol: SymbolId, route: BoundRoute, served: set[SymbolId]) -> Iterator[ApiCall]:
    """The calls of one server function; `served` are all of them."""
    name = graph.view(symbol.file).symbol(symbol.index).name
    made = _type_of(graph, symbol)
    typed = tuple(route.registration.rule.options.get("typed", ()))
    for file in dict.fromkeys((*graph.naming(name), *graph.naming(made))):
        view = graph.view(file) if file in graph.production else None
        for call in view.facts.calls if view is not None else ():
            if view is None or not (_named(graph, view, call, name, symbol) or _by_type(graph, view, call, made, symbol, typed)):
                continue
            around = {SymbolId(file, n) for n in view.enclosing(call.owner)}
            if not around & served:
                yield call_of(route, file, call.line, call.end_line, call.start, call.owner, "call")


def _type_of(graph: Graph, symbol: SymbolId) -> str:
    view = graph.view(symbol.file)
    function = view.symbol(symbol.index)
    for mark in function.decorators:
        call = view.facts.calls[mark.call] if isinstance(mark, CallRef) else None
        if call is not None and call.args and call.args[0].name is None and isinstance(call.args[0].value, Name):
            return call.args[0].value.id
    return "".join(part[:1].upper() + part[1:] for part in function.name.split("_"))


def _named(graph: Graph, view: FileView, call: Call, name: str, symbol: SymbolId) -> bool:
    """Is it called itself, or handed to what calls it: `Action::new(save)`?"""
    if callee_name(call) == name and _means(graph.ev.value(call.callee, view.path, call.owner), symbol):
        return True
    given = [a.value for a in call.args if isinstance(a.value, Name | Member) and last_name(a.value) == name]
    return call.kind == "call" and any(_means(graph.ev.value(v, view.path, call.owner), symbol) for v in given)


def _means(value: AV, symbol: SymbolId) -> bool:
    return any(isinstance(v, FuncV) and v.symbol == symbol for v in options(value))


def _by_type(graph: Graph, view: FileView, call: Call, made: str, symbol: SymbolId, typed: tuple[str, ...]) -> bool:
    written = next((t for t in call.type_args if last_name(t) == made), None)
    maker = call.callee.base if isinstance(call.callee, Member) and call.callee.name == "new" else call.callee
    if written is None or last_name(maker) not in typed:
        return False
    function = graph.view(symbol.file).symbol(symbol.index).name
    modules = [graph.ev.value(written.base, view.path, call.owner)] if isinstance(written, Member) else []
    modules.extend(exports.module(graph.ev, i.module, view.path) for i in view.imports.get(made, ()) if i.name is not None)
    modules.extend(exports.module(graph.ev, star, view.path) for star in view.stars)
    files = {m.file for m in modules if isinstance(m, ModV)}
    return view.path == symbol.file or any(_means(exports.exported(graph.ev, f, function) or UNKNOWN, symbol) for f in files)


def call_of(route: BoundRoute, file: str, line: int, end_line: int, start: int, owner: int, kind: str) -> ApiCall:
    endpoint = route.route.endpoint
    return ApiCall(
        method=endpoint.method, urls=((endpoint.path,),), place=Place(file=file, line=line, end_line=end_line), start=start,
        owner=SymbolId(file, owner), card=route.card.id, rpc="action", kind=kind,
    )  # fmt: skip
