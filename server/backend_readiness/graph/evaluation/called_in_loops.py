"""Calls of a method in a loop over a list that is written out: `for _, c := range controllers { c.Register(router) }`.

Each round calls the method of another class, so what is given there to one of them is what its own round gives.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from backend_readiness.graph.values import FuncV, Site, SymbolId, options

if TYPE_CHECKING:
    from backend_readiness.graph.evaluation.evaluate import Evaluator

LANGUAGES = frozenset({"go"})
MAX_ROUNDS = 60


def in_rounds(ev: Evaluator, site: Site, where: SymbolId) -> list[Site]:
    """The rounds in which the call means the method `where`; the call itself where no loop says more."""
    from backend_readiness.graph.evaluation import loops

    view = ev.world.view(site.file)
    call = view.facts.calls[site.call]
    if view.language not in LANGUAGES or site.env is not None or not loops.heads(view, call.owner, call.start, call.end):
        return [site]
    rounds = loops.rounds(ev, view, site.call)[:MAX_ROUNDS] if ("rounds", site.file, site.call) not in ev.active else []
    meant: list[Site] = []
    for one in rounds:
        called = options(ev.value(call.callee, site.file, call.owner, one.env))
        meant.extend([one] if any(isinstance(c, FuncV) and c.symbol == where for c in called) else [])
    return meant or [site]
