"""Methods that no class writes, of which is known what they give: `#[derive(Default)] struct Api` and `Api::default()`, the copies that
annotations and languages bring (`command.withSlug(slug)` of Lombok, `order.copy(paid = true)`)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from backend_readiness.facts.model import CallRef, Name
from backend_readiness.graph.values import AV, ClassV, Ext, InstV

if TYPE_CHECKING:
    from backend_readiness.graph.evaluation.evaluate import Evaluator

LANGUAGES = frozenset({"rust"})
_MAKES = {"default": "Default"}  # method -> what is derived that brings it; it makes an instance
_BUILDS, _BUILT = ".builder", ".build"
MAX_STEPS = 80
_COPIES = {"java": re.compile(r"with[A-Z]\w*"), "kotlin": re.compile(r"copy"), "scala": re.compile(r"copy")}
_COPIED_ALWAYS = frozenset({"kotlin", "scala"})  # classes of data have the method by their kind


def copied(ev: Evaluator, callee: Ext) -> AV | None:
    """What a method that makes a changed copy of its object gives, where no class writes such a method; None for any other."""
    made, cls = callee.base, callee.subject
    if isinstance(cls, ClassV) and callee.path.endswith(_BUILT) and _is_built(callee, cls):
        return InstV(cls, None, None)
    language = ev.world.view(cls.symbol.file).language if isinstance(cls, ClassV) else ""
    below = made.base if isinstance(made, Ext) and language in _COPIED_ALWAYS else None
    if isinstance(below, InstV) and isinstance(cls, ClassV) and below.cls.symbol == cls.symbol:  # also where it has a base of a package
        made = below
    elif not callee.path.startswith("?"):
        return None
    if not isinstance(made, InstV) or not isinstance(cls, ClassV):
        return None
    names = _COPIES.get(language)
    return InstV(made.cls, None, made.holder) if names is not None and names.fullmatch(callee.path.rpartition(".")[2]) else None


def _is_built(callee: Ext, cls: ClassV) -> bool:
    """Is it the end of a builder that no file writes: `NewOrder::builder().name("x").build`?"""
    below: AV | None = callee.base
    for _ in range(MAX_STEPS):
        if not isinstance(below, Ext):
            return False
        if below.path.endswith(_BUILDS):
            return isinstance(below.base, ClassV) and below.base.symbol == cls.symbol
        below = below.base
    return False


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
