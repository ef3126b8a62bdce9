"""Addresses of a call that are another one of it but for what stands before: a base that may be left out."""

from __future__ import annotations

from backend_readiness.graph.sent.hole_names import is_base
from backend_readiness.graph.urls import Hole, Piece


def without_fallbacks(urls: tuple[tuple[Piece, ...], ...]) -> list[tuple[Piece, ...]]:
    """Without those that are another one but for its base: `(window.base || "") + "orders"` is below the base, `"/api" + path` too."""
    based = {u[1:] for u in urls if u and isinstance(u[0], Hole) and is_base(u[0].name)}
    whole = [merged(u) for u in urls]
    return [u for u, w in zip(urls, whole, strict=True) if u not in based and not any(_is_below(w, v) for v in whole)]


def merged(url: tuple[Piece, ...]) -> tuple[Piece, ...]:
    """The same with the texts that stand side by side as one."""
    found: list[Piece] = []
    for piece in url:
        if isinstance(piece, str) and found and isinstance(found[-1], str):
            found[-1] += piece
        else:
            found.append(piece)
    return tuple(found)


def _is_below(url: tuple[Piece, ...], other: tuple[Piece, ...]) -> bool:
    """Is the other one this one with a written base before it?"""
    first, longer = (url[0] if url else None), (other[0] if other else None)
    if not isinstance(first, str) or not isinstance(longer, str) or not first.startswith("/"):
        return False
    return longer != first and longer.endswith(first) and longer.startswith("/") and len(url) == len(other) and url[1:] == other[1:]
