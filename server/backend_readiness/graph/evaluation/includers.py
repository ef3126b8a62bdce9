"""Names of a file that only the file around it binds: what an `include` runs sees the variables of the place that includes it."""

from __future__ import annotations

import posixpath
import re
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from backend_readiness.facts.model import Lit, Name, Record
from backend_readiness.graph.values import AV, Ext, UnknownV, union
from backend_readiness.graph.views import FileView

if TYPE_CHECKING:
    from backend_readiness.graph.evaluation.evaluate import Evaluator

LANGUAGES = frozenset({"php", "jsp"})
HANDING = frozenset({"blade"})  # templates that hand values to those that they include, under names
_LISTING = ("glob", "scandir")
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
    for other, owner in _loading_folders(ev, view) if not found else ():
        value = ev.lookup(name, other, owner)
        if value is not None and not isinstance(value, UnknownV) and not (isinstance(value, Ext) and value.path == f"~{name}"):
            found.append(value)
    return union(found) if found else None


def _loading_folders(ev: Evaluator, view: FileView) -> list[tuple[str, int]]:
    """The files and functions that run all files of the folder: `foreach (glob(__DIR__ . "/routes/*.php") as $file) { require $file; }`."""
    from backend_readiness.graph.urls import texts

    found: list[tuple[str, int]] = []
    for other in [f for n in _LISTING for f in ev.world.calling(n)][:MAX_HANDING]:
        page = ev.world.view(other)
        loads = page.calls_by_name.get("require") if page.language in LANGUAGES and other != view.path else None
        for number in [n for name in _LISTING for n in page.calls_by_name.get(name, ())] if loads else ():
            call = page.facts.calls[number]
            written = texts(ev, ev.value(call.args[0].value, other, call.owner)) if call.args else []
            if any(_fits(w, other, view.path) for w in written):
                found.append((other, call.owner))
    return found[:MAX_INCLUDERS]


def _fits(written: str, file: str, path: str) -> bool:
    """Is the path one of those that the pattern means, or does it lie in the folder?"""
    tail = re.sub(r"^(?:\{[^{}]*\})+", "", written).replace("GLOB_BRACE", "")
    pattern = tail if "*" in tail else f"{tail.rstrip('/')}/*"
    beside = posixpath.normpath(posixpath.join(posixpath.dirname(file), pattern.lstrip("/")))
    return fnmatchcase(path, beside) or (pattern.count("/") > 1 and ".." not in pattern and fnmatchcase(path, f"*/{pattern.lstrip('/')}"))
