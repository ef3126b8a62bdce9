"""Whether a regular expression repeats a repetition, so that a backtracking engine tries exponentially many ways to split its input."""

from __future__ import annotations

import re
import warnings
from re import _constants as codes  # type: ignore[attr-defined]  # the parser of the standard library is not typed
from re import _parser as parser  # type: ignore[attr-defined]
from typing import Any

MAX_CHARS = 2_000
_MANY = 10  # repetitions from which a bound does not help


def repeats_within_itself(pattern: str) -> bool:
    """`(a+)+`, `(\\w*)*`, `(\\s+|x)*`: what is repeated can itself be cut in many ways. False for what does not parse."""
    if len(pattern) > MAX_CHARS:
        return False
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = parser.parse(_as_here(pattern))
    except (re.error, RecursionError, OverflowError, ValueError):
        return False
    return _nests(tree, 0)


# How other languages write what this one spells differently; what stands for a class of letters matches as one does.
_SPELLED = (
    (re.compile(r"(?<!\\)\\[zZ]"), "$"),
    (re.compile(r"\(\?<(?=[A-Za-z_])"), "(?P<"),
    (re.compile(r"\[\[:\w+:\]\]|(?<!\\)\\[pP]\{\^?\w{1,30}\}|(?<!\\)\\h"), r"\\w"),
)


def _as_here(pattern: str) -> str:
    for spelled, here in _SPELLED:
        pattern = spelled.sub(here, pattern)
    return pattern


def _nests(items: Any, depth: int) -> bool:
    if depth > 40:
        return False
    for code, value in items:
        if code in (codes.MAX_REPEAT, codes.MIN_REPEAT):
            if value[1] >= _MANY and _is_divisible(value[2], depth + 1):
                return True
            if _nests(value[2], depth + 1):
                return True
        elif any(_nests(inner, depth + 1) for inner in _inside(code, value)):
            return True
    return False


def _inside(code: Any, value: Any) -> list[Any]:
    if code is codes.SUBPATTERN:
        return [value[-1]]
    if code is codes.BRANCH:
        return list(value[1])
    if code in (codes.ASSERT, codes.ASSERT_NOT):
        return [value[1]]
    return []


def _is_divisible(items: Any, depth: int) -> bool:
    """Can the body match one text in several numbers of rounds: is every part of it optional or a repetition, and one of them unbounded?"""
    if depth > 40:
        return False
    parts = list(items)
    unbounded = False
    for code, value in parts:
        if code in (codes.MAX_REPEAT, codes.MIN_REPEAT):
            unbounded = unbounded or value[1] >= _MANY
        elif code is codes.SUBPATTERN and len(parts) == 1:
            return _is_divisible(value[-1], depth + 1)
        elif code is codes.BRANCH and len(parts) == 1:
            return any(_is_divisible(option, depth + 1) for option in value[1])
        else:
            return False
    return unbounded
