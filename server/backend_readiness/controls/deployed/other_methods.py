"""Tests that speak of an endpoint's path and name methods, the endpoint's own not among them."""

from __future__ import annotations

import re
from collections.abc import Iterable

from backend_readiness.controls.context import Context

_METHODS = frozenset({"GET", "POST", "PUT", "PATCH", "DELETE"})
_COMMENT = re.compile(r"\s*(//|#|\*|/\*)")


def only_other_methods(context: Context, method: str, files: Iterable[str], path: re.Pattern[str] | None) -> bool:
    """Does each file that speaks of the path write methods as texts or constants, but never this one, nor a word for making something?"""
    if method not in _METHODS:
        return False
    others = "|".join(sorted(_METHODS - {method}))
    written = re.compile(rf"[\"'`]({others})[\"'`]|(?i:\bMethod({others})\b)|\bHttpMethod\.({others})\b")
    own = re.compile(rf"(?i)(?<![a-z]){method}(?![a-z])|Method{method}|create|insert")
    speaking = [f for f in files if path is None or path.search(context.snapshot.text(f)) is not None]
    texts = ["\n".join(t for t in context.snapshot.lines(f) if _COMMENT.match(t) is None) for f in speaking]
    return bool(texts) and all(written.search(t) is not None and own.search(t) is None for t in texts)
