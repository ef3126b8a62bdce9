"""Documents that a function of the repository hands on to a GraphQL client: `const ask = (options) => client.query(options)`.

The request is then sent where the function is called with a document, through functions that hand it on further.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from backend_readiness.facts.model import CallRef, Index, Member, Name, Record, Value
from backend_readiness.graph.sent.named_documents import Asked
from backend_readiness.graph.sent.wrapper_calls import calls_of
from backend_readiness.graph.values import FuncV, Site, SymbolId
from backend_readiness.graph.views import FileView
from backend_readiness.graph.world import Graph

MAX_DEPTH = 3
MAX_NESTING = 4
Chain = tuple[tuple[FuncV, Site], ...]  # functions with the calls inside of them, the outermost first


def handed_on(graph: Graph, site: Site, read: Callable[[Site], list[Asked]], chain: Chain = ()) -> Iterator[tuple[Site, list[Asked]]]:
    """The callers that give the document, and what it asks for by `read`; nothing if the function around the call hands nothing on."""
    view = graph.view(site.file)
    wrapper = _wrapper(view, site.call) if len(chain) < MAX_DEPTH else None
    if wrapper is None:
        return
    for caller, function in calls_of(graph, wrapper):
        frames = ((function, site), *chain)
        asks = read(_bound(graph, caller, frames))
        if asks:
            yield caller, asks
        else:
            yield from handed_on(graph, caller, read, frames)


def _bound(graph: Graph, caller: Site, frames: Chain) -> Site:
    """The innermost call with what the caller gives through all functions on the way."""
    given = caller
    for function, inner in frames:
        given = Site(inner.file, inner.call, graph.ev.bind(function, given))
    return given


def _wrapper(view: FileView, number: int) -> SymbolId | None:
    """The nearest function with a name whose parameters stand in the arguments of the call."""
    call = view.facts.calls[number]
    said = {n for a in call.args for n in _names(view, a.value, 0)}
    for index in view.enclosing(call.owner):
        symbol = view.symbol(index)
        if symbol.name and symbol.kind in ("function", "method", "lambda") and not said.isdisjoint(p.name for p in symbol.params):
            return SymbolId(view.path, index)
    return None


def _names(view: FileView, value: Value | None, depth: int) -> set[str]:
    """The names that an argument starts from: those of `options`, `options.query`, `{ query }`, `gql(query)`."""
    match value:
        case _ if depth > MAX_NESTING:
            return set()
        case Name():
            return {value.id}
        case Member() | Index():
            return _names(view, value.base, depth + 1)
        case Record():
            return {n for _, v in value.items for n in _names(view, v, depth + 1)}
        case CallRef():
            return {n for a in view.facts.calls[value.call].args for n in _names(view, a.value, depth + 1)}
        case _:
            return set()
