"""What an application does to the paths of all controllers: a prefix before them, tokens that are written with dashes.

A rule of shape `controller` with `base` names the interfaces: `prefix_conventions`, of classes that put a route in front of the others
(`Conventions.Insert(0, new PrefixConvention("api"))`), where their method calls one of `combines`; `prefix_providers`, classes that give
each controller its prefix, where one is made with a text; `token_conventions`, classes of the
framework that are given a class of the repository which writes names otherwise.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from backend_readiness.facts.model import Call, CallRef, Lit
from backend_readiness.graph.classes import inheritance
from backend_readiness.graph.patterns import last_step
from backend_readiness.graph.urls import texts
from backend_readiness.graph.values import AV, ClassV, Ext, InstV, Site, SymbolId, options
from backend_readiness.graph.views import FileView, callee_name
from backend_readiness.graph.world import Graph

MAX_FILES = 40
_DASHES = re.compile(r"\$1-\$2|-\$[01]|^-$")


def put_in_front(graph: Graph, said: dict[str, Any]) -> list[str]:
    """The paths that the application puts before the paths of all controllers."""
    combines = frozenset(said.get("combines", ()))
    found: list[str] = []
    providers = tuple(said.get("prefix_providers", ()))
    for cls in _classes_below(graph, (*said.get("prefix_conventions", ()), *providers)):
        view = graph.view(cls.symbol.file)
        own = [view.facts.calls[n] for c in view.children.get(cls.symbol.index, ()) for s in view.body(c) for n in view.calls_of.get(s, ())]
        provides = any(view.symbol(c).name == "GetRoutePrefix" for c in view.children.get(cls.symbol.index, ())) and bool(providers)
        if not provides and not any(callee_name(c) in combines for c in own):
            continue
        for site, call in _made(graph, view.symbol(cls.symbol.index).name):
            if any(isinstance(o, ClassV) and o.symbol == cls.symbol for o in options(graph.ev.value(call.callee, site.file, call.owner))):
                found.extend(t for a in range(len(call.args)) for t in _route(graph, graph.ev.arg_value(site, a)))
    return list(dict.fromkeys(t.strip("/") for t in found if t.strip("/")))[:1]


def writes_dashes(graph: Graph, said: dict[str, Any]) -> bool:
    """Does a class of the repository write the names of controllers with dashes?"""
    for path in said.get("token_conventions", ()):
        for site, call in _made(graph, last_step(path)):
            named = options(graph.ev.value(call.callee, site.file, call.owner))
            if not any(isinstance(o, Ext) and o.path == path for o in named):
                continue
            given = graph.ev.arg_value(site, 0)
            classes = [o.cls for o in options(given) if isinstance(o, InstV)] if given is not None else []
            if any(_rewrites(graph, c.symbol) for c in classes) and _is_added(graph, site, str(said.get("added_by", ""))):
                return True
    return False


def has_own_paths(graph: Graph, said: dict[str, Any]) -> bool:
    """Has the repository a decorator of its own that gives actions their path? Then it has no table of conventions."""
    return next(_classes_below(graph, tuple(said.get("made_with_path", ()))), None) is not None


def _classes_below(graph: Graph, bases: tuple[str, ...]) -> Iterator[ClassV]:
    for path in {p for b in bases for p in graph.naming(last_step(b))[:MAX_FILES] if p in graph.production}:
        for index, symbol in enumerate(graph.view(path).facts.symbols):
            cls = ClassV(SymbolId(path, index))
            if symbol.kind == "class" and any(b.path in bases for b in inheritance.external_bases(graph.ev, cls)):
                yield cls


def _made(graph: Graph, name: str) -> Iterator[tuple[Site, Call]]:
    for path in graph.naming(name)[:MAX_FILES]:
        view = graph.view(path)
        for number in view.calls_by_name.get(name, ()) if path in graph.production else ():
            if view.facts.calls[number].kind == "new":
                for site in _sites(graph, view, number):
                    yield site, view.facts.calls[number]


def _sites(graph: Graph, view: FileView, number: int) -> list[Site]:
    """The call itself, or once for each call of the function that it stands in and whose parameters it uses."""
    from backend_readiness.graph.routes.given_calls import sites_given

    return list(sites_given(graph.ev, view, number)) or [Site(view.path, number, None)]


def _route(graph: Graph, value: AV | None) -> Iterator[str]:
    """The text itself, or the one that a route is made with (`new RouteAttribute("api")`)."""
    for option in options(value) if value is not None else ():
        given = graph.ev.arg_value(option.site, 0) if isinstance(option, Ext) and option.site is not None else option
        yield from (t for t in texts(graph.ev, given) if "{" not in t or "version" in t)


def _is_added(graph: Graph, site: Site, name: str) -> bool:
    """Is what a call makes given to a call of that name? One that is only asked about some folders holds for them alone."""
    view = graph.view(site.file)
    calls = (view.facts.calls[n] for n in view.calls_by_name.get(name, ()))
    return not name or any(a.value == CallRef(site.call) for c in calls for a in c.args)


def _rewrites(graph: Graph, where: SymbolId) -> bool:
    view = graph.view(where.file)
    calls = [view.facts.calls[n] for c in view.children.get(where.index, ()) for s in view.body(c) for n in view.calls_of.get(s, ())]
    given = [a.value.value for c in calls if callee_name(c) in ("Replace", "Join") for a in c.args if isinstance(a.value, Lit)]
    return any(isinstance(t, str) and _DASHES.search(t) for t in given)
