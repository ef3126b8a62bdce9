"""Requests that a hook of the repository sends by itself: `const [orders] = useRead("/orders")`, which sends them in an effect."""

from __future__ import annotations

from typing import TYPE_CHECKING

from backend_readiness.graph.values import SymbolId
from backend_readiness.model import Place

if TYPE_CHECKING:
    from backend_readiness.graph.interface.ui import Ui

MAX_FUNCTIONS = 12


def sends_when_shown(ui: Ui, through: tuple[Place, ...]) -> bool:
    """Does one of the wrappers between a call and its client stand in a function that runs when a component is shown?"""
    return any(_runs_when_shown(ui, place) for place in through)


def _runs_when_shown(ui: Ui, place: Place) -> bool:
    """Only what stands in the hook itself counts: who else calls the function at the place says nothing of this call."""
    view = ui.graph.view(place.file)
    around = [(s.end - s.start, i) for i, s in enumerate(view.facts.symbols) if i and s.line <= (place.line or 0) <= s.end_line]
    if not around:
        return False
    hook = max(around)[1]
    queue, seen = [min(around)[1]], set[int]()
    while queue and len(seen) < MAX_FUNCTIONS:
        index = queue.pop(0)
        if index in seen or hook not in view.enclosing(index):
            continue
        seen.add(index)
        inside = [b for b in ui.before(SymbolId(place.file, index)) if b.source is not None and b.source.file == place.file]
        if any(b.shown and b.source is not None and hook in view.enclosing(b.source.index) for b in inside):
            return True
        queue.extend(b.source.index for b in inside if b.source is not None)
    return False
