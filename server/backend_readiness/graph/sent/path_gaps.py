"""Empty parts of addresses: `/teams//orders`, where the state that fills the part began as `{ id: "" }`."""

from __future__ import annotations

import re

from backend_readiness.graph.urls import Hole, Piece
from backend_readiness.graph.values import UNKNOWN

_GAP = re.compile(r"(?<=\w/)(?=/(?:\w|$|\?))")


def with_parts_for_gaps(url: tuple[Piece, ...]) -> tuple[Piece, ...] | None:
    """The address with a part that is not known for each empty one; None when it has none."""
    found: list[Piece] = []
    for piece in url:
        first, *rest = _GAP.split(piece) if isinstance(piece, str) else (piece,)
        found.append(first)
        for text in rest:
            found.extend((Hole("", UNKNOWN), text))
    return (*found[:-1], *_ended(found[-1])) if len(found) > len(url) else None


def _ended(last: Piece) -> tuple[Piece, ...]:
    """The last piece; where others are empty, what is missing behind its slash is one more: `/teams//orders/`."""
    path, mark, query = last.partition("?") if isinstance(last, str) else ("", "", "")
    return (path, Hole("", UNKNOWN), *([mark + query] if mark else [])) if path.endswith("/") else (last,)


def takes_written(route: tuple[str, ...], call: tuple[str, ...]) -> bool:
    """Does a parameter of the route stand for a part that the call writes out? Both are compared from their ends."""
    return any("{" in there and "{" not in here for here, there in zip(call[::-1], route[::-1], strict=False))
