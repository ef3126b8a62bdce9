"""Extension methods: functions that are called on a value although its type does not declare them (`app.MapOrders()`).

The adapter marks the parameter that receives the value with the kind `this`.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from backend_readiness.facts.builder import last_name
from backend_readiness.facts.model import Call, Member, Param, Symbol
from backend_readiness.graph.classes import inheritance
from backend_readiness.graph.patterns import last_step
from backend_readiness.graph.values import AV, ClassV, Const, Ext, FuncV, InstV, ListV, Site, SymbolId, Text, UnknownV, union
from backend_readiness.rules.signs import signs

if TYPE_CHECKING:
    from backend_readiness.graph.evaluation.evaluate import Evaluator
    from backend_readiness.graph.world import Graph

LANGUAGES = frozenset({"blazor", "csharp", "kotlin", "razor"})
MAX_CANDIDATES = 40
MAX_MEANT = 3
_OPEN = re.compile(r"object|T|T[A-Z]\w*|[A-Z]")  # what takes everything
_INTERFACE = re.compile(r"I[A-Z]")
_TEXT_TYPES = frozenset(("string", "String"))


class ExtensionMethods:
    """The extension methods of one repository, by name."""

    def __init__(self, graph: Graph) -> None:
        self._graph = graph
        self._known: dict[str, tuple[SymbolId, ...]] = {}
        self._spoken = any(index.language in LANGUAGES for index in graph.facts.files.values())

    def named(self, name: str) -> tuple[SymbolId, ...]:
        """Those of production code."""
        if not self._spoken:
            return ()
        known = self._known.get(name)
        if known is None:
            graph = self._graph
            found = [SymbolId(p, d.symbol) for p, d in graph.facts.defining(name) if d.kind == "function" and p in graph.production]
            known = tuple(s for s in found if receiver_of(graph.view(s.file).symbol(s.index)) is not None)
            self._known[name] = known
        return known


def receiver_of(symbol: Symbol) -> Param | None:
    """The parameter that takes what an extension method is called on; None for any other function."""
    return symbol.params[0] if symbol.params and symbol.params[0].kind == "this" else None


def extension(ev: Evaluator, base: AV, name: str) -> AV | None:
    """The extension method of that name for a value, bound to it; None when the repository has none that fits."""
    found = [where for where in ev.world.extensions(name)[:MAX_CANDIDATES] if _fits(ev, base, where)]
    if isinstance(base, Ext) and len(found) > 1:
        last = base.path.removesuffix("()").rpartition(".")[2]
        same = [w for w in found if _type_name(ev, w) == last]
        found = same or found
    values = [_bound(ev, base, where) for where in found]
    return union(values) if values and len(values) <= MAX_MEANT else None


def _bound(ev: Evaluator, base: AV, where: SymbolId) -> AV:
    """The function for its receiver; what it gives when it is a property (`extension(Shop shop) { public Cart Open => ...; }`)."""
    function = FuncV(where, base)
    marks = ev.world.view(where.file).symbol(where.index).decorators
    return ev.invoke(function) if any(inheritance.decorator_name(d) == "property" for d in marks) else function


def _type_name(ev: Evaluator, where: SymbolId) -> str:
    param = receiver_of(ev.world.view(where.file).symbol(where.index))
    return last_name(param.type) or "" if param is not None else ""


def _fits(ev: Evaluator, base: AV, where: SymbolId) -> bool:
    """Can the receiver of the function be the value? Only what is certain speaks against it."""
    symbol = ev.world.view(where.file).symbol(where.index)
    param = receiver_of(symbol)
    if param is None or param.type is None:
        return param is not None
    if isinstance(base, Const | Text):
        return _type_name(ev, where) in _TEXT_TYPES
    typed = ev.instance_of(param.type, where.file, max(0, symbol.parent))
    if isinstance(typed, InstV):
        if not isinstance(base, InstV):
            return isinstance(base, UnknownV) or (isinstance(base, Ext) and not base.known)
        return typed.cls.symbol == base.cls.symbol or any(
            isinstance(b, ClassV) and b.symbol == typed.cls.symbol for b in inheritance.bases(ev, base.cls)
        )
    name = _type_name(ev, where)
    if isinstance(base, InstV):
        return _OPEN.fullmatch(name) is not None or any(last_step(b.path) == name for b in inheritance.external_bases(ev, base.cls))
    if name in _TEXT_TYPES or isinstance(base, ListV):
        return isinstance(base, Ext) and not base.known
    return not _is_of_sequences(base, symbol.name, name)


def _is_of_sequences(base: AV, method: str, name: str) -> bool:
    """Is it the method of any sequence, on what has nothing of the class that the function is for (`ToList(this DataTable rows)`)?"""
    if not isinstance(base, Ext) or not base.known or method not in signs("extensions", "of_sequences"):
        return False
    is_class = _OPEN.fullmatch(name) is None and _INTERFACE.match(name) is None
    return is_class and name not in {s.removesuffix("()").lstrip("~") for s in base.path.split(".")}


def receiver_site(ev: Evaluator, site: Site, symbol: Symbol) -> tuple[AV | None, int]:
    """What a call gives to the receiver of an extension method, and how many positions its arguments stand before the parameters.

    `OrderRoutes.MapOrders(app)` is the same call as `app.MapOrders()`.
    """
    call: Call = ev.world.view(site.file).facts.calls[site.call]
    if receiver_of(symbol) is None or not isinstance(call.callee, Member):
        return None, 0
    base = ev.value(call.callee.base, site.file, call.owner, site.env)
    return (None, 0) if isinstance(base, ClassV) else (base, 1)
