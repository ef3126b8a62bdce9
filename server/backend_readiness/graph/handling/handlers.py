"""Handlers that are wrapped by functions of the repository: `asyncHandler(show)`, `withAuth(show)`.

A wrapper takes a function and returns one that calls it with its own parameters. The inner function is the handler; the
wrapper runs before it.
"""

from __future__ import annotations

from backend_readiness.facts.file_index import bound_names
from backend_readiness.facts.model import Call, CallRef, Member, Name, Record, Value
from backend_readiness.graph.routes.routing import functions_in
from backend_readiness.graph.values import AV, Env, FuncV, InstV, options
from backend_readiness.graph.views import FileView
from backend_readiness.graph.world import Graph

MAX_WRAPPERS = 4
_CALLING = ("call", "apply", "ServeHTTP")  # members of a function that call it


def unwrapped(graph: Graph, value: AV | None) -> tuple[AV | None, tuple[AV, ...]]:
    """The function inside of wrappers, and the wrappers from the outside in; the value itself when it is not wrapped."""
    wrappers: list[AV] = []
    for _ in range(MAX_WRAPPERS):
        functions = [o for o in options(value) if isinstance(o, FuncV)] if value is not None else []
        found = next(((o, i) for o in functions if (i := _inner(graph, o)) is not None), None)
        if found is None or any(o is not found[0] and not _is_same(o, found[1]) for o in functions):
            break  # of several only one that is given back wrapped or as it was (`return isAsync(run) ? safe : run`)
        wrappers.append(found[0])
        value = found[1]
    return value, tuple(wrappers)


def _is_same(one: AV, other: AV) -> bool:
    return isinstance(one, FuncV) and isinstance(other, FuncV) and one.symbol == other.symbol


def _inner(graph: Graph, wrapper: FuncV) -> AV | None:
    """The argument of the enclosing call that the function calls with what it was given itself."""
    view = graph.view(wrapper.symbol.file)
    own = {
        n
        for p in view.symbol(wrapper.symbol.index).params
        for n in ((p.name,) if p.pattern is None else tuple(b for b, _ in bound_names(p.pattern)))
    }
    env: Env | None = wrapper.env
    while env is not None:
        if env.symbol.file == view.path and env.symbol.index in view.enclosing(wrapper.symbol.index)[1:]:
            for name, value in env.args.items():
                found = [f for o in options(value) if not isinstance(o, InstV) for f in functions_in(graph, o)]
                if found and _calls(view, wrapper.symbol.index, name, own):
                    return found[0]
        env = env.outer
    return None


def _calls(view: FileView, function: int, name: str, own: set[str]) -> bool:
    """Is `name` called in the body, with at least one of the function's own parameters (or `...args`)?"""
    for symbol in view.body(function):
        for number in view.calls_of.get(symbol, ()):
            call = view.facts.calls[number]
            if _called_name(call) != name:
                continue
            if (not own and not call.args) or any(_mentions(a.value, own) for a in call.args):
                return True
            if own and any(_is_made_of(view, symbol, a.value, own) for a in call.args) and not _is_used(view, symbol, number):
                return True
    return False


def _is_made_of(view: FileView, function: int, value: Value, own: set[str]) -> bool:
    """Is it what a call makes of all parameters of the function: `next(newContext(w, r))`, or a local that holds that?"""
    if isinstance(value, Name):
        made = [a.value for a in view.assigns_of.get(function, ()) if a.target == value and a.value is not None]
        value = made[0] if len(made) == 1 else value
    given = view.facts.calls[value.call].args if isinstance(value, CallRef) else ()
    return bool(given) and all(any(_mentions(a.value, {name}) for a in given) for name in own)


def _is_used(view: FileView, function: int, number: int) -> bool:
    """Does the body do something with what the call gives, but to give it back?"""
    if any(a.value == CallRef(number) for a in view.assigns_of.get(function, ())):
        return True
    for other in view.calls_of.get(function, ()):
        call = view.facts.calls[other]
        receiver = call.callee.base if isinstance(call.callee, Member) else None
        if receiver == CallRef(number) or any(a.value == CallRef(number) for a in call.args):
            return True
    return False


def _called_name(call: Call) -> str | None:
    callee = call.callee
    if isinstance(callee, Member) and callee.name in _CALLING:
        callee = callee.base
    return callee.id if isinstance(callee, Name) else None


def _mentions(value: Value, names: set[str]) -> bool:
    if isinstance(value, Record):
        return any(_mentions(v, names) for _, v in value.items)
    if isinstance(value, Member):
        return _mentions(value.base, names)
    return isinstance(value, Name) and value.id in names
