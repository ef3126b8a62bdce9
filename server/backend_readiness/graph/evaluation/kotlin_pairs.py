"""Pairs of Kotlin, `"/orders" to show`, in the lists and maps that a loop goes over."""

from __future__ import annotations

from typing import TYPE_CHECKING

from backend_readiness.facts.model import CallRef, Member, Seq
from backend_readiness.graph.values import Ext, Thunk
from backend_readiness.graph.views import callee_name

if TYPE_CHECKING:
    from backend_readiness.graph.evaluation.evaluate import Evaluator

LANGUAGES = frozenset({"kotlin"})
_MAPS = frozenset({"~mapOf()", "~mutableMapOf()", "~linkedMapOf()", "~hashMapOf()", "~sortedMapOf()"})


def of_map(ev: Evaluator, made: Ext) -> list[Thunk]:
    """The pairs of `mapOf("/orders" to show)`, each a list of two."""
    if made.site is None or made.path not in _MAPS:
        return []
    call = ev.world.view(made.site.file).facts.calls[made.site.call]
    return [pair(ev, Thunk(made.site.file, call.owner, a.value, made.site.env)) for a in call.args]


def pair(ev: Evaluator, item: Thunk) -> Thunk:
    """A pair as a list of two; anything else as it is."""
    view = ev.world.view(item.file) if isinstance(item.expr, CallRef) else None
    if view is None or view.language not in LANGUAGES or not isinstance(item.expr, CallRef):
        return item
    call = view.facts.calls[item.expr.call]
    if callee_name(call) != "to" or not isinstance(call.callee, Member) or len(call.args) != 1:
        return item
    return Thunk(item.file, item.owner, Seq((call.callee.base, call.args[0].value)), item.env)
