"""Several results of one call, type assertions, and values whose type says more than their expression.

`Op("result", (call, Lit(i)))` is the result `i` of a call that gives several, `Op("as", (value, type))` a value that is known to have a
type (`x.(T)`, `make(T)`, `x as T`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from backend_readiness.facts.model import CallRef, Lit, Op, Seq, Value
from backend_readiness.graph.values import AV, UNKNOWN, Const, Env, Ext, FuncV, ListV, ParamV, Thunk, UnionV, UnknownV, options, union

if TYPE_CHECKING:
    from backend_readiness.graph.evaluation.evaluate import Evaluator


def is_open(value: AV) -> bool:
    """Is it not known what the value is?"""
    if isinstance(value, UnionV):
        return all(is_open(o) for o in value.options)
    return isinstance(value, UnknownV | ParamV) or value == Const(None) or (isinstance(value, Ext) and value.path.startswith(("?", "~")))


def result(ev: Evaluator, expr: Op, file: str, owner: int, env: Env | None) -> AV:
    """The result of a call at a position; its declared type when the returned values tell nothing."""
    call, position = expr.operands
    number = position.value if isinstance(position, Lit) and isinstance(position.value, int) else 0
    found = union([_picked(ev, o, number) for o in options(ev.value(call, file, owner, env)) if o != Const(None)])
    if isinstance(found, UnionV):
        found = union([o for o in found.options if o != Const(None)] or [Const(None)])
    if not is_open(found) or not isinstance(call, CallRef):
        return found
    written = ev.world.view(file).facts.calls[call.call]
    typed = [_declared(ev, callee, number) for callee in options(ev.value(written.callee, file, written.owner, env))]
    known = [t for t in typed if t is not None and not is_open(t)]
    return union(known) if known else found


def _picked(ev: Evaluator, value: AV, number: int) -> AV:
    if isinstance(value, ListV):
        return ev.thunk(value.items[number]) if number < len(value.items) else UNKNOWN
    if number == 0:
        return value
    return Ext(f"{value.path}[{number}]", value, None, value.subject) if isinstance(value, Ext) else UNKNOWN


def _declared(ev: Evaluator, callee: AV, number: int) -> AV | None:
    if not isinstance(callee, FuncV):
        return None
    symbol = ev.world.view(callee.symbol.file).symbol(callee.symbol.index)
    written = symbol.returns
    if isinstance(written, Seq) and number < len(written.items):
        return ev.instance_of(written.items[number], callee.symbol.file, max(0, symbol.parent), callee.env)
    return None


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
