"""Functions that are no step of a chain by themselves, and those that are one although they touch nothing."""

from __future__ import annotations

import re

from backend_readiness.facts.model import Call, Name, Symbol
from backend_readiness.graph.classes import inheritance
from backend_readiness.graph.classes.generics import LANGUAGES as JVM
from backend_readiness.graph.values import AV, ClassV, Env, Ext, FuncV, InstV, SymbolId, options
from backend_readiness.graph.views import FileView
from backend_readiness.graph.world import Graph

_ACCESSOR = re.compile(r"(?:get|set|is|has|with|to|from)[A-Z_]\w*|hashCode|equals|toString|builder|build|of")
_MAKER = re.compile(r"(?:[nN]ew|[mM]ake|Default)(?:[A-Z_]\w*)?")
_PASSWORD = re.compile(r"(?i)passw(or)?d|pwd")
MAX_STEP = 4
SMALL = 2  # statements and calls
MAX_CALLS = 20
_VALUES = ("java.util.", "java.lang.", "java.time.", "java.text.", "java.math.", "kotlin.", "~self", "~String", "~Integer", "~Long")
_TELLING = frozenset({"password_hash", "password_verify", "token_sign", "token_verify", "session_read"})


def is_accessor(view: FileView, index: int) -> bool:
    """A method that may only read or keep a field or make an object, or that an interface declares for generated code."""
    symbol = view.symbol(index)
    if view.language == "go":
        return _MAKER.fullmatch(symbol.name) is not None or (symbol.statements <= 1 and not view.calls_of.get(index))
    if view.language == "php" and symbol.kind == "method" and symbol.statements <= 1:
        return True  # also what relates models: `return $this->hasMany(Item::class);`
    if (view.language not in JVM and view.language != "php") or symbol.kind != "method":
        return False
    return symbol.statements == 0 or (symbol.statements <= 3 and _ACCESSOR.fullmatch(symbol.name) is not None)


def is_plain(graph: Graph, function: FuncV) -> bool:
    """Does a function only put values together: one of nobody's object, a step of a builder, or what is done to an object that the caller
    made (`Result.ok(order)`, `example.or().andIdEqualTo(id)`)? It calls nothing but its own class and the values of the language."""
    view = graph.view(function.symbol.file)
    if view.language not in JVM:
        return False
    symbol, receiver = view.symbol(function.symbol.index), function.self_value
    builds = symbol.statements <= MAX_STEP and any(r.value == Name("self") for r in view.returns.get(function.symbol.index, ()))
    made = isinstance(receiver, InstV) and receiver.site is not None
    if symbol.kind != "method" or not (symbol.is_static or builds or made):
        return False
    calls = [view.facts.calls[n] for i in view.body(function.symbol.index) for n in view.calls_of.get(i, ())]
    return len(calls) <= MAX_CALLS and all(_is_of_values(graph, view, call, symbol.parent) for call in calls)


def is_small(graph: Graph, function: FuncV) -> bool:
    """Too small to be a step of its own: it puts one answer, error or option together (`res.status(404).json(...)`, `self.body = body`).

    What a class does for an interface of the repository is a step however small it is (a store that keeps its orders in a map), unless it
    only hands out what it has.
    """
    view = graph.view(function.symbol.file)
    symbol = view.symbol(function.symbol.index)
    body = view.body(function.symbol.index)
    calls = sum(len(view.calls_of.get(i, ())) for i in body)
    if symbol.statements > SMALL or calls > SMALL:
        return False
    if any(t.owner in body for t in view.facts.throws):
        return False  # it refuses something
    return symbol.statements == 0 or (symbol.statements == 1 and calls == 0) or not implements(graph, function)


def implements(graph: Graph, function: FuncV) -> bool:
    """Does an interface of the class around a method ask for it?"""
    view = graph.view(function.symbol.file)
    symbol = view.symbol(function.symbol.index)
    if symbol.kind != "method":
        return False
    cls, name = SymbolId(view.path, symbol.parent), symbol.name
    bases = (b.symbol for b in inheritance.direct_bases(graph.ev, ClassV(cls)) if isinstance(b, ClassV))
    interfaces = (b for b in bases if graph.view(b.file).symbol(b.index).kind == "interface")
    return any((b.index, name) in graph.view(b.file).named_children for b in interfaces)


def _is_of_values(graph: Graph, view: FileView, call: Call, holder: int) -> bool:
    for value in options(graph.ev.value(call.callee, view.path, call.owner)):
        own = isinstance(value, FuncV) and value.symbol.file == view.path and holder in view.enclosing(value.symbol.index)
        own = own or (isinstance(value, ClassV) and value.symbol.file == view.path)
        about = value.subject if isinstance(value, Ext) and value.path.startswith("?") else None  # of its own class, but nowhere written
        own = own or (isinstance(about, ClassV) and about.symbol.file == view.path)
        if not own and not (isinstance(value, Ext) and value.path.startswith(_VALUES)):
            return False
    return True


def tells(graph: Graph, callee: AV, around: Symbol | None = None) -> bool:
    """Does a call do what a reader of the flow asks for, though it touches no data: hash a password, sign or check a token, read a session?

    A fast hash does where the function around it is about a password, by its name or that of a parameter.
    """
    roles = {r for v in options(callee) if isinstance(v, Ext) for r in graph.knowledge.roles_of(v.path)}
    if not _TELLING.isdisjoint(roles):
        return True
    return (
        around is not None
        and "fast_hash" in roles
        and any(_PASSWORD.search(n) for n in (around.name, *(p.name or "" for p in around.params)))
    )


def settles(graph: Graph, callee: AV) -> bool:
    """Does a call write whatever was changed before, without naming it (`session.commit()` after `order.paid = True`)?"""
    return any("writes_changes" in graph.knowledge.roles_of(v.path) for v in options(callee) if isinstance(v, Ext))


def made_with(graph: Graph, function: FuncV) -> Env | None:
    """The bindings of a handler: of a method of an object that is known, what the object was made with counts, and its class
    when the method is an inherited one."""
    receiver, around = function.self_value, function.env
    written_in = graph.view(function.symbol.file).symbol(function.symbol.index).parent
    if (
        (around is None or (around.self_value is None and around.frame(function.symbol) is None))
        and isinstance(receiver, InstV)
        and (receiver.site is not None or receiver.cls.symbol != SymbolId(function.symbol.file, written_in))
    ):
        return Env(function.symbol, {}, receiver, around, 1)
    return around
