"""Names in a lambda of Kotlin that is run with a receiver: `store.tx { find(id) }` of `fun <T> tx(block: Store.() -> T)`, `with(store) {
find(id) }`, `Router.router(vertx).apply { get("/orders") }`; what such functions of its standard library give back.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import TYPE_CHECKING

from backend_readiness.facts.model import Call, Func, Member, Name, Unknown, Value
from backend_readiness.graph.classes import inheritance
from backend_readiness.graph.evaluation import earlier_names, members
from backend_readiness.graph.values import AV, ClassV, Ext, FuncV, InstV, Site, SymbolId, options, union
from backend_readiness.graph.views import FileView, callee_name

if TYPE_CHECKING:
    from backend_readiness.graph.evaluation.evaluate import Evaluator

LANGUAGES = frozenset({"kotlin"})
_RECEIVER = re.compile(r"(?:suspend\s+)?((?:\w{1,60}\.){0,8}[A-Z]\w{0,120})(?:<[^<>]{0,80}>)?\??\.\(")
_ON_RECEIVER = frozenset({"apply", "run"})
_ON_ARGUMENT = frozenset({"with"})
_GIVING_RECEIVER = frozenset({"apply", "also"})
HANDING_RECEIVER = frozenset({"also", "let"})  # to the parameter of the lambda
MAX_RECEIVERS = 6
MAX_MEMBERS = 40


def member(ev: Evaluator, name: str, view: FileView, owner: int) -> AV | None:
    """The member of the receivers of the lambdas around, the innermost first; None when none has it."""
    for scope in view.enclosing(owner):
        passed = view.passed_in.get(scope) if view.symbol(scope).kind == "lambda" else None
        several: list[AV] = []  # of a receiver that may be one of several
        for receiver in _receivers(ev, view, passed[0], passed[1]) if passed is not None else ():
            found = members.own_member(ev, receiver, name) if isinstance(receiver, InstV) else None
            if found is None and isinstance(receiver, Ext) and ev.world.is_spoken_of(f"{receiver.path}.{name}"):
                found = ev.member(receiver, name)
            several.extend([found] if found is not None and len(several) < MAX_MEMBERS else [])
        if several:
            return union(several)
        found = _of_extended(ev, name, view, scope)
        if found is not None:
            return found
    return None


def _of_extended(ev: Evaluator, name: str, view: FileView, scope: int) -> AV | None:
    """The member of what a function extends, where cards speak of it: `fun Router.orders() { get("/orders") }`."""
    symbol = view.symbol(scope)
    if symbol.kind not in ("function", "method") or not symbol.params or symbol.params[0].kind != "this":
        return None
    for receiver in options(ev.param(SymbolId(view.path, scope), symbol, symbol.params[0], (), None)):
        if isinstance(receiver, Ext) and receiver.known and ev.world.is_spoken_of(f"{receiver.path}.{name}"):
            return ev.member(receiver, name)
    return None


def receiver_given_back(call: Call, language: str) -> Value | None:
    """What `router.apply { ... }` gives: the expression of its receiver; None for any other call."""
    is_scope = language in LANGUAGES and isinstance(call.callee, Member) and call.callee.name in _GIVING_RECEIVER
    if is_scope and isinstance(call.callee, Member) and len(call.args) == 1 and isinstance(call.args[0].value, Func):
        return call.callee.base
    return None


def written_receiver(view: FileView, scope: int) -> tuple[Value, int] | None:
    """The expression that a function of the language runs a lambda on, and where it stands; None for any other lambda."""
    passed = view.passed_in.get(scope) if view.language in LANGUAGES else None
    call = view.facts.calls[passed[0]] if passed is not None else None
    if call is None:
        return None
    if callee_name(call) in _ON_RECEIVER and isinstance(call.callee, Member):
        return call.callee.base, call.owner
    if callee_name(call) in _ON_ARGUMENT and isinstance(call.callee, Name) and len(call.args) > 1:
        return call.args[0].value, call.owner
    return None


def given_receiver(ev: Evaluator, view: FileView, scope: int) -> AV | None:
    """What a library runs a block on in which routes are registered: `routing { register(this) }`."""
    passed = view.passed_in.get(scope) if view.language in LANGUAGES else None
    if passed is None:
        return None
    for callee in options(earlier_names.callee_value(ev, view, passed[0], None)):
        if isinstance(callee, Ext) and callee.known and ev.world.registers(callee.path):
            return Ext(f"{callee.path}({passed[1]})<0>", callee, Site(view.path, passed[0], None), callee.subject)
    return None


def _receivers(ev: Evaluator, view: FileView, number: int, position: int) -> Iterator[AV]:
    call = view.facts.calls[number]
    name = callee_name(call)
    if name in _ON_RECEIVER and isinstance(call.callee, Member):
        yield from options(ev.value(call.callee.base, view.path, call.owner))
    elif name in _ON_ARGUMENT and len(call.args) > 1:
        yield from options(ev.value(call.args[0].value, view.path, call.owner))
    for callee in options(earlier_names.callee_value(ev, view, number, None)):
        if isinstance(callee, Ext) and callee.known:  # what a library runs it on is written as what it hands to a lambda
            yield Ext(f"{callee.path}({position})<0>", callee, Site(view.path, number, None), callee.subject)
        for function in _declared(ev, callee)[:MAX_RECEIVERS] if isinstance(callee, FuncV) else ():
            there = ev.world.view(function.file)
            symbol = there.symbol(function.index)
            formal = [p for p in symbol.params if p.name != "self" and p.kind != "this"]
            written = formal[position].type if position < len(formal) else formal[-1].type if formal else None
            found = _RECEIVER.match(written.text) if isinstance(written, Unknown) else None
            if found is not None:
                yield from options(ev.instance_of(_named(found.group(1)), function.file, max(0, symbol.parent)))


@lru_cache(maxsize=4096)
def _named(dotted: str) -> Value:
    """The expression of a written type: one object for each, since what an expression means is remembered by it."""
    first, *rest = dotted.split(".")
    value: Value = Name(first)
    for step in rest:
        value = Member(value, step)
    return value


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
