"""What is computed once for a context or a graph and goes with it.

A `WeakKeyDictionary` would keep both alive for ever, as what it holds refers to its key; a server would grow with every change of a file.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar, cast

T = TypeVar("T")
K = TypeVar("K")


def once(owner: K, make: Callable[[K], T]) -> T:
    """`make(owner)`, computed when it is first asked for and kept in `owner` itself."""
    found: dict[Callable[[K], T], object] = vars(owner).setdefault("_once", {})
    if make not in found:
        found[make] = make(owner)
    return cast(T, found[make])
