"""Work that an application's own bus hands on: `handlers.get(command.getClass()).handle(command)` runs the only class that takes it.

Of the classes behind an interface that one is meant whose method of the called name has a parameter of the argument's class. The argument
is known where the bus was called: `bus.execute(new PayOrder(id))`. Of a method that an interface declares, only classes below it are meant.
"""

from __future__ import annotations

import re

from backend_readiness.facts.file_index import last_name
from backend_readiness.facts.model import Member, Param, Symbol
from backend_readiness.graph.background.asked_handlers import asked
from backend_readiness.graph.classes import inheritance, structural
from backend_readiness.graph.classes.descendants import descendants
from backend_readiness.graph.values import AV, ClassV, Ext, FuncV, InstV, Site, SymbolId, UnknownV, options
from backend_readiness.graph.world import Graph

_Known = dict[str, list[tuple[SymbolId, int]]]  # name of a parameter's type -> (method, position of the parameter)
MAX_POSITIONS = 3
MAX_METHODS = 2_000
MAX_MEANT = 3
# How a handler is taken out of where all of them are kept.
_LOOKED_UP = r"(?:get\w*|Get\w*|find\w*|first\w*|orElse\w*|resolve\w*|Resolve\w*|make|cast|value|Value)(?:\(\d*\))*"
_TAKEN = re.compile(rf"{_LOOKED_UP}|[~?]?\w*(?:\(\d*\))*\[.{{0,40}}\]")


class ChosenByType:
    """The methods that take an object of a class, of one repository."""

    def __init__(self, graph: Graph) -> None:
        self._graph = graph
        self._of_name: dict[str, _Known] = {}
        self._of_interface: dict[tuple[SymbolId, str], _Known] = {}

    def targets(self, site: Site, callee: AV, direct: list[FuncV]) -> list[FuncV]:
        """The methods that run; `direct` are those behind the callee. None of them: the arguments do not tell."""
        wanted = asked(self._graph, site, callee) if not direct else None
        if wanted is not None:
            return self._below(wanted.interface, wanted.method, wanted.given, MAX_MEANT)
        call = self._graph.view(site.file).facts.calls[site.call]
        name = call.callee.name if isinstance(call.callee, Member) else ""
        only_declared = len(direct) == 1 and self._is_declared(direct[0])
        if not name or not call.args or (len(direct) == 1 and not only_declared):
            return []
        if not direct and not any(_is_taken(v, name) for v in options(callee)):
            return []
        known = self._methods(name)
        given = [self._graph.ev.value(a.value, site.file, call.owner, site.env) for a in call.args[:MAX_POSITIONS]] if known else []
        if only_declared and (interface := self._holder(direct[0])) is not None:
            return self._below(interface, name, tuple(given), 1)
        among = set() if only_declared else {d.symbol for d in direct}
        return self._first(known, given, among, 1)

    def _below(self, interface: ClassV, name: str, given: tuple[AV, ...], most: int) -> list[FuncV]:
        """The methods of classes below an interface."""
        key = (interface.symbol, name)
        if key not in self._of_interface:
            classes = {c.symbol for c in descendants(self._graph, interface)}
            fits = {t: [(m, at) for m, at in known if self._cls(m) in classes] for t, known in self._methods(name).items()}
            self._of_interface[key] = {t: known for t, known in fits.items() if known}
        return self._first(self._of_interface[key], list(given), set(), most)

    def _first(self, known: _Known, given: list[AV], among: set[SymbolId], most: int) -> list[FuncV]:
        for position, value in enumerate(given):
            classes = {o.cls.symbol for o in options(value) if isinstance(o, InstV)}
            found = self._taking(known, next(iter(classes)), position, among) if len(classes) == 1 else []
            if 0 < len(found) <= most:
                return found
        return []

    def _cls(self, method: SymbolId) -> SymbolId:
        return SymbolId(method.file, self._graph.view(method.file).symbol(method.index).parent)

    def _holder(self, method: FuncV) -> ClassV | None:
        """The interface of a language whose classes say what they implement."""
        return ClassV(self._cls(method.symbol)) if self._graph.view(method.symbol.file).language not in structural.LANGUAGES else None

    def _is_declared(self, method: FuncV) -> bool:
        """Is it the method of an interface which any class may have: `Handle(ctx, command C)`?"""
        view = self._graph.view(method.symbol.file)
        parent = view.symbol(method.symbol.index).parent
        return parent > 0 and view.symbol(parent).kind == "interface" and inheritance.abstract(view, method.symbol.index)

    def _taking(self, known: _Known, cls: SymbolId, position: int, among: set[SymbolId]) -> list[FuncV]:
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
        return found

    def _methods(self, name: str) -> _Known:
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
