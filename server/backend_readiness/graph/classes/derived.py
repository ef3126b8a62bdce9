"""Methods that a class has by a mark alone, of which is known what they give: `#[derive(Default)] struct Api` and `Api::default()`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from backend_readiness.facts.model import CallRef, Name
from backend_readiness.graph.values import ClassV

if TYPE_CHECKING:
    from backend_readiness.graph.evaluation.evaluate import Evaluator

LANGUAGES = frozenset({"rust"})
_MAKES = {"default": "Default"}  # method -> what is derived that brings it; it makes an instance


def makes_instance(ev: Evaluator, cls: ClassV, name: str) -> bool:
    """Is it a derived method that makes an instance of the class?"""
    view = ev.world.view(cls.symbol.file)
    if name not in _MAKES or view.language not in LANGUAGES:
        return False
    for decorator in view.symbol(cls.symbol.index).decorators:
        call = view.facts.calls[decorator.call] if isinstance(decorator, CallRef) else None
        if call is not None and call.callee == Name("derive") and any(a.value == Name(_MAKES[name]) for a in call.args):
            return True
    return False
