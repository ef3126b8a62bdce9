"""Values that a function of Python's own turns into those of another type: `int(VERSION)`, `str(2)`, `list(("GET", "POST"))`."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from backend_readiness.graph.values import AV, Const, Ext, ListV, Site

if TYPE_CHECKING:
    from backend_readiness.graph.evaluation.evaluate import Evaluator

_LANGUAGES = frozenset({"python"})
_PLAIN: dict[str, Callable[[str | int | float], str | int]] = {"~int": int, "~str": str}
_LISTS = frozenset({"~list", "~tuple", "~sorted", "~set", "~frozenset"})


def converted(ev: Evaluator, callee: Ext, site: Site) -> AV | None:
    """The value that such a call gives; None where it is another call, or what it is given is not known."""
    if callee.path not in _PLAIN and callee.path not in _LISTS:
        return None
    view = ev.world.view(site.file)
    call = view.facts.calls[site.call]
    if view.language not in _LANGUAGES or len(call.args) != 1 or call.args[0].spread:
        return None
    given = ev.arg_value(site, 0)
    if callee.path in _LISTS:
        return given if isinstance(given, ListV) else None
    if not isinstance(given, Const) or isinstance(given.value, bool) or given.value is None:
        return None
    try:
        return Const(_PLAIN[callee.path](given.value))
    except ValueError:
        return None
