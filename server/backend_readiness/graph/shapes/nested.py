"""Routes in nested blocks, see `graph.nested`: tables begin at calls with a block, in class bodies, or in whole files."""

from __future__ import annotations

import fnmatch

from backend_readiness.facts.model import Member, Name
from backend_readiness.graph.classes import inheritance
from backend_readiness.graph.evaluation import constants
from backend_readiness.graph.families import family
from backend_readiness.graph.nested import mixed
from backend_readiness.graph.nested.context import Context
from backend_readiness.graph.nested.options import Nested, options_of
from backend_readiness.graph.nested.walk import Walker
from backend_readiness.graph.patterns import compiled
from backend_readiness.graph.routes.routing import RouterKey
from backend_readiness.graph.routes.scan import Scan
from backend_readiness.graph.values import AV, ClassV, Ext, InstV, SymbolId, options
from backend_readiness.graph.views import callee_name
from backend_readiness.graph.world import Graph
from backend_readiness.rules.cards import Card

MAX_LOADED = 2_000


def collect(scan: Scan) -> None:
    for card in scan.graph.knowledge.cards:
        rules = [r for r in card.routes if r.shape == "nested"]
        if not rules:
            continue
        walker = Walker(scan, card)
        for hit in scan.hits.get("nested", ()):
            if hit.card.id != card.id:
                continue
            if options_of(hit.rule).anywhere:
                walker.step(hit, Context())
            elif options_of(hit.rule).does == "root":
                owner = ("site", hit.site.file, hit.site.call) if options_of(hit.rule).made else _owner(walker, hit.callee)
                walker.step(hit, Context(router=owner, module=_isolated(scan.graph, owner, options_of(hit.rule).isolated)))
        for rule in rules:
            said = options_of(rule)
            if said.does == "body":
                _bodies(walker, card, said)


def _owner(walker: Walker, callee: Ext) -> RouterKey | None:
    """The class of the repository on which the table is put (an engine's); None for the application's own."""
    current: AV | None = callee
    for _ in range(8):
        if isinstance(current, ClassV | InstV):
            return walker.router_of(current)
        if not isinstance(current, Ext):
            return None
        if isinstance(current.subject, ClassV):
            return walker.router_of(current.subject)
        current = current.base
    return None


def _isolated(graph: Graph, owner: RouterKey | None, name: str) -> str:
    """The module that the owner of a table says all of its targets are in: `isolate_namespace Blog`."""
    view = graph.view(owner[1]) if owner is not None and owner[0] == "class" and name else None
    for number in view.calls_of.get(owner[2], ()) if view is not None and owner is not None else ():
        call = view.facts.calls[number] if view is not None else None
        if call is not None and view is not None and callee_name(call) == name and call.args:
            for value in options(graph.ev.value(call.args[0].value, view.path, call.owner)):
                if isinstance(value, ClassV):
                    return "/".join(constants.full_name(graph.view(value.symbol.file), value.symbol.index))
    return ""


def _bodies(walker: Walker, card: Card, said: Nested) -> None:
    graph = walker.scan.graph
    language = card.id.partition("/")[0]
    names = walker.names
    patterns = [compiled(p) for p in graph.knowledge.patterns(card, said.base)] if said.base else []
    loaded = _loaded(graph, said) if said.modules else set()
    for path, index in graph.production.items():
        if family(index.language) != language or names.isdisjoint(index.names):
            continue
        whole = path in loaded or any(fnmatch.fnmatch(path, f) or fnmatch.fnmatch(path, f"*/{f}") for f in said.files)
        if whole and (path, 0) not in walker.walked:
            below = f"/{path}".rpartition(f"/{said.folder_module}/")[2].partition("/")[0] if said.folder_module else ""
            walker.body(SymbolId(path, 0), Context(module=below, router=_application(walker, path, below, said)))
        if not patterns:
            continue
        view = graph.view(path)
        for number, symbol in enumerate(view.facts.symbols):
            if symbol.kind not in ("class", "interface") or number not in view.calls_of:  # traits have bodies too
                continue
            cls = ClassV(SymbolId(path, number))
            if any(p.fullmatch(b.path) for b in inheritance.external_bases(graph.ev, cls) for p in patterns):
                around = "/".join(constants.full_name(view, symbol.parent)) if said.inside else ""
                context = Context(router=walker.router_of(cls), module=around)
                walker.body(SymbolId(path, number), mixed.inherited(walker, cls, context) if said.inherits else context)


def _application(walker: Walker, path: str, below: str, said: Nested) -> RouterKey | None:
    """What mounts speak of for a table in a file: the class of the application whose folder it lies in (`apps/web/config/routes.rb`)."""
    graph, name = walker.scan.graph, said.application.rpartition(".")[2]
    folder = f"{path.rpartition(f'{said.folder_module}/{below}/')[0]}{said.folder_module}/{below}/"
    for where in graph.defining(name) if below and name else ():
        cls = ClassV(where)
        if where.file.startswith(folder) and any(b.path == said.application for b in inheritance.external_bases(graph.ev, cls)):
            return walker.router_of(cls)
    return None


def _loaded(graph: Graph, said: Nested) -> set[str]:
    """The files that import one of the modules, and those that such files load."""
    found = {p for p, i in graph.production.items() if any(m == w or m.startswith(f"{w}/") for m in i.modules for w in said.modules)}
    named = {d for a in graph.snapshot.applications for d in a.dependencies}
    for loader in said.loaders if not named or not named.isdisjoint(said.modules) else ():
        holder, _, name = loader.rpartition(".")
        for path in graph.calling(name):
            calls = (c.callee for c in graph.view(path).facts.calls)
            found |= {path} if any(isinstance(c, Member) and (c.name, c.base) == (name, Name(holder)) for c in calls) else set()
    queue = sorted(found)
    while queue and len(found) < MAX_LOADED:
        path = queue.pop()
        for module in graph.facts.files[path].modules:
            target = graph.resolve(module, path)
            if target is not None and target in graph.production and target not in found:
                found.add(target)
                queue.append(target)
    return found
