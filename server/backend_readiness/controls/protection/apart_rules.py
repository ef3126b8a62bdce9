"""Rules for the fields of a body that stand in a class of their own (`AbstractValidator<PlaceOrder>`), and whether something runs them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from backend_readiness.controls.context import Context
from backend_readiness.controls.protection.model_checks import bodies_of_params, held_by, typed_fields
from backend_readiness.controls.work.around_messages import around_messages, messages_of
from backend_readiness.graph.background.typed_receivers import typed_receivers
from backend_readiness.graph.values import SymbolId
from backend_readiness.model import Evidence
from backend_readiness.rules.signs import sign, signs

_BASES = signs("apart_rules", "base")
_RULE = re.compile(sign("apart_rules", "rule"))
_BOUNDED = re.compile(sign("apart_rules", "bounded"))
_EVERYWHERE = signs("apart_rules", "everywhere")
_RUNS = re.compile(sign("apart_rules", "runs"))
_TEXT = re.compile(sign("apart_rules", "text"))
_NOT_GIVEN = re.compile(sign("apart_rules", "not_given"))
MAX_LINES = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class ApartRules:
    """What the classes of rules say of a flow's body.

    `at`: the first of them. `runs`: what runs them, None where it was not found. `loose`: the name of a field of text that no rule bounds,
    with the line of its rule, else of the field.
    """

    at: Evidence
    runs: Evidence | None
    loose: tuple[str, Evidence] | None


def apart_rules(context: Context, handlers: Sequence[SymbolId]) -> ApartRules | None:
    """The rules for the classes that the handlers take from the request; None where a class has none."""
    if not context.is_found(tuple(rf"\b{re.escape(b.rpartition('.')[2])}<" for b in _BASES)):
        return None
    bodies = list(bodies_of_params(context, handlers))
    if not bodies:
        return None
    inside = [h for b in bodies for h in held_by(context, b)]
    holders: dict[SymbolId, SymbolId] = {}
    for cls, key in typed_receivers(context.graph, _BASES):
        holders.setdefault(key, cls.symbol)
    if not any(b in holders for b in bodies):  # the body becomes a message, whose class the rules are for
        bodies = [m for m in messages_of(context) if m in holders]
        inside = [h for b in bodies for h in held_by(context, b)]
    if not bodies:
        return None
    own = [holders[b] for b in (*bodies, *inside) if b in holders]
    rules = {name: (bounded, at) for where in own for name, bounded, at in _rules(context, where)}
    loose = next((f for b in (*bodies, *inside) for f in _loose(context, b, rules)), None)
    first = context.view(own[0].file).symbol(own[0].index)
    return ApartRules(at=context.at(own[0].file, first.line), runs=_run_by(context), loose=loose)


def _rules(context: Context, where: SymbolId) -> Iterator[tuple[str, bool, Evidence]]:
    """(field, whether something bounds it, line) of each rule of a class."""
    symbol = context.view(where.file).symbol(where.index)
    lines = context.snapshot.lines(where.file)[symbol.line - 1 : min(symbol.end_line, symbol.line + MAX_LINES)]
    starts = [(n, m.group(1)) for n, text in enumerate(lines) if (m := _RULE.search(text[:500])) is not None]
    for index, (start, name) in enumerate(starts):
        end = starts[index + 1][0] if index + 1 < len(starts) else len(lines)
        bounded = any(_BOUNDED.search(t[:500]) is not None for t in lines[start:end])
        yield name, bounded, context.at(where.file, symbol.line + start)


def _loose(context: Context, cls: SymbolId, rules: dict[str, tuple[bool, Evidence]]) -> Iterator[tuple[str, Evidence]]:
    """Fields of text of a class that no rule bounds. A key that the path brings is looked up, not kept."""
    lines = context.snapshot.lines(cls.file)
    for name, _, number in typed_fields(context, cls):
        if not 1 <= number <= len(lines) or name.endswith("Id") or "assword" in name:
            continue
        around = " ".join(lines[max(0, number - 2) : number])
        if re.search(rf"{_TEXT.pattern}\s+{re.escape(name)}\b", lines[number - 1][:500]) is None or _NOT_GIVEN.search(around) is not None:
            continue
        bounded, at = rules.get(name, (False, context.at(cls.file, number)))
        if not bounded:
            yield name, at


def _run_by(context: Context) -> Evidence | None:
    """What runs the rules: a setting of the application, or a class around the handlers of messages."""
    everywhere = context.hits(_EVERYWHERE)
    if everywhere:
        return context.at(*everywhere[0][:2])
    for around in around_messages(context):
        symbol = context.view(around.cls.file).symbol(around.cls.index)
        if any(_RUNS.search(t[:500]) for t in context.snapshot.lines(around.cls.file)[symbol.line - 1 : symbol.end_line]):
            return around.put
    return None
