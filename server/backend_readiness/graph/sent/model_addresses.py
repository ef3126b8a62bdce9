"""Addresses that a page asks of an object: `{{ order.get_absolute_url }}`, `{{ $order->getUrl("/close") }}`.

A name of a template, or an item of a list, stands for an object of the class that is called like it. Where there is no such class, the
only method of that name in the repository is meant.
"""

from __future__ import annotations

import re
from dataclasses import replace

from backend_readiness.graph.evaluation.calls import applied
from backend_readiness.graph.evaluation.inflections import singular
from backend_readiness.graph.families import PAGES
from backend_readiness.graph.sent.clients import ApiCall
from backend_readiness.graph.urls import Hole, Piece, alternatives
from backend_readiness.graph.values import AV, UNKNOWN, ClassV, Ext, FuncV, InstV, SymbolId, options
from backend_readiness.graph.world import Graph

MAX_URLS = 8
_OF_NAME = re.compile(r"~(?:[$@\w.]{0,120}\.)?[$@]?(?P<name>[a-z]\w{0,60})(?P<each>\[\])?\.(?P<method>[a-zA-Z]\w{1,60})(?:\(\))?")


def with_asked_addresses(graph: Graph, call: ApiCall) -> ApiCall:
    """A call of a page, with what the objects say of which it asks parts of its address."""
    if graph.facts.files[call.place.file].language not in PAGES or not any(isinstance(p, Hole) for u in call.urls for p in u):
        return call
    urls = tuple(filled for url in call.urls for filled in _filled(graph, url))[:MAX_URLS]
    return replace(call, urls=urls) if urls != call.urls else call


def _filled(graph: Graph, url: tuple[Piece, ...]) -> list[tuple[Piece, ...]]:
    found: list[tuple[Piece, ...]] = [()]
    for number, piece in enumerate(url):
        given = _said(graph, piece.value) if isinstance(piece, Hole) and not number else []
        found = [(*start, *end) for start in found for end in given or [(piece,)]][:MAX_URLS]
    return found


def _said(graph: Graph, value: AV) -> list[tuple[Piece, ...]]:
    """The addresses that a method of an object returns; none for what begins with neither a slash nor the name of a route."""
    asked = _OF_NAME.fullmatch(value.path) if isinstance(value, Ext) else None
    if asked is None or not isinstance(value, Ext):
        return []
    method = _method(graph, singular(asked["name"]) if asked["each"] else asked["name"], asked["method"])
    if method is None:
        return []
    if value.site is not None:
        given = applied(graph.ev, method, value.site, graph.view(value.site.file).facts.calls[value.site.call])
    else:
        given = graph.ev.invoke(method)
    found = [u for o in options(given) if o is not UNKNOWN for u in alternatives(graph.ev, o)]
    return [u for u in dict.fromkeys(found) if u and (_is_path(u[0]) or (len(u) == 1 and _is_call(u[0])))][:MAX_URLS]


def _is_path(first: Piece) -> bool:
    return isinstance(first, str) and first.startswith("/")


def _is_call(piece: Piece) -> bool:
    return isinstance(piece, Hole) and isinstance(piece.value, Ext) and piece.value.site is not None


def _method(graph: Graph, name: str, method: str) -> FuncV | None:
    """The method of the class that a name stands for, bound to an object of it."""
    wanted = "".join(word[:1].upper() + word[1:] for word in name.split("_"))
    named = [w for w in graph.defining(wanted) if w.file in graph.production and graph.view(w.file).symbol(w.index).kind == "class"]
    classes = named or [o for w in graph.defining(method) if (o := _class_of(graph, w)) is not None]
    found = {f.symbol: f for c in classes for f in options(graph.ev.member(InstV(ClassV(c)), method)) if isinstance(f, FuncV)}
    return next(iter(found.values())) if len(found) == 1 else None


def _class_of(graph: Graph, where: SymbolId) -> SymbolId | None:
    view = graph.view(where.file)
    parent = view.symbol(where.index).parent
    return SymbolId(where.file, parent) if where.file in graph.production and parent > 0 and view.symbol(parent).kind == "class" else None
