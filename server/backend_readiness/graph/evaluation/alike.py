"""Functions that give the same whatever they are given: `func findUser(name string) (User, error)` is a `User` under all bindings.

What a call gives is looked up under the bindings of all calls around it, since a path or a handler may come with them. A plain object of a
class brings nothing with it: when a function has given the same one under `MAX_TIMES` bindings, it is not looked into again.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable

from backend_readiness.graph.values import AV, InstV, SymbolId

MAX_TIMES = 12


class Alike:
    """What functions gave, by function and how deep in calls they were asked: what is cut off depends on that."""

    def __init__(self) -> None:
        self._seen: dict[Hashable, tuple[SymbolId | None, int]] = {}  # the class of the objects, and how often it was that
        self._settled: dict[Hashable, AV] = {}

    def asked(self, key: Hashable, work: Callable[[], AV]) -> AV:
        """What the function gives; `work` looks it up."""
        if key in self._settled:
            return self._settled[key]
        found = work()
        before, times = self._seen.get(key, (None, 0))
        given = _plain(found)
        same = given is not None and (given == before or times == 0)
        self._seen[key] = (given, times + 1) if same else (None, -1)  # it gave two things: it may give a third
        if same and times + 1 >= MAX_TIMES:
            self._settled[key] = found
        return found


def _plain(value: AV) -> SymbolId | None:
    """The class of an object of which nothing more is known."""
    alone = isinstance(value, InstV) and value.site is None and value.holder is None and value.cls.env is None
    return value.cls.symbol if alone and isinstance(value, InstV) else None
