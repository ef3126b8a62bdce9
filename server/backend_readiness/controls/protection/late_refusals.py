"""Refusals that come after the deed: a handler that writes first, and asks only then who sent the request."""

from __future__ import annotations

import re
from collections.abc import Iterator

from backend_readiness.controls.context import Context
from backend_readiness.controls.protection.inputs import inputs_of
from backend_readiness.facts.model import Block, Call
from backend_readiness.graph.values import SymbolId
from backend_readiness.graph.views import FileView

_DATABASES = frozenset({"orm", "sql", "nosql"})
_PASSED_THROUGH = frozenset({"try", "with", "finally"})
_HEAD = 300  # bytes of a branch up to the refusal in which its test is looked for


def comes_after_a_write(context: Context, view: FileView, scope: int, start: int) -> bool:
    """Has the handler around the position changed stored data before, whatever the request, and not to learn who asks?"""
    handlers = inputs_of(context).handlers
    handler = next((s for s in view.enclosing(scope) if SymbolId(view.path, s) in handlers), None)
    if handler is None:
        return False
    changes = (e.site for e, _ in context.effects if e.operation in ("write", "delete") and e.kind in _DATABASES)
    calls = [view.facts.calls[s.call] for s in changes if s.file == view.path]
    within = view.body(handler)
    return any(c.owner in within and c.end <= start and _precedes(context, view, c, start) for c in calls)


def _precedes(context: Context, view: FileView, call: Call, start: int) -> bool:
    """Has the call run wherever the position is reached? Where its error is caught, or its result asked, it may be the check itself."""
    blocks = view.blocks_of.get(call.owner, ())
    if not all(_holds(b, start) for b in blocks if b.kind not in _PASSED_THROUGH and _holds(b, call.start)):
        return False
    around = [b for b in blocks if _holds(b, start) and not _holds(b, call.start)]
    if any(b.kind == "catch" for b in around):
        return False
    text = context.graph.text(view.path).encode()
    asked = b" ".join(text[b.start : min(start, b.start + _HEAD)] for b in around).decode(errors="replace")
    return not any(re.search(rf"\b{re.escape(name)}\b", asked) for name in _given_names(view, call, start))


def _given_names(view: FileView, call: Call, start: int) -> Iterator[str]:
    """The variables that hold the result of the call at the position."""
    for (scope, name), bound in view.bindings.items():
        last = max((a for a, _ in bound if scope == call.owner and a.start < start), key=lambda a: a.start, default=None)
        if last is not None and last.start <= call.start and call.end <= last.end:
            yield name


def _holds(block: Block, start: int) -> bool:
    return block.start <= start < block.end
