"""Names of a file that only the file around it binds: what an `include` runs sees the variables of the place that includes it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from backend_readiness.facts.model import Lit, Name, Record
from backend_readiness.graph.values import AV, Ext, UnknownV, union
from backend_readiness.graph.views import FileView

if TYPE_CHECKING:
    from backend_readiness.graph.evaluation.evaluate import Evaluator

LANGUAGES = frozenset({"php", "jsp"})
HANDING = frozenset({"blade"})  # templates that hand values to those that they include, under names
MAX_INCLUDERS = 6
MAX_HANDING = 60


def given(ev: Evaluator, view: FileView, name: str) -> AV | None:
    """What a variable of the file's own scope means where the file is included; None when no includer says it."""
    if view.language in HANDING:
        found = ev.guarded(("includers", view.path, name), lambda: union(handed(ev, view, name)) if name[:1] == "$" else UnknownV("absent"))
        return None if isinstance(found, UnknownV) else found
    if view.language not in LANGUAGES or (view.language == "php" and not name.startswith("$")):
        return None
    return ev.guarded(("includers", view.path, name), lambda: _of_includers(ev, view, name) or UnknownV("absent"))


def handed(ev: Evaluator, view: FileView, name: str) -> list[AV]:
    """What each of the other templates hands to this one under the name: `@include('orders.row', ['order' => $first])`."""
    found: list[AV] = []
    for other in ev.world.naming(name)[:MAX_HANDING]:
        page = ev.world.view(other)
        for call in page.facts.calls if other != view.path and page.language in HANDING else ():
            first = call.args[0].value if len(call.args) > 1 and isinstance(call.callee, Name) else None
            if not isinstance(first, Lit) or not _means(str(first.value), view.path):
                continue
            for record in (a.value for a in call.args[1:3] if isinstance(a.value, Record)):
                found.extend(ev.value(v, other, call.owner) for k, v in record.items if f"${k}" == name)
    return [f for f in found if not isinstance(f, UnknownV)]


def _means(written: str, path: str) -> bool:
    """Is the file the template of that name, with dots or slashes between its folders?"""
    name = written.rpartition("::")[2].replace(".", "/")
    return bool(name) and path.partition(".")[0].endswith(f"/{name}")


def _of_includers(ev: Evaluator, view: FileView, name: str) -> AV | None:
    found: list[AV] = []
    for other in ev.world.importing_files(view.path)[:MAX_INCLUDERS]:
        items = ev.world.view(other).facts.imports
        owner = next((i.owner for i in items if i.name == "*" and i.local is None and ev.world.resolve(i.module, other) == view.path), None)
        value = ev.lookup(name, other, owner) if owner is not None else None
        if value is not None and not isinstance(value, UnknownV) and not (isinstance(value, Ext) and value.path == f"~{name}"):
            found.append(value)
    return union(found) if found else None
