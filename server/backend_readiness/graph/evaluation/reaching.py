"""What a variable holds where a call is given it: of the values that it gets one after the other, those that reach the call.

`query = "select a from orders"; run(query); query = "select b from users"; run(query)`: each call is given its own text.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from backend_readiness.facts.model import Assign, Block, Call, Name
from backend_readiness.graph.evaluation import bindings, earlier_names
from backend_readiness.graph.values import AV, Site, Thunk, union

if TYPE_CHECKING:
    from backend_readiness.graph.evaluation.evaluate import Evaluator
    from backend_readiness.graph.views import FileView

_GIVEN = frozenset({"assign", "let", "const"})
_REPEATED = frozenset({"loop", "comprehension"})
_ALWAYS_RUN = frozenset({"with", "try", "finally"})
MAX_GIVEN = 40


def given(ev: Evaluator, site: Site, thunk: Thunk) -> AV:
    """The value of an argument at its call."""
    view = ev.world.view(site.file)
    call = view.facts.calls[site.call]
    reaching = _reaching(view, call, thunk.expr) if thunk.file == site.file and isinstance(thunk.expr, Name) else []
    values: list[AV] = []
    for assign in reaching:
        if ("bound", id(assign)) in ev.active:
            return ev.thunk(thunk)
        with earlier_names.hiding(ev, assign):
            value = bindings.value_of(ev, assign, (), view, call.owner, thunk.env)
        values.extend([value] if value is not None else [])
    return union(values) if values else ev.thunk(thunk)


def _reaching(view: FileView, call: Call, name: Name) -> list[Assign]:
    """The assignments that reach a call, where some do not; none where that is not to be seen."""
    bound = view.bindings.get((call.owner, name.id), ())
    if not 1 < len(bound) <= MAX_GIVEN or any(way or a.kind not in _GIVEN or a.value is None for a, way in bound):
        return []
    blocks = view.blocks_of.get(call.owner, ())
    found: list[Assign] = []
    for assign in sorted((a for a, _ in bound if a.end <= call.start), key=lambda a: a.start, reverse=True):
        around = _innermost(blocks, assign)
        if not _is_other_branch(blocks, around, call):
            found.append(assign)
        if around is None or (around.start <= call.start and call.end <= around.end):
            break  # it is always given before the call
    else:
        return []
    again = (b for b in blocks if b.kind in _REPEATED and b.start <= call.start and call.end <= b.end)
    if any(b.start <= a.start < b.end for b in again for a, _ in bound if a.start > call.start):
        return []
    return found if len(found) < len(bound) else []


def _is_other_branch(blocks: Sequence[Block], around: Block | None, call: Call) -> bool:
    """Does the call stand in the `else` behind the `if` of an assignment?"""
    if around is None or around.kind != "if" or around.end > call.start:
        return False
    behind = min((b for b in blocks if b.start >= around.end), key=lambda b: b.start, default=None)
    return behind is not None and behind.kind == "else" and behind.start <= call.start and call.end <= behind.end


def _innermost(blocks: Sequence[Block], assign: Assign) -> Block | None:
    around = [b for b in blocks if b.start <= assign.start and assign.end <= b.end and b.kind not in _ALWAYS_RUN]
    return max(around, key=lambda b: b.start, default=None)
