"""Names of a file that only the file around it binds: what an `include` runs sees the variables of the place that includes it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from backend_readiness.graph.values import AV, Ext, UnknownV, union
from backend_readiness.graph.views import FileView

if TYPE_CHECKING:
    from backend_readiness.graph.evaluate import Evaluator

LANGUAGES = frozenset({"php", "jsp"})
MAX_INCLUDERS = 6


def given(ev: Evaluator, view: FileView, name: str) -> AV | None:
    """What a variable of the file's own scope means where the file is included; None when no includer says it."""
    if view.language not in LANGUAGES or (view.language == "php" and not name.startswith("$")):
        return None
    return ev.guarded(("includers", view.path, name), lambda: _of_includers(ev, view, name) or UnknownV("absent"))


def _of_includers(ev: Evaluator, view: FileView, name: str) -> AV | None:
    found: list[AV] = []
    for other in ev.world.importing_files(view.path)[:MAX_INCLUDERS]:
        items = ev.world.view(other).facts.imports
        owner = next((i.owner for i in items if i.name == "*" and i.local is None and ev.world.resolve(i.module, other) == view.path), None)
        value = ev.lookup(name, other, owner) if owner is not None else None
        if value is not None and not isinstance(value, UnknownV) and not (isinstance(value, Ext) and value.path == f"~{name}"):
            found.append(value)
    return union(found) if found else None
