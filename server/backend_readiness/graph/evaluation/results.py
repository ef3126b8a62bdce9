"""Several results of one call, type assertions, and values whose type says more than their expression.

`Op("result", (call, Lit(i)))` is the result `i` of a call that gives several, `Op("as", (value, type))` a value that is known to have a
type (`x.(T)`, `make(T)`, `x as T`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from backend_readiness.facts.model import CallRef, Lit, Name, Op, Seq, Value
from backend_readiness.graph.values import AV, UNKNOWN, Const, Env, Ext, FuncV, ListV, ParamV, Thunk, UnionV, UnknownV, options, union

if TYPE_CHECKING:
    from backend_readiness.graph.evaluation.evaluate import Evaluator

ERROR = Name("error")  # what functions of Go say that they give when they fail


def is_open(value: AV) -> bool:
    """Is it not known what the value is?"""
    if isinstance(value, UnionV):
        return all(is_open(o) for o in value.options)
    return isinstance(value, UnknownV | ParamV) or value == Const(None) or (isinstance(value, Ext) and value.path.startswith(("?", "~")))


def result(ev: Evaluator, expr: Op, file: str, owner: int, env: Env | None) -> AV:
    """The result of a call at a position; its declared type when the returned values tell nothing."""
    call, position = expr.operands
    number = position.value if isinstance(position, Lit) and isinstance(position.value, int) else 0
    if not isinstance(call, CallRef):
        return _given(ev, call, number, file, owner, env)
    written = ev.world.view(file).facts.calls[call.call]
    callees = list(options(ev.value(written.callee, file, written.owner, env)))
    said = [_written(ev, c, number) for c in callees]
    if said and all(s == ERROR for s in said):  # the way to all the places that may give one says nothing more, and is long
        return _declared(ev, callees[0], number) or UNKNOWN

    def looked_up() -> AV:
        found = _given(ev, call, number, file, owner, env)
        known = [t for c in callees if (t := _declared(ev, c, number)) is not None and not is_open(t)] if is_open(found) else []
        return union(known) if known else found

    own = [c.symbol for c in callees if isinstance(c, FuncV)]
    if env is None or not own or len(own) < len(callees):
        return looked_up()
    return ev.alike.asked((number, env.depth, *own), looked_up)


def _given(ev: Evaluator, call: Value, number: int, file: str, owner: int, env: Env | None) -> AV:
    """What a call returns at a position, but for nothing where it returns something too."""
    found = union([_picked(ev, o, number) for o in options(ev.value(call, file, owner, env)) if o != Const(None)])
    return union([o for o in found.options if o != Const(None)] or [Const(None)]) if isinstance(found, UnionV) else found


def _picked(ev: Evaluator, value: AV, number: int) -> AV:
    if isinstance(value, ListV):
        return ev.thunk(value.items[number]) if number < len(value.items) else UNKNOWN
    if number == 0:
        return value
    return Ext(f"{value.path}[{number}]", value, None, value.subject) if isinstance(value, Ext) else UNKNOWN


def _declared(ev: Evaluator, callee: AV, number: int) -> AV | None:
    written = _written(ev, callee, number)
    if not isinstance(callee, FuncV) or written is None:
        return None
    symbol = ev.world.view(callee.symbol.file).symbol(callee.symbol.index)
    return ev.instance_of(written, callee.symbol.file, max(0, symbol.parent), callee.env)


def _written(ev: Evaluator, callee: AV, number: int) -> Value | None:
    """The type that a function declares for one of its several results."""
    if not isinstance(callee, FuncV):
        return None
    returns = ev.world.view(callee.symbol.file).symbol(callee.symbol.index).returns
    return returns.items[number] if isinstance(returns, Seq) and number < len(returns.items) else None


def asserted(ev: Evaluator, expr: Op, file: str, owner: int, env: Env | None) -> AV:
    """The value itself when it is known, else an instance of the type."""
    inner, wanted = expr.operands
    value = ev.value(inner, file, owner, env)
    if not is_open(value):
        typed = ev.instance_of(wanted, file, owner, env) if isinstance(value, Ext) else UNKNOWN
        return typed if not is_open(typed) else value
    return ev.instance_of(wanted, file, owner, env)


def list_of(ev: Evaluator, item: Value, file: str, owner: int, env: Env | None) -> ListV:
    """A list of instances of a type. The made expression is kept for good: values are remembered by their expression."""
    return tuple_of(ev, (item,), file, owner, env)


def tuple_of(ev: Evaluator, types: tuple[Value, ...], file: str, owner: int, env: Env | None) -> ListV:
    """An instance of each of several types, in their order."""
    made = [ev.made.setdefault(id(item), (item, Op("as", (Lit(None), item)))) for item in types]
    return ListV(tuple(Thunk(file, owner, expression, env) for _, expression in made))
