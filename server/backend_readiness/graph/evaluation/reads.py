"""Functions that run when a member is read: those without a parameter list, which Scala calls like fields (`orders.all`)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from backend_readiness.graph.classes import inheritance, parts
from backend_readiness.graph.values import AV, ClassV, FuncV, InstV

if TYPE_CHECKING:
    from backend_readiness.graph.evaluation.evaluate import Evaluator

LANGUAGES = frozenset({"scala"})
MAX_FOUND = 4


def functions_read(ev: Evaluator, base: AV, name: str, depth: int = 0) -> list[FuncV]:
    """The functions behind `base.name`, those of the classes below an abstract one; none where it is a field."""
    cls = base.cls if isinstance(base, InstV) else base
    if not isinstance(cls, ClassV) or ev.world.view(cls.symbol.file).language not in LANGUAGES:
        return []
    receiver = base if isinstance(base, InstV) else InstV(cls)
    for current in (cls, *(b for b in inheritance.bases(ev, cls) if isinstance(b, ClassV))):
        for where in parts.methods(ev, current, name):
            view = ev.world.view(where.file)
            if view.symbol(where.index).params:
                continue
            if inheritance.abstract(view, where.index) and depth == 0:
                below = [InstV(c) for c in inheritance.implementers(ev, cls)]
                return [f for made in below for f in functions_read(ev, made, name, depth + 1)][:MAX_FOUND]
            return [FuncV(where, receiver, current.env)]
    return []
