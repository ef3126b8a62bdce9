"""Names that a file takes from a value: `class Orders(http: Http) { import http._ ... }` makes the members of `http` its own (Scala)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from backend_readiness.graph.evaluation import members
from backend_readiness.graph.values import AV, InstV, UnknownV, options

if TYPE_CHECKING:
    from backend_readiness.graph.evaluation.evaluate import Evaluator
    from backend_readiness.graph.views import FileView

LANGUAGES = frozenset({"scala"})
MAX_STARS = 8


def member(ev: Evaluator, view: FileView, name: str, owner: int) -> AV | None:
    """The member `name` of the first imported value that has it; None when none does."""
    if view.language not in LANGUAGES or owner < 0:
        return None
    key = ("stars", view.path)
    if key in ev.active:
        return None  # what the value itself is called is no member of another
    ev.active.add(key)
    try:
        return _of_stars(ev, view, name, owner)
    finally:
        ev.active.discard(key)


def _of_stars(ev: Evaluator, view: FileView, name: str, owner: int) -> AV | None:
    for star in [s for s in view.stars if "." not in s and s[:1].islower() and s != name][:MAX_STARS]:
        for option in options(ev.lookup(star, view.path, owner)):
            found = members.own_member(ev, option, name) if isinstance(option, InstV) else None
            if found is not None and not isinstance(found, UnknownV):
                return found
    return None
