"""The text that a variable holds where a call stands, of those that one function gives it one after the other.

`$name = 'roles'; Route::resource($name, Roles::class); $name = 'users'; Route::resource($name, Users::class);`: each of the two calls sees
one of them, and all names with all controllers would be routes that nobody wrote.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

from backend_readiness.facts.model import Assign, Block, Call, Concat, Lit, Name, Value
from backend_readiness.graph.values import Thunk
from backend_readiness.graph.views import FileView

_KINDS = frozenset({"let", "const", "assign"})
_BRANCHES = frozenset({"if", "else", "case"})
MAX_GIVEN = 60


class LastGiven:
    """Arguments with the names in them replaced by what they were given last; kept, for values are known by their identity."""

    def __init__(self) -> None:
        self._made: dict[tuple[str, int, int], tuple[Value, Value]] = {}

    def of(self, view: FileView, thunk: Thunk, call: Call) -> Thunk:
        """The argument as it is where the call stands; the same object where no name in it is given several texts."""
        value = thunk.expr
        if thunk.owner != call.owner or not isinstance(value, Name | Concat):
            return thunk
        key = (thunk.file, call.start, id(value))
        if key not in self._made:
            self._made[key] = value, _written(view, value, call)
        made = self._made[key][1]
        return thunk if made is value else replace(thunk, expr=made)


def _written(view: FileView, value: Value, call: Call) -> Value:
    if isinstance(value, Name):
        return _last(view, value.id, call) or value
    if isinstance(value, Concat):
        parts = tuple(_written(view, p, call) if isinstance(p, Name) else p for p in value.parts)
        return value if all(a is b for a, b in zip(parts, value.parts, strict=True)) else Concat(parts)
    return value


def _last(view: FileView, name: str, call: Call) -> Value | None:
    """The text given last before a call, where all are given in one run of statements with it, each used before the next.

    Where branches give one each, it is what the branch around the call gives.
    """
    found = [a for a, path in view.bindings.get((call.owner, name), ()) if not path]
    if not 1 < len(found) <= MAX_GIVEN or not all(a.kind in _KINDS for a in found):
        return None
    blocks = view.blocks_of.get(call.owner, ())
    around = _around(blocks, call.start, call.end)
    branches = {b.start for b in blocks if b.kind in _BRANCHES}
    earlier = max((a for a in found if a.end <= call.start), key=lambda a: a.start, default=None)
    if earlier is not None and around & branches and _around(blocks, earlier.start, earlier.end) == around:
        return earlier.value
    if not all(isinstance(a.value, Lit) for a in found):
        return None
    if any(_around(blocks, a.start, a.end) != around for a in found):
        return None
    found.sort(key=lambda a: a.start)
    if not all(_is_used_between(view, call.owner, name, a, b) for a, b in pairwise(found)):
        return None
    before = [a.value for a in found if a.end <= call.start]
    return before[-1] if before and isinstance(before[-1], Lit) else None


def _around(blocks: list[Block] | tuple[Block, ...], start: int, end: int) -> set[int]:
    return {b.start for b in blocks if b.start <= start and end <= b.end}


def _is_used_between(view: FileView, owner: int, name: str, first: Assign, second: Assign) -> bool:
    between = (view.facts.calls[i] for i in view.calls_of.get(owner, ()))
    return any(first.end <= c.start and c.end <= second.start and _names(view, c, name) for c in between)


def _names(view: FileView, call: Call, name: str) -> bool:
    given = [v for a in call.args for v in (a.value.parts if isinstance(a.value, Concat) else (a.value,))]
    return any(isinstance(v, Name) and v.id == name for v in given)
