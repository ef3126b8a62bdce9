"""Branches of what runs before a handler that are for other addresses: `if (req.path.startsWith("/admin")) return requireAuth(req)`."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from backend_readiness.facts.builder import dotted
from backend_readiness.facts.model import Block, CallRef, Lit, Member, Op, Value
from backend_readiness.graph.views import FileView
from backend_readiness.rules.signs import sign, signs

_PATH = re.compile(sign("other_paths", "path"))
_BEGINS = frozenset(signs("other_paths", "begins"))
_EQUAL = ("==", "===")
_ONE_OF = ("||", "or")
_ALL_OF = ("&&", "and")
_NOT = ("!", "not")
MAX_DEPTH = 6
END = 1 << 60  # behind all that a file holds


def for_other_paths(view: FileView, scope: int, paths: Sequence[str]) -> Iterator[tuple[int, int]]:
    """The spans of a function that no request for one of the paths comes to: the body of a test of the address that never holds for them,
    and all behind `if (!path.startsWith("/admin")) return next()`."""
    for block in view.blocks_of.get(scope, ()) if paths else ():
        if block.kind != "if" or block.subject is None:
            continue
        negated = isinstance(block.subject, Op) and block.subject.op in _NOT and _leaves(view, scope, block)
        if _never_holds(view, block.subject, paths):
            yield block.start, block.end
        elif negated and isinstance(block.subject, Op) and _never_holds(view, block.subject.operands[0], paths):
            yield block.end, END


def is_for_other_paths(view: FileView, scope: int, start: int, paths: Sequence[str]) -> bool:
    """Does no request for one of the paths come to what begins at `start`?"""
    return any(s <= start < e for outer in view.enclosing(scope) for s, e in for_other_paths(view, outer, paths))


def _leaves(view: FileView, scope: int, block: Block) -> bool:
    """Does the body of a test surely leave the function?"""
    inner = [b for b in view.blocks_of.get(scope, ()) if b is not block and block.start <= b.start and b.end <= block.end]
    left = [r for r in view.returns.get(scope, ()) if block.start <= r.start < block.end]
    return any(not any(b.start <= r.start < b.end for b in inner) for r in left)


def _never_holds(view: FileView, test: Value, paths: Sequence[str], depth: int = 0) -> bool:
    """Is it certain that a test of the address holds for none of the paths?"""
    if isinstance(test, Op) and depth < MAX_DEPTH and test.op in (*_ONE_OF, *_ALL_OF):
        parts = [_never_holds(view, o, paths, depth + 1) for o in test.operands]
        return all(parts) if test.op in _ONE_OF else any(parts)
    asked = _asked(view, test)
    return asked is not None and not any(_may_be(path, *asked) for path in paths)


def _asked(view: FileView, test: Value) -> tuple[str, bool] | None:
    """(address, is it only the beginning) that a test asks for; None for any other test."""
    value: Value | None = None
    given: Value | None = None
    begins = isinstance(test, CallRef)
    if isinstance(test, CallRef):
        call = view.facts.calls[test.call]
        if isinstance(call.callee, Member) and call.callee.name in _BEGINS and len(call.args) == 1:
            value, given = call.callee.base, call.args[0].value
    elif isinstance(test, Op) and test.op in _EQUAL and len(test.operands) == 2:
        value, given = test.operands
    if not isinstance(given, Lit) or not isinstance(given.value, str) or not given.value.startswith("/") or len(given.value) == 1:
        return None
    return (given.value, begins) if value is not None and _PATH.search(dotted(value) or "") is not None else None


def _may_be(path: str, asked: str, begins: bool) -> bool:
    """May a request of the route have that address, or with the parts left away on which the guard is mounted?"""
    steps, wanted = path.strip("/").split("/"), asked.strip("/").split("/")
    for first in range(len(steps)):
        here = steps[first:]
        if any(s.endswith("*}") for s in here[: len(wanted)]):
            return True
        if len(here) < len(wanted) or (not begins and len(here) != len(wanted)):
            continue
        last = len(wanted) - 1 if begins and not asked.endswith("/") else -1
        pairs = enumerate(zip(here, wanted, strict=False))
        fits = all("{" in s or s == w or (n == last and s.startswith(w)) for n, (s, w) in pairs)
        if fits and (first == 0 or any("{" not in s for s in here[: len(wanted)])):
            return True
    return False
