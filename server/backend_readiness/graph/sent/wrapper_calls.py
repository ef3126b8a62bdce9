"""The calls of a function of the repository that wraps a client: those that its name leads to, and that mean it."""

from __future__ import annotations

from collections.abc import Iterator

from backend_readiness.facts.builder import dotted
from backend_readiness.graph.classes import abstracts
from backend_readiness.graph.evaluation.aliases import names_of
from backend_readiness.graph.evaluation.evaluate import Evaluator
from backend_readiness.graph.evaluation.params import MAX_FILES, callers_named
from backend_readiness.graph.interface.templates import is_shared
from backend_readiness.graph.sent.computed_verbs import is_computed
from backend_readiness.graph.sent.requests import MAX_FRAMES, params_in
from backend_readiness.graph.urls import alternatives
from backend_readiness.graph.values import AV, Const, FuncV, Site, SymbolId, Text, UnionV, options
from backend_readiness.graph.views import CONSTRUCTORS
from backend_readiness.graph.world import Graph

MAX_CALLERS = 400


def calls_of(graph: Graph, wrapper: SymbolId) -> Iterator[tuple[Site, FuncV]]:
    """Calls of production code that resolve to the function `wrapper`."""
    count = 0
    for name in sorted(n for n in names_of(graph, wrapper) if n):
        for site in sites_of(graph, wrapper, name):
            if site.file not in graph.production:
                continue
            call = graph.view(site.file).facts.calls[site.call]
            for value in options(graph.ev.value(call.callee, site.file, call.owner)):
                if isinstance(value, FuncV) and value.symbol == wrapper and count < MAX_CALLERS:
                    count += 1
                    yield site, value
    for file in dict.fromkeys(f for f, _ in graph.importers(wrapper.file) if f in graph.production):
        for number, call in enumerate(graph.view(file).facts.calls):
            if is_computed(call):  # `api[method](url)`, where `api` holds the function under one of its keys
                meant = options(graph.ev.value(call.callee, file, call.owner))
                yield from ((Site(file, number, None), v) for v in meant if isinstance(v, FuncV) and v.symbol == wrapper)


def wrappers_around(graph: Graph, at: Site, wanted: set[SymbolId], seen: frozenset[SymbolId]) -> list[SymbolId]:
    """The function whose callers decide the request, before it the one inside that it gives back: `return { list: () => get(path) }`."""
    view = graph.view(at.file)
    enclosing = [SymbolId(at.file, i) for i in view.enclosing(view.facts.calls[at.call].owner)]
    first = next((n for n, s in enumerate(enclosing) if s in wanted and s not in seen), None)
    if first is None:
        return []
    inside = [s for s in enclosing[:first] if s.index not in view.passed_in] if seen.isdisjoint(enclosing) else []
    return [*inside[-1:], enclosing[first]]


def made_at(function: FuncV) -> set[tuple[str, int]]:
    """The calls that made a function: `create("/orders")` of `create("/orders").list`."""
    found: set[tuple[str, int]] = set()
    env = function.env
    while env is not None and len(found) < MAX_FRAMES:
        found |= {(env.site.file, env.site.call)} if env.site is not None else set()
        env = env.outer
    return found


def open_methods(graph: Graph, symbolic: Evaluator, at: Site, url: AV) -> set[SymbolId]:
    """The method around a call whose URL depends on members that only subclasses have, or on what the constructor was given, or of
    which nothing is known, or several things, while there are subclasses: its receivers are the clients."""
    view = graph.view(at.file)
    scopes = view.enclosing(view.facts.calls[at.call].owner)
    classes = {c.index for c in abstracts.open_receivers(symbolic, url) if c.file == at.file}
    given = (view.symbol(p.symbol.index) for p in params_in(url) if p.symbol.file == at.file)
    classes |= {s.parent for s in given if s.name in CONSTRUCTORS}
    if _is_one_of_several(url) or not any(isinstance(p, str) and p.strip("/") for u in alternatives(symbolic, url) for p in u):
        holders = {view.symbol(i).parent for i in scopes if view.symbol(i).kind == "method"}
        classes |= {h for h in holders if h > 0 and graph.subclasses(view.symbol(h).name)}
    return {SymbolId(at.file, i) for i in scopes if view.symbol(i).parent in classes}


def _is_one_of_several(url: AV) -> bool:
    """Is a part of the address one of several texts, as the classes below set a field: `/api/${this.name}`?"""
    parts = [p for o in options(url) if isinstance(o, Text) for p in o.parts]
    return any(isinstance(p, UnionV) and all(isinstance(o, Const) for o in p.options) for p in parts)


def sites_of(graph: Graph, wrapper: SymbolId, name: str) -> list[Site]:
    """Calls of that name which mean the function; a common name is looked for where its file is imported."""
    if len(graph.calling(name)) <= MAX_FILES:
        return callers_named(graph.ev, name).get(wrapper, [])
    found: list[Site] = []
    roots = [wrapper.file, *_interfaces(graph, wrapper.file)]
    files = dict.fromkeys(f for r in roots for f in graph.reached_from(r, name, MAX_CALLERS))
    if is_shared(graph.view(wrapper.file)):  # the scripts of its pages call it without an import
        files |= dict.fromkeys(
            f for f in graph.calling(name) if f in graph.production and graph.resolver_of(f) is graph.resolver_of(wrapper.file)
        )
    for shared in _on_window(graph, wrapper.file):
        files |= dict.fromkeys(f for f in graph.naming(shared) if f in graph.production)
    for file in files:
        view = graph.view(file)
        for number in view.calls_by_name.get(name, ()):
            call = view.facts.calls[number]
            if any(isinstance(v, FuncV) and v.symbol == wrapper for v in options(graph.ev.value(call.callee, file, call.owner))):
                found.append(Site(file, number, None))
    return found


def _on_window(graph: Graph, file: str) -> list[str]:
    """The names under which a file, or one that imports it, sets something on the window: `window.$api = new Api()`."""
    found: list[str] = []
    for importer in (file, *graph.importing_files(file)[:40]):
        written = (dotted(a.target) or "" for a in graph.view(importer).facts.assigns if a.owner == 0)
        found.extend(w.removeprefix("window.") for w in written if w.startswith("window.") and w.count(".") == 1)
    return list(dict.fromkeys(found))


def _interfaces(graph: Graph, file: str) -> list[str]:
    """Files with interfaces that a file imports: those who call through them import these, and not the file."""
    targets = (graph.resolve(m, file) for m in graph.facts.files[file].modules)
    return [t for t in dict.fromkeys(targets) if t and any(d.kind == "interface" for d in graph.facts.files[t].definitions)]
