"""Instances that a registry gives by the label of their class: `apps.get_app_config("basket")`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from backend_readiness.graph.evaluation import members
from backend_readiness.graph.values import AV, ClassV, Const, InstV, SymbolId
from backend_readiness.snapshot.places import is_production

if TYPE_CHECKING:
    from backend_readiness.graph.evaluation.evaluate import Evaluator

MAX_CLASSES = 400


def labelled(ev: Evaluator, label: AV, source: tuple[str, ...]) -> InstV | None:
    """The only class below the base `source[0]` whose first field of the others has that text, or ends in it behind a dot."""
    if not isinstance(label, Const) or not isinstance(label.value, str) or len(source) < 2:
        return None
    base, *fields = source
    classes = [ClassV(s) for s in _below(ev, base.rpartition(".")[2])]
    found = [c for c in classes if _label(ev, c, fields) == label.value]
    return InstV(found[0]) if len(found) == 1 else None


def _below(ev: Evaluator, base: str) -> list[SymbolId]:
    """The classes with a base of this name, and those below them."""
    found: dict[SymbolId, None] = {}
    queue = [base]
    while queue and len(found) < MAX_CLASSES:
        for where in ev.world.subclasses(queue.pop(0)):
            if where not in found and is_production(where.file):
                found[where] = None
                queue.append(ev.world.view(where.file).symbol(where.index).name)
    return list(found)


def _label(ev: Evaluator, cls: ClassV, fields: list[str]) -> str:
    texts = (v.value for f in fields if isinstance(v := members.member(ev, cls, f), Const) and isinstance(v.value, str))
    return next(texts, "").rpartition(".")[2]
