"""Who is told how far the work is, and how work that nobody waits for any more ends.

A shell listens with `listening`; whatever works meanwhile in that context calls `tell`. A listener ends the work by raising `Stopped`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

Progress = Callable[[str, int, int], None]
"""Told (what is being done, how many are done, how many in all); in all is 0 when it is not known."""


class Stopped(Exception):
    """Raised by a listener that needs no answer any more; it passes through everything."""


_LISTENER: ContextVar[Progress | None] = ContextVar("listener", default=None)


def tell(what: str, done: int, total: int) -> None:
    """Errors: `Stopped` when the listener wants no more."""
    listener = _LISTENER.get()
    if listener is not None:
        listener(what, done, total)


@contextmanager
def listening(listener: Progress) -> Iterator[None]:
    token = _LISTENER.set(listener)
    try:
        yield
    finally:
        _LISTENER.reset(token)
