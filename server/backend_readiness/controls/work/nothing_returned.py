"""Catches of one kind of errors that give nothing for what failed, where no caller asks whether there is something."""

from __future__ import annotations

import re
from collections.abc import Iterable

from backend_readiness.controls.callees import chain_scopes
from backend_readiness.controls.context import Context
from backend_readiness.controls.work.catches import Caught
from backend_readiness.facts.model import Call, Lit, Name, Value
from backend_readiness.graph.views import FileView, callee_name
from backend_readiness.rules.signs import sign, signs

_LANGUAGES = frozenset(signs("nothing_returned", "languages"))
_NOTHING = frozenset(signs("nothing_returned", "nothing"))
_ASKS = re.compile(sign("nothing_returned", "asks"))
MAX_LINES = 40


def nothing_returned(context: Context, caught: Iterable[Caught]) -> list[Caught]:
    """Those whose function returns nothing in the catch, and whose callers on the flow go on with it unasked."""
    if context.language not in _LANGUAGES:
        return []
    return [c for c in caught if c.swallows and not c.broad and _gives_nothing(context, c) and not _is_asked(context, c)]


def _gives_nothing(context: Context, one: Caught) -> bool:
    view, block = context.view(one.function.file), one.block
    inside = [r for r in view.returns.get(block.owner, ()) if block.start <= r.start < block.end]
    return bool(inside) and all(_is_nothing(r.value) for r in inside)


def _is_nothing(value: Value | None) -> bool:
    return (isinstance(value, Lit) and value.value is None) or (isinstance(value, Name) and value.id in _NOTHING)


def _is_asked(context: Context, one: Caught) -> bool:
    """Does a caller ask for nothing where it takes the result, or below; also where none was found?"""
    view = context.view(one.function.file)
    name = view.symbol(one.block.owner).name.rpartition(".")[2]
    callers: list[tuple[FileView, Call]] = []
    for file, scope in chain_scopes(context):
        other = context.view(file)
        callers += [(other, c) for n in other.calls_of.get(scope, ()) if callee_name(c := other.facts.calls[n]) == name]
    if not name or not callers:
        return True
    for other, call in callers:
        last = min(other.symbol(call.owner).end_line, call.line + MAX_LINES)
        lines = context.snapshot.lines(other.path)[max(0, call.line - 2) : last]
        if any(_ASKS.search(t[:500]) is not None for t in lines):
            return True
    return False
