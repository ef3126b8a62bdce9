"""What runs around the handlers of all messages of a bus: `cfg.AddOpenBehavior(typeof(Logging<,>))`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from backend_readiness.controls.context import Context
from backend_readiness.controls.kept import once
from backend_readiness.graph.background.typed_receivers import typed_receivers
from backend_readiness.graph.values import SymbolId
from backend_readiness.model import Evidence
from backend_readiness.rules.signs import sign, signs

_AROUND = sign("around_messages", "around")
_PUTS = sign("around_messages", "puts")
MAX_AROUND = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Around:
    """A class around the handlers, its methods that run, and the line that puts it there."""

    cls: SymbolId
    methods: tuple[SymbolId, ...]
    put: Evidence


def around_messages(context: Context) -> tuple[Around, ...]:
    """The classes around the handlers of messages, when the flow has such a handler."""
    return once(context, _find)


def _find(context: Context) -> tuple[Around, ...]:
    if not any(card.buses for card in context.graph.knowledge.cards) or not context.is_found((_AROUND,)) or not messages_of(context):
        return ()
    return tuple(_around(context))[:MAX_AROUND]


def messages_of(context: Context) -> tuple[SymbolId, ...]:
    """The classes of the messages that functions of the flow receive by their type."""
    functions = [r.function.symbol for r in context.functions]
    classes = {SymbolId(f.file, context.view(f.file).symbol(f.index).parent) for f in functions}
    bases = {rule.receive_base for card in context.graph.knowledge.cards for rule in card.buses if rule.receive_base}
    return tuple(key for base in sorted(bases) for cls, key in typed_receivers(context.graph, base) if cls.symbol in classes)


def _around(context: Context) -> Iterator[Around]:
    for file, line, _ in context.hits((_AROUND,)):
        view = context.view(file)
        held = next((n for n, s in enumerate(view.facts.symbols) if s.kind == "class" and s.line <= line <= s.end_line), None)
        if held is None or line > view.symbol(held).line + 3:  # a line that registers one, or a field of the type
            continue
        put = context.hits((rf"{_PUTS}(?:[\w.]+\.)?{re.escape(view.symbol(held).name)}\s*<",))
        if put:
            methods = tuple(SymbolId(file, c) for c in view.children.get(held, ()) if view.symbol(c).name in _methods())
            yield Around(cls=SymbolId(file, held), methods=methods, put=context.at(*put[0][:2]))


@cache
def _methods() -> frozenset[str]:
    return frozenset(signs("around_messages", "methods"))
