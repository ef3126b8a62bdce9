"""Functions of the repository that stand for one that draws a form: `def own_form_with(**options) = form_with(**options)`.

They hand on all that they are given, in its order, and may add to it. What a page says to such a function counts as said to the other.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from backend_readiness.facts.model import Call, CallRef, Member, Name, Op, Value
from backend_readiness.graph.values import Ext, FuncV, SymbolId, options
from backend_readiness.graph.views import FileView
from backend_readiness.graph.world import Graph
from backend_readiness.rules.page_rules import HelperRule


def hands_all_on(view: FileView, call: Call) -> bool:
    """Are the arguments of the call the parameters of the function around it, all and in their order?"""
    symbol = view.symbol(call.owner)
    if symbol.kind not in ("function", "method") or not symbol.name:
        return False
    params = [p.name for p in symbol.params]
    given = [_handed(view, a.value) for a in call.args if a.name is None]
    return bool(given) and given == params[: len(given)] and len(params) - len(given) <= 1  # the last one may be the block


def _handed(view: FileView, written: Value) -> str:
    """The parameter that an argument is, also with something added to it: `options.merge(builder: Own)`, `args << more`."""
    if isinstance(written, Op) and written.operands:
        return _handed(view, written.operands[0])
    call = view.facts.calls[written.call] if isinstance(written, CallRef) else None
    if call is not None and isinstance(call.callee, Member) and isinstance(call.callee.base, Name | CallRef):
        return _handed(view, call.callee.base)
    return written.id if isinstance(written, Name) else ""


def calls_alike(graph: Graph, alike: Mapping[str, tuple[SymbolId, HelperRule]]) -> Iterator[tuple[FileView, int, HelperRule]]:
    """The calls of those functions, each with the rule of the function that it stands for."""
    for name, (function, rule) in alike.items():
        for file in graph.calling(name):
            if file not in graph.production:
                continue
            view = graph.view(file)
            for number in view.calls_by_name.get(name, ()):
                call = view.facts.calls[number]
                meant = options(graph.ev.value(call.callee, file, call.owner))
                if any(v.symbol == function if isinstance(v, FuncV) else isinstance(v, Ext) and v.path == f"~{name}" for v in meant):
                    yield view, number, rule
