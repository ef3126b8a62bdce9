"""Names in a lambda of Kotlin that is run with a receiver: `store.tx { find(id) }` of `fun <T> tx(block: Store.() -> T)`, `with(store) {
find(id) }`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from backend_readiness.facts.model import Member, Name, Unknown
from backend_readiness.graph.classes import inheritance
from backend_readiness.graph.evaluation import members
from backend_readiness.graph.values import AV, ClassV, FuncV, InstV, SymbolId, options
from backend_readiness.graph.views import FileView, callee_name

if TYPE_CHECKING:
    from backend_readiness.graph.evaluation.evaluate import Evaluator

LANGUAGES = frozenset({"kotlin"})
_RECEIVER = re.compile(r"(?:suspend\s+)?([A-Z]\w{0,120})(?:<[^<>]{0,80}>)?\??\.\(")
_ON_RECEIVER = frozenset({"apply", "run"})
_ON_ARGUMENT = frozenset({"with"})
MAX_RECEIVERS = 6


def member(ev: Evaluator, name: str, view: FileView, owner: int) -> AV | None:
    """The member of the receivers of the lambdas around, the innermost first; None when none has it."""
    for scope in view.enclosing(owner):
        passed = view.passed_in.get(scope) if view.symbol(scope).kind == "lambda" else None
        for receiver in _receivers(ev, view, passed[0], passed[1]) if passed is not None else ():
            found = members.own_member(ev, receiver, name) if isinstance(receiver, InstV) else None
            if found is not None:
                return found
    return None


def _receivers(ev: Evaluator, view: FileView, number: int, position: int) -> Iterator[AV]:
    call = view.facts.calls[number]
    name = callee_name(call)
    if name in _ON_RECEIVER and isinstance(call.callee, Member):
        yield from options(ev.value(call.callee.base, view.path, call.owner))
    elif name in _ON_ARGUMENT and len(call.args) > 1:
        yield from options(ev.value(call.args[0].value, view.path, call.owner))
    for callee in options(ev.value(call.callee, view.path, call.owner)):
        for function in _declared(ev, callee)[:MAX_RECEIVERS] if isinstance(callee, FuncV) else ():
            there = ev.world.view(function.file)
            symbol = there.symbol(function.index)
            formal = [p for p in symbol.params if p.name != "self" and p.kind != "this"]
            written = formal[position].type if position < len(formal) else formal[-1].type if formal else None
            found = _RECEIVER.match(written.text) if isinstance(written, Unknown) else None
            if found is not None:
                yield from options(ev.instance_of(Name(found.group(1)), function.file, max(0, symbol.parent)))


def _declared(ev: Evaluator, callee: FuncV) -> list[SymbolId]:
    """The function, and those of its name in the classes that implement its interface."""
    found = [callee.symbol]
    view = ev.world.view(callee.symbol.file)
    symbol = view.symbol(callee.symbol.index)
    if symbol.parent > 0 and view.symbol(symbol.parent).kind == "interface":
        for cls in inheritance.implementers(ev, ClassV(SymbolId(view.path, symbol.parent))):
            there = ev.world.view(cls.symbol.file)
            found.extend(SymbolId(cls.symbol.file, i) for i in there.named_children.get((cls.symbol.index, symbol.name), ()))
    return found
