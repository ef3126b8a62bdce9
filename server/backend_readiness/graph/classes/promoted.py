"""What a method that a struct has from a struct it embeds is called on: that part alone, whose fields others that it embeds may have too.

`type Orders struct { WithStore; WithMail }`: the `container` of a method of `WithMail` is its own, whatever `WithStore` keeps by that name.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from backend_readiness.graph.classes import constructed, inheritance
from backend_readiness.graph.values import AV, ClassV, InstV

if TYPE_CHECKING:
    from backend_readiness.graph.evaluation.evaluate import Evaluator

_LANGUAGES = frozenset({"go"})  # where nothing of the struct around it is seen from such a method


def called_on(ev: Evaluator, receiver: AV, having: ClassV) -> AV:
    """The receiver that a method of the class `having` knows when it is asked of `receiver`."""
    if (
        ev.world.view(having.symbol.file).language not in _LANGUAGES
        or not isinstance(receiver, InstV)
        or receiver.cls.symbol == having.symbol
    ):
        return receiver
    if sum(isinstance(b, ClassV) for b in inheritance.direct_bases(ev, receiver.cls)) < 2:
        return receiver
    made = constructed.embedded(ev, receiver, receiver.site, having.symbol) if receiver.site is not None else None
    return made or InstV(having, None, receiver.holder)
