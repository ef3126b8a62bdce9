"""Functions that run because a page or component is shown: loaders of pages, `mounted`, `ngOnInit`, watchers."""

from __future__ import annotations

import re
from fnmatch import fnmatch

from backend_readiness.graph.classes import inheritance
from backend_readiness.graph.interface.component_parts import component_of
from backend_readiness.graph.interface.own_effects import hands_on
from backend_readiness.graph.interface.templates import options_of
from backend_readiness.graph.steps import Step
from backend_readiness.graph.values import ClassV, Ext, FuncV, Obj, SymbolId, options
from backend_readiness.graph.world import Graph
from backend_readiness.model import LinkStatus, Place

_CAPITAL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")


def kebab(name: str) -> str:
    return _CAPITAL.sub("-", name).lower()


def page_that_loads(graph: Graph, where: SymbolId) -> Step | None:
    """The page for which a framework runs the function: an export with a known name in a file at a known place."""
    symbol = graph.view(where.file).symbol(where.index)
    folder = where.file.rpartition("/")[0]
    for rule in graph.knowledge.pages:
        if symbol.parent <= 0 and symbol.name in rule.loads and any(fnmatch(where.file, g) for g in rule.glob):
            page = next((f for p in rule.page for f in (f"{folder}/{p}",) if graph.has(f)), where.file)
            line = symbol.line if page == where.file else 1
            place = Place(file=page, line=line, end_line=line)
            return Step(
                kind="load",
                place=place,
                symbol=f"page {page.rpartition('/')[2]}",
                status=LinkStatus.CONFIRMED,
                why="the page is loaded",
            )
    return None


def runs_when_shown(graph: Graph, where: SymbolId) -> SymbolId | None:
    """The component that runs the function when it is shown or its data change: `mounted`, `ngOnInit`, a watcher."""
    view = graph.view(where.file)
    symbol = view.symbol(where.index)
    own = graph.is_component_file(where.file)
    holder = SymbolId(where.file, symbol.parent)
    of_class = component_of(graph, holder) if symbol.parent > 0 else None
    if of_class is not None and symbol.name in of_class[1].loads:
        return SymbolId(of_class[0], 0)
    for rule in graph.knowledge.components:
        if rule.base and symbol.name in rule.loads and view.symbol(max(0, holder.index)).kind == "class":
            above = inheritance.external_bases(graph.ev, ClassV(holder))
            if any(b.path in rule.base for b in above):
                return holder
        if rule.decorator is not None and holder in graph.decorated_components.classes and symbol.name in rule.loads:
            return holder
        if rule.language == view.language and own and symbol.parent == 0 and symbol.kind == "lambda":
            obj = options_of(graph.ev, where.file)
            if obj is None:
                continue
            watched = [graph.ev.member(obj, key) for key in rule.watches]
            held = [graph.ev.member(obj, symbol.name)] if symbol.name in rule.loads else []
            held += [graph.ev.thunk(t) for w in watched if isinstance(w, Obj) for t in w.fields.values()]
            held += [graph.ev.member(h, "handler") for h in held if isinstance(h, Obj)]
            if any(isinstance(h, FuncV) and h.symbol == where for h in held):
                return SymbolId(where.file, 0)
    return None


def is_whole_file(graph: Graph, where: SymbolId) -> bool:
    """Is a symbol the class that the file of a component is, and not a function that its script happens to begin with?"""
    symbol = graph.view(where.file).symbol(where.index)
    return where.index == 1 and symbol.kind == "class" and not symbol.name and graph.is_component_file(where.file)


def loads(graph: Graph, file: str, call: int) -> bool:
    """Does the call run its function argument, or send what it is given, when a page or component is shown?"""
    made = graph.view(file).facts.calls[call]
    for value in options(graph.ev.value(made.callee, file, made.owner)):
        if isinstance(value, Ext) and graph.knowledge.effects.matches(value):
            return True
        if isinstance(value, FuncV) and hands_on(graph, value.symbol):
            return True
    return False


def loads_at(graph: Graph, file: str, start: int) -> bool:
    """Is the call that begins at byte `start` a hook that sends when a component is shown: `useQuery(ORDERS)`?"""
    return any(c.start == start and loads(graph, file, n) for n, c in enumerate(graph.view(file).facts.calls))
