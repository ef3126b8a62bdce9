"""Classes that a function of the program loads by the names of module and class: `get_class("basket.views", "BasketView")`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from backend_readiness.facts.model import Call, Lit
from backend_readiness.graph.values import AV, ClassV, Ext, UnknownV, options
from backend_readiness.snapshot.places import is_production

if TYPE_CHECKING:
    from backend_readiness.graph.evaluation.evaluate import Evaluator


def by_name(ev: Evaluator, found: AV, call: Call) -> AV:
    """What a call gives, or the only class of that name in the module of that name where the function's own body does not tell."""
    named = [a.value.value for a in call.args[:2] if a.name is None and isinstance(a.value, Lit) and isinstance(a.value.value, str)]
    if len(named) != 2 or "." not in named[0] or not named[1].isidentifier() or not _is_open(found):
        return found
    inside = f"/{named[0].replace('.', '/')}.py"
    symbols = [s for s in ev.world.defining(named[1]) if f"/{s.file}".endswith(inside) and is_production(s.file)]
    classes = [ClassV(s) for s in symbols if ev.world.view(s.file).symbol(s.index).kind == "class"]
    return classes[0] if len(classes) == 1 else found


def _is_open(found: AV) -> bool:
    return all(isinstance(o, UnknownV | Ext) for o in options(found))
