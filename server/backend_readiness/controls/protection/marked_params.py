"""Parameters of a handler that a decorator fills from the request (`@Body() dto: CreateOrder`), and which of their fields hold text.

The types of such a language are gone when the program runs: a field holds what was sent, unless a mark on it is checked.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from backend_readiness.controls.expressions import is_number_type, written
from backend_readiness.facts.model import CallRef, Lit, Member, Name, Param, Value
from backend_readiness.graph.values import Ext, InstV, SymbolId, options
from backend_readiness.graph.views import callee_name
from backend_readiness.rules.signs import sign, signs

if TYPE_CHECKING:
    from backend_readiness.controls.context import Context

_ERASED = frozenset(signs("marked_params", "erased"))
_ALSO = frozenset(signs("marked_params", "marks"))
_NARROWS = re.compile(sign("marked_params", "narrows"))
_NO_TEXT = re.compile(sign("marked_params", "no_text"))
_PLAIN_TYPES = re.compile(sign("marked_params", "plain_types"))
_END = re.compile(r";\s*(//.*)?$|^\s*}|\{\s*$")
_DROPS = signs("marked_params", "drops")
MAX_MARKS = 30


def is_marked_input(context: Context, where: SymbolId, param: Param) -> bool:
    """Does a decorator that a card names for input fill the parameter with what may be any text?"""
    for text in _marks(context, where, param):
        if _NARROWS.search(text) is None and not (param.type is not None and _is_plain(param.type)):
            return True
    return False


def is_open_body(context: Context, where: SymbolId, param: Param) -> bool:
    """Does a decorator fill the parameter with the body, or a record in it, by a class that lists its fields for the compiler alone?

    Not where a pipe of the application drops what the class does not list.
    """
    if context.view(where.file).language not in _ERASED or param.type is None or _is_plain(param.type):
        return False
    bodies = {m.rpartition(".")[2] for card in context.graph.knowledge.cards for r in card.inputs if r.part == "body" for m in r.marks}
    view = context.view(where.file)
    marks = [view.facts.calls[d.call] for d in param.decorators if isinstance(d, CallRef)]
    own = any(isinstance(v, InstV) for v in options(context.graph.ev.instance_of(param.type, where.file, 0)))
    whole = any(callee_name(c) in bodies and (own or not any(isinstance(a.value, Lit) for a in c.args)) for c in marks)
    return whole and is_marked_input(context, where, param) and not context.is_found(_DROPS)


def open_body(context: Context, handlers: Sequence[SymbolId]) -> SymbolId | None:
    """The first handler that has such a parameter."""
    return next((h for h in handlers for p in context.view(h.file).symbol(h.index).params if is_open_body(context, h, p)), None)


def _is_plain(kind: Value) -> bool:
    return is_number_type(kind) or (isinstance(kind, Name) and kind.id in ("number", "boolean", "bigint", "Date"))


def _marks(context: Context, where: SymbolId, param: Param) -> Iterator[str]:
    """What each decorator of a parameter that cards name for input is given, by the names of that: its pipes."""
    graph = context.graph
    named = {m for card in graph.knowledge.cards for rule in card.inputs for m in rule.marks}
    modules = {m.rpartition(".")[0] for m in named}
    view = graph.view(where.file)
    for mark in param.decorators:
        for value in options(graph.ev.value(mark, where.file, max(0, view.symbol(where.index).parent))):
            path = value.path.removesuffix("()") if isinstance(value, Ext) else ""
            module, _, name = path.rpartition(".")
            if path in named or (module in modules and name in _ALSO):
                given = view.facts.calls[mark.call].args if isinstance(mark, CallRef) else ()
                made = (view.facts.calls[a.value.call].callee if isinstance(a.value, CallRef) else a.value for a in given)
                yield " ".join(written(v) for v in made if isinstance(v, Name | Member))


def may_hold_text(context: Context, base: Value, name: str, file: str, owner: int) -> bool:
    """May a field of what was sent hold any text, by its class? Not known of a field that the class does not declare."""
    for value in options(context.graph.ev.value(base, file, owner)):
        if not isinstance(value, InstV):
            continue
        cls = value.cls.symbol
        view = context.view(cls.file)
        if view.language not in _ERASED:
            continue
        declared = view.fields.get((cls.index, name))
        if not declared:
            return False
        said = list(_field_lines(context, cls, declared[0].line))
        if any(_NO_TEXT.search(t) for t in said) or _PLAIN_TYPES.search(said[0]) is not None:
            return False
    return True


def _field_lines(context: Context, cls: SymbolId, line: int) -> Iterator[str]:
    """The line of a field, then those of its marks above it."""
    lines = context.snapshot.lines(cls.file)
    head = context.view(cls.file).symbol(cls.index).line
    yield lines[line - 1]
    for number in range(line - 1, max(head, line - MAX_MARKS), -1):
        text = lines[number - 1]
        if not text.strip() or (_END.search(text) is not None and not text.lstrip().startswith(("@", "//", "*", "/*", "}"))):
            return
        yield text
