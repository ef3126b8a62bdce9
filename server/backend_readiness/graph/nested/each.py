"""What the parameters of a block are in each round over a list or a table that is written out."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

from backend_readiness.graph.evaluation.loops import elements
from backend_readiness.graph.evaluation.params import key_of
from backend_readiness.graph.values import AV, Const, ListV, Obj, options

if TYPE_CHECKING:
    from collections.abc import Iterator

    from backend_readiness.facts.model import Symbol
    from backend_readiness.graph.evaluation.evaluate import Evaluator

MAX_ROUNDS = 60


def rounds_of(ev: Evaluator, symbol: Symbol, value: AV) -> Iterator[dict[str, AV]]:
    """The parameters by name, once for each element; key and value of a table, and the parts of elements that are lists themselves."""
    yield from islice(_rounds(ev, symbol, value), MAX_ROUNDS)


def _rounds(ev: Evaluator, symbol: Symbol, value: AV) -> Iterator[dict[str, AV]]:
    names = [key_of(p, symbol) for p in symbol.params]
    for option in options(value):
        if isinstance(option, Obj):
            for key, thunk in option.fields.items():
                yield dict(zip(names, (Const(key), ev.thunk(thunk)), strict=False)) if len(names) > 1 else {}
            continue
        for item in elements(ev, option):
            one = ev.thunk(item)
            parts = [ev.thunk(t) for t in one.items] if isinstance(one, ListV) and len(names) > 1 else [one]
            yield dict(zip(names, parts, strict=False))
