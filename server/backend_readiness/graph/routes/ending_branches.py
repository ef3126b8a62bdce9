"""Whether a branch ends a request that the function around it would otherwise pass on. See `graph.shapes.compared`."""

from __future__ import annotations

import re
from collections.abc import Sequence

from backend_readiness.facts.builder import last_name
from backend_readiness.facts.model import Block, Call, Lit, Member, Value
from backend_readiness.graph.views import FileView, callee_name

_REFUSED = re.compile(
    r"(?:Status)?[45]\d\d\w*|Unauthorized|Forbidden|BadRequest|NotFound|MethodNotAllowed|TooManyRequests|ServiceUnavailable"
)


def ends(view: FileView, block: Block, blocks: Sequence[Block], passes: Sequence[str]) -> bool:
    """Is a request that the branch takes answered there, and not refused or passed on?

    It returns, by no branch inside of it; or what is passed on stands in another branch alone (`if (mine) answer(); else next();`).
    """
    calls = [c for c in view.facts.calls if c.owner == block.owner and _passes(c, passes)]
    if any(block.start <= c.start and c.end <= block.end for c in calls):
        return False
    inner = [
        b
        for b in blocks
        if b is not block and b.owner == block.owner and block.start <= b.start and b.end <= block.end and b.kind != "with"
    ]
    given = [a for a in view.facts.assigns if a.owner == block.owner and block.start <= a.start and a.end <= block.end]
    own = [a.value for a in given if isinstance(a.target, Member) and not any(b.start <= a.start and a.end <= b.end for b in inner)]
    if any(v is not None and _is_refused(view, v) for v in own):
        return False
    returns = [r for r in view.facts.returns if r.owner == block.owner and block.start <= r.start < block.end]
    if any(not any(b.kind not in ("try",) and b.start <= r.start < b.end for b in inner) for r in returns):
        return True
    elses = [b for b in blocks if b.owner == block.owner and b.kind == "else"]
    return all(c.end < block.start or any(e.start >= block.end and e.start <= c.start and c.end <= e.end for e in elses) for c in calls)


def _passes(call: Call, names: Sequence[str]) -> bool:
    """`next(context)`, `_next.Invoke(context)`."""
    inner = last_name(call.callee.base) if isinstance(call.callee, Member) else None
    return callee_name(call) in names or inner in names


def _is_refused(view: FileView, value: Value) -> bool:
    text = str(value.value) if isinstance(value, Lit) else last_name(value) or ""
    return _REFUSED.fullmatch(text) is not None
