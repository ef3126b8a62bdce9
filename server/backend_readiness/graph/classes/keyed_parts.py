"""Parts of an application that a class is given by a base with keys in brackets: `include Deps["orders.create", mail: "mailer"]`.

Which bases are such, the cards say (`keyed_parts`). A key is the path of a class below the outermost module around, or below none
(`orders.create`: Shop::Orders::Create); the class has an object of it under the name that is written, or under the last word of the key.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from backend_readiness.facts.model import Index, Lit, Record, Seq, Value
from backend_readiness.graph.classes import parts
from backend_readiness.graph.evaluation import constants
from backend_readiness.graph.evaluation.inflections import camel
from backend_readiness.graph.values import AV, ClassV, Ext, InstV

if TYPE_CHECKING:
    from backend_readiness.graph.evaluation.evaluate import Evaluator


def member(ev: Evaluator, cls: ClassV, name: str) -> AV | None:
    """The object that the class is given under the name; None when it is given none that the repository has."""
    for part in parts.parts(ev, cls):
        view = ev.world.view(part.file)
        symbol = view.symbol(part.index)
        for expr in symbol.bases:
            key = dict(_keys(expr.key)).get(name) if isinstance(expr, Index) else None
            if key is None or not isinstance(expr, Index):
                continue
            base = ev.value(expr.base, view.path, max(0, symbol.parent))
            if isinstance(base, Ext) and ev.world.gives_keyed_parts(base.path):
                return _of_key(ev, key, constants.full_name(view, part.index))
    return None


def _keys(written: Value) -> Iterator[tuple[str, str]]:
    """Name -> key, for each part that the brackets ask for."""
    for item in written.items if isinstance(written, Seq) else (written,):
        if isinstance(item, Lit) and isinstance(item.value, str):
            yield item.value.rpartition(".")[2], item.value
        if isinstance(item, Record):
            named = (*((n, v) for n, v in item.items), *((k.value, v) for k, v in item.computed if isinstance(k, Lit)))
            yield from ((n, v.value) for n, v in named if isinstance(n, str) and isinstance(v, Lit) and isinstance(v.value, str))


def _of_key(ev: Evaluator, key: str, around: tuple[str, ...]) -> AV | None:
    name = camel(key.replace(".", "/"))
    texts = [f"{around[0]}::{name}", name] if len(around) > 1 else [name]
    exact = next((c for t in texts if (c := constants.class_of_text(ev, t)) is not None), None)
    found = exact or next((c for t in texts if (c := constants.class_spelled(ev, t)) is not None), None)
    return InstV(found) if found is not None else None
