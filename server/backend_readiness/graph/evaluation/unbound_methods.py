"""Methods that are called on their class, with the instance as the first argument: `Order.save(order, session)`, `Base.save(self)`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from backend_readiness.facts.model import Arg, Param
from backend_readiness.graph.classes import inheritance
from backend_readiness.graph.values import AV, ClassV, InstV, Site, options

if TYPE_CHECKING:
    from backend_readiness.graph.evaluation.evaluate import Evaluator


def given_self(ev: Evaluator, cls: ClassV, formal: list[Param], positional: list[Arg], site: Site) -> AV | None:
    """The instance among the positional arguments; None where the first of them is one for the parameters after it (`formal`)."""
    first = positional[0] if positional and not any(a.spread for a in positional) else None
    if first is None:
        return None
    value = ev.value(first.value, site.file, ev.world.view(site.file).facts.calls[site.call].owner, site.env)
    for option in options(value):
        if isinstance(option, InstV) and (option.cls.symbol == cls.symbol or cls in inheritance.bases(ev, option.cls)):
            return value
    too_many = len(positional) > len(formal) and not any(p.kind for p in formal)
    return (value if isinstance(value, InstV) else InstV(cls)) if too_many else None
