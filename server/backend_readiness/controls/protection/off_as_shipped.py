"""Guards that let every request go on under a setting, where the repository holds that setting so that they do."""

from __future__ import annotations

import re
from collections.abc import Iterator

from backend_readiness.controls.context import Context
from backend_readiness.controls.judgement import Judgement, unverified
from backend_readiness.controls.protection.identity import identity_of
from backend_readiness.controls.switched import held_off
from backend_readiness.graph.routes.routing import Guard
from backend_readiness.graph.values import SymbolId
from backend_readiness.model import Evidence, Verdict
from backend_readiness.rules.signs import sign, signs

_CONTROLS = frozenset(signs("off_as_shipped", "controls"))
_NEGATED = re.compile(sign("off_as_shipped", "negated"))
_AND_MORE = re.compile(sign("off_as_shipped", "and_more"))
_NAMES = re.compile(sign("off_as_shipped", "names"))
_LETS = re.compile(sign("off_as_shipped", "lets_through"))
_REFUSES = re.compile(sign("off_as_shipped", "refuses"))
MAX_BODY = 10
WHY = "The guard lets every request go on while a setting is off, as it is shipped; whether it is on in what is deployed was not settled."


def with_open_guards(context: Context, control: str, judgement: Judgement) -> Judgement:
    """The judgement, or `unverified` where the guard that it passes by is one that the shipped settings switch off."""
    if judgement.verdict is not Verdict.PASS or control not in _CONTROLS:
        return judgement
    identity = identity_of(context)
    refusal = identity.refusal_before()
    places = [*judgement.evidence, *(refusal[1] if refusal is not None else ())]
    for guard in context.guards:
        if not any(e.file == guard.place.file and e.line is not None and _covers(guard, e.line) for e in places):
            continue
        off = _let_through(context, guard)
        if off is None:
            continue
        others = (g for g in context.guards if g is not guard and identity.guard_refuses(g) is not None)
        if all(_let_through(context, g) is not None for g in others):
            return unverified(WHY, *off, *judgement.evidence[:1])
    return judgement


def _covers(guard: Guard, line: int) -> bool:
    return guard.place.line <= line <= guard.place.end_line


def _let_through(context: Context, guard: Guard) -> tuple[Evidence, Evidence] | None:
    """(condition, setting) by which a guard leaves the request alone as the application is shipped."""
    for function in context.roles.functions(guard.value):
        for line, said in _open_conditions(context, function.symbol):
            held = held_off(context, [n for groups in _NAMES.findall(said) for n in groups if n])
            if held is not None:
                return context.at(function.symbol.file, line), held
    return None


def _open_conditions(context: Context, where: SymbolId) -> Iterator[tuple[int, str]]:
    """Conditions of a function that ask whether a setting is off, and then hand the request on without a refusal."""
    view = context.view(where.file)
    lines = context.snapshot.lines(where.file)
    for scope in view.body(where.index):
        for block in view.blocks_of.get(scope, ()):
            head = lines[block.line - 1][:300]
            if block.kind != "if" or _NEGATED.search(head) is None or _AND_MORE.search(head) is not None:
                continue
            first = block.line if block.end_line > block.line else block.line - 1
            body = [t[:300] for t in lines[first : min(block.end_line, block.line + MAX_BODY)]]
            if any(_LETS.search(t) is not None for t in body) and not any(_REFUSES.search(t) is not None for t in body):
                yield block.line, head
