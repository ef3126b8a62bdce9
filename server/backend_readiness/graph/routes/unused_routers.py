"""Routers that nobody mounts: `// app.use("/orders", orders)`, where the file with the router is imported and its name never said again.

Only what is plain counts: a router that a file makes at its top, in an application that mounts other routers, where those who import the
file say none of the names again that they import. A file that nobody imports counts beside others whose routers are mounted elsewhere,
where nothing loads files by names that only the run knows. What a module of Python imports that mounts nothing itself is handed on by it.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from backend_readiness.facts.model import CallRef, Import
from backend_readiness.graph.families import family
from backend_readiness.graph.patterns import compiled
from backend_readiness.graph.routes.routing import RouterKey
from backend_readiness.graph.values import Ext, options
from backend_readiness.rules.signs import signs_by

if TYPE_CHECKING:
    from backend_readiness.graph.routes.scan import Scan

# Comments and texts, by language: a name in them is not said.
_ASIDE = {language: re.compile("|".join(patterns)) for language, patterns in signs_by("unused_routers", "aside").items()}
_LISTS_FILES = signs_by("unused_routers", "lists_files")
_SECOND = 2  # the import says the name once


def drop_unused(scan: Scan) -> None:
    """Take away what is registered on routers that nobody mounts."""
    mounted = {m.child for m in scan.routing.mounts}
    files = {k[1] for k in mounted if k[0] == "site"}
    mounting = {m.place.file for m in scan.routing.mounts}
    folders = {m.child[1].rpartition("/")[0] for m in scan.routing.mounts if m.child[0] == "site" and m.place.file != m.child[1]}
    cards = {r.router: r.card for r in scan.routing.registrations if r.router is not None and r.router[0] == "site"}
    dead: set[RouterKey] = set()
    for key, card in cards.items():
        if key in mounted or not card.types.get("router") or not files - {key[1]}:
            continue
        known = family(scan.graph.view(key[1]).language) in _ASIDE and _is_made_at_top(scan, key, card.id)
        if known and _is_unused(scan, key[1], folders, mounting):
            dead.add(key)
    if dead:
        scan.routing.registrations[:] = [r for r in scan.routing.registrations if r.router not in dead]


def _is_made_at_top(scan: Scan, key: RouterKey, card: str) -> bool:
    """Is it a router, and no application, that stands alone in its file?"""
    found = next(c for c in scan.graph.knowledge.cards if c.id == card)
    routers = [compiled(p) for p in scan.graph.knowledge.patterns(found, ("{router}",))]
    apps = [compiled(p) for p in scan.graph.knowledge.patterns(found, ("{app}",))] if found.types.get("app") else []
    view = scan.graph.view(key[1])
    if view.facts.calls[key[2]].owner != 0:
        return False
    made = [o.path for o in options(scan.graph.ev.value(CallRef(key[2]), key[1], 0)) if isinstance(o, Ext)]
    return any(p.fullmatch(m) for p in routers for m in made) and not any(p.fullmatch(m) for p in apps for m in made)


def _is_unused(scan: Scan, file: str, used_folders: set[str], mounting: set[str]) -> bool:
    kind, names_it = family(scan.graph.view(file).language), False
    named = scan.graph.naming(_module_name(file)) if kind == "python" else ()  # `from app.routers import orders`
    importing = [f for f in dict.fromkeys((*scan.graph.importing_files(file), *named)) if f in scan.graph.production and f != file]
    for other in importing:
        said = _ASIDE[kind].sub("", scan.graph.text(other)) if family(scan.graph.view(other).language) == kind else ""
        for item in scan.graph.view(other).facts.imports:
            if not _names(scan, item, other, file):
                continue
            names_it = True
            hands_on = not item.local or (kind == "python" and (other not in mounting or other.endswith("__init__.py")))
            if hands_on or len(re.findall(rf"(?<![\w$.]){re.escape(item.local or '')}(?![\w$])", said)) >= _SECOND:
                return False
    if names_it or (importing and kind == "javascript"):
        return True
    return file.rpartition("/")[0] in used_folders and not _loads_unseen(scan, kind)


def _module_name(file: str) -> str:
    return file.removesuffix("/__init__.py").rpartition("/")[2].partition(".")[0]


def _names(scan: Scan, item: Import, other: str, file: str) -> bool:
    """Does an import mean this file: `from app.routers.orders import router`, `from app.routers import orders`?"""
    if scan.graph.resolve(item.module, other) == file:
        return True
    dot = "" if item.module.endswith(".") else "."
    return bool(item.name) and scan.graph.resolve(f"{item.module}{dot}{item.name}", other) == file


def _loads_unseen(scan: Scan, kind: str) -> bool:
    from backend_readiness.graph.routes.loose_records import loads_unseen

    files = [p for p, i in scan.graph.production.items() if family(i.language) == kind]
    return loads_unseen(scan, files, {"calls": list(_LISTS_FILES[kind])})
