"""Questions that have one answer whatever is asked: `def may_edit(article, user): return True`; what functions give back."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from backend_readiness.controls.context import Context
from backend_readiness.facts.model import CallRef, Lit, Op, Value
from backend_readiness.graph.values import SymbolId
from backend_readiness.graph.views import FileView, callee_name
from backend_readiness.rules.signs import sign

_CHECKS = re.compile(sign("constant_answers", "checks"))
MAX_DEPTH = 4
MAX_CALLEES = 4


def constant_answer(context: Context, where: SymbolId) -> bool | None:
    """The one truth value that a function gives back on every way out; None where it gives something else, or nothing."""
    given = context.view(where.file).returns.get(where.index, ())
    values = {r.value.value if isinstance(r.value, Lit) and isinstance(r.value.value, bool) else None for r in given}
    return values.pop() if len(values) == 1 else None


def always_the_same(context: Context, asking: SymbolId, value: Value, depth: int = MAX_DEPTH) -> bool | None:
    """What a condition of `asking` always comes to, where the functions of the repository that it calls give one literal back."""
    if isinstance(value, Op) and value.op in ("!", "not") and len(value.operands) == 1 and depth:
        inner = always_the_same(context, asking, value.operands[0], depth - 1)
        return None if inner is None else not inner
    return answer_of_call(context, asking, value.call) if isinstance(value, CallRef) else None


def answer_of_call(context: Context, asking: SymbolId, number: int) -> bool | None:
    """The literal that every function which the call may reach gives back."""
    answers = {constant_answer(context, t) for t in targets_of_call(context, asking, number)}
    return answers.pop() if len(answers) == 1 else None


def targets_of_call(context: Context, asking: SymbolId, number: int) -> list[SymbolId]:
    """The functions of the repository that a call in `asking`, or in a lambda of it, may reach; none where they are many."""
    for scope in context.view(asking.file).enclosing(asking.index):
        edges = context.tracer.edges.of_symbol(SymbolId(asking.file, scope))
        targets = [e.target.symbol for e in edges if (e.site.file, e.site.call) == (asking.file, number)]
        if targets:
            return targets if len(targets) <= MAX_CALLEES else []
    return []


def operations_given(context: Context, functions: Iterable[SymbolId]) -> Iterator[tuple[Value, SymbolId]]:
    """The comparisons and other operations whose result functions give back, each with its function."""
    for where in functions:
        for returned in context.view(where.file).returns.get(where.index, ()):
            if isinstance(returned.value, Op):
                yield returned.value, where


def asks_nothing(context: Context, where: SymbolId) -> bool:
    """Does the function, one that is to turn callers away, ask nothing, or only questions that have one answer?"""
    view = context.view(where.file)
    if constant_answer(context, where) is True:
        return True
    asked = [b.subject for s in view.body(where.index) for b in view.blocks_of.get(s, ()) if b.kind == "if" and b.subject is not None]
    if not asked:
        return _only_hands_on(view, where)
    return all(always_the_same(context, where, s) is not None for s in asked)


def _only_hands_on(view: FileView, where: SymbolId) -> bool:
    """Does a function without conditions throw nothing, compare nothing, and call nothing that is named for a check?"""
    scopes = set(view.body(where.index))
    if any(t.owner in scopes for t in view.facts.throws) or any(isinstance(r.value, Op) for s in scopes for r in view.returns.get(s, ())):
        return False
    names = [callee_name(view.facts.calls[n]) or "" for s in scopes for n in view.calls_of.get(s, ())]
    return bool(names) and not any(_CHECKS.search(n) for n in names)
