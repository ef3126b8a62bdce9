"""Operators of expressions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from backend_readiness.facts.model import Alt, Lit, Name, Op
from backend_readiness.graph.evaluation import results, type_callers
from backend_readiness.graph.evaluation.known_branches import known_options
from backend_readiness.graph.evaluation.marked_settings import said_of
from backend_readiness.graph.evaluation.texts import join_text
from backend_readiness.graph.values import AV, ClassV, Const, Env, Ext, ListV, ParamV, Text, Thunk, UnknownV, options, union

if TYPE_CHECKING:
    from backend_readiness.graph.evaluation.evaluate import Evaluator


def operated(ev: Evaluator, expr: Op, file: str, owner: int, env: Env | None) -> AV:
    """What an operator gives, as far as it matters: texts and lists put together, the last of several conditions."""
    if expr.op == "result":
        return results.result(ev, expr, file, owner, env)
    if expr.op == "as":
        return results.asserted(ev, expr, file, owner, env)
    if expr.op in ("&&", "and") and expr.operands:
        return ev.value(expr.operands[-1], file, owner, env)
    if expr.op == "&" and (both := _both(ev, expr, file, owner, env)) is not None:
        return both
    if expr.op in ("+", "/") and len(expr.operands) == 2:
        left = ev.value(expr.operands[0], file, owner, env)
        right = ev.value(expr.operands[1], file, owner, env)
        if expr.op == "+" and any(isinstance(o, (Const, Text)) and not _is_number(o) for x in (left, right) for o in options(x)):
            return join_text([left, right])
        if expr.op == "+" and not ev.callers and _leaves_to_callers(left, right):  # `base + path`: callers tell
            return join_text([left, right])
        if expr.op == "+" and (said_of(left) or said_of(right)):
            return join_text([left, right])
        if expr.op == "+" and isinstance(left, ListV) and isinstance(right, ListV):
            return ListV(left.items + right.items)
        if expr.op == "/" and isinstance(left, Ext):
            return Ext(f"{left.path}/", left)
    if expr.op == "*" and len(expr.operands) == 1 and isinstance(spread := ev.value(expr.operands[0], file, owner, env), ListV):
        return spread  # `[*orders, show]`
    return UnknownV(expr.op)


def either(ev: Evaluator, expr: Alt, file: str, owner: int, env: Env | None) -> AV:
    """Any of several values; what a call has given hides the default behind it (`options.method || "POST"`)."""
    found: list[AV] = []
    for option in known_options(ev, expr, file, owner, env)[:6]:
        value = ev.value(option, file, owner, env)
        found.append(value)
        if expr.fallback and env is not None and not isinstance(option, Lit) and isinstance(value, Const) and value.value:
            break
        if expr.fallback and isinstance(option, Name) and type_callers.always_given(ev, file, owner, option.id):
            break  # `group ?? app` where every call gives a group
    return union(found)


def _both(ev: Evaluator, expr: Op, file: str, owner: int, env: Env | None) -> ListV | None:
    """Classes of which each must hold: `permission_classes = [IsMember & HasScope]`."""
    for operand in expr.operands:
        for value in options(ev.value(operand, file, owner, env)):
            if not (isinstance(value, ClassV | ListV) or (isinstance(value, Ext) and value.known and not value.path.endswith("()"))):
                return None
    return ListV(tuple(Thunk(file, owner, operand, env) for operand in expr.operands))


def _leaves_to_callers(left: AV, right: AV) -> bool:
    """Are both open until a call binds them, or the second one behind what the environment says (`API_URL + path`)?"""
    return _is_given(right) and (_is_given(left) or all(isinstance(o, Ext) and o.path.startswith("~") for o in options(left)))


def _is_given(value: AV) -> bool:
    """Is it a parameter, or a member of one, that stays open until a call binds it?"""
    return isinstance(value, ParamV) or (isinstance(value, Ext) and isinstance(value.base, ParamV))


def _is_number(value: AV) -> bool:
    return isinstance(value, Const) and not isinstance(value.value, str)
