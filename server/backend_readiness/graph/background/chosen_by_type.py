"""Work that an application's own bus hands on: `handlers.get(command.getClass()).handle(command)` runs the only class that takes it.

Of the classes behind an interface that one is meant whose method of the called name has a parameter of the argument's class. The argument
is known where the bus was called: `bus.execute(new PayOrder(id))`.
"""

from __future__ import annotations

import re

from backend_readiness.facts.file_index import last_name
from backend_readiness.facts.model import Member, Param, Symbol
from backend_readiness.graph.classes import inheritance, structural
from backend_readiness.graph.values import AV, ClassV, Ext, FuncV, InstV, Site, SymbolId, UnknownV, options
from backend_readiness.graph.world import Graph

MAX_POSITIONS = 3
MAX_METHODS = 2_000
# How a handler is taken out of where all of them are kept.
_LOOKED_UP = r"(?:get\w*|Get\w*|find\w*|first\w*|orElse\w*|resolve\w*|Resolve\w*|make|cast|value|Value)(?:\(\d*\))*"
_TAKEN = re.compile(rf"{_LOOKED_UP}|[~?]?\w*(?:\(\d*\))*\[.{{0,40}}\]")


class ChosenByType:
    """The methods that take an object of a class, of one repository."""

    def __init__(self, graph: Graph) -> None:
        self._graph = graph
        self._of_name: dict[str, dict[str, list[tuple[SymbolId, int]]]] = {}

    def target(self, site: Site, callee: AV, direct: list[FuncV]) -> FuncV | None:
        """The one method that runs; `direct` are those behind the callee. None: the arguments do not tell."""
        call = self._graph.view(site.file).facts.calls[site.call]
        name = call.callee.name if isinstance(call.callee, Member) else ""
        only_declared = len(direct) == 1 and self._is_declared(direct[0])
        if not name or not call.args or (len(direct) == 1 and not only_declared):
            return None
        if not direct and not any(_is_taken(v, name) for v in options(callee)):
            return None
        known = self._methods(name)
        for position, arg in enumerate(call.args[:MAX_POSITIONS] if known else ()):
            given = self._graph.ev.value(arg.value, site.file, call.owner, site.env)
            classes = {o.cls.symbol for o in options(given) if isinstance(o, InstV)}
            if len(classes) == 1:
                found = self._taking(known, next(iter(classes)), position, set() if only_declared else {d.symbol for d in direct})
                if found is not None:
                    return found
        return None

    def _is_declared(self, method: FuncV) -> bool:
        """Is it the method of an interface which any class may have: `Handle(ctx, command C)`?"""
        view = self._graph.view(method.symbol.file)
        parent = view.symbol(method.symbol.index).parent
        return view.language in structural.LANGUAGES and parent > 0 and view.symbol(parent).kind == "interface"

    def _taking(self, known: dict[str, list[tuple[SymbolId, int]]], cls: SymbolId, position: int, among: set[SymbolId]) -> FuncV | None:
        graph = self._graph
        found: list[FuncV] = []
        for where, at in known.get(graph.view(cls.file).symbol(cls.index).name, ()):
            symbol = graph.view(where.file).symbol(where.index)
            declared = _given(symbol)[at].type if at == position else None
            if declared is None or (among and where not in among):
                continue
            typed = graph.ev.instance_of(declared, where.file, symbol.parent)
            if any(isinstance(o, InstV) and o.cls.symbol == cls for o in options(typed)):
                found.append(FuncV(where, InstV(ClassV(SymbolId(where.file, symbol.parent)))))
        return found[0] if len(found) == 1 else None

    def _methods(self, name: str) -> dict[str, list[tuple[SymbolId, int]]]:
        """Name of a parameter's type -> (method of that name in a class with bases, position of the parameter)."""
        known = self._of_name.get(name)
        if known is None:
            known = self._of_name[name] = {}
            graph = self._graph
            for file, definition in graph.facts.defining(name)[:MAX_METHODS]:
                view = graph.view(file)
                symbol = view.symbol(definition.symbol)
                holder = view.symbol(symbol.parent) if symbol.parent > 0 else None
                if file not in graph.production or holder is None or holder.kind != "class":
                    continue
                if not holder.bases and view.language not in structural.LANGUAGES:
                    continue
                if inheritance.abstract(view, definition.symbol):
                    continue
                for at, param in enumerate(_given(symbol)[:MAX_POSITIONS]):
                    typed = last_name(param.type) if param.type is not None else None
                    if typed:
                        known.setdefault(typed, []).append((SymbolId(file, definition.symbol), at))
        return known


def _given(symbol: Symbol) -> tuple[Param, ...]:
    """The parameters without the object itself."""
    return symbol.params[1:] if symbol.params and (symbol.params[0].name == "self" or symbol.params[0].kind == "this") else symbol.params


def _is_taken(value: AV, name: str) -> bool:
    """Is it a member of something that was looked up, and of no known type?"""
    if isinstance(value, UnknownV):
        return True
    if not isinstance(value, Ext):
        return False
    before = value.path.removesuffix(f".{name}")
    return before != value.path and _TAKEN.fullmatch(before.rpartition(".")[2]) is not None
