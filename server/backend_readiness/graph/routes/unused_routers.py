"""Routers that nobody mounts: `// app.use("/orders", orders)`, where the file with the router is imported and its name never said again.

Only what is plain counts: a router that a file makes at its top, in an application that mounts other routers, where those who import the
file say none of the names again that they import. A file that nobody imports counts beside others whose routers are mounted elsewhere,
where nothing loads files by names that only the run knows.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from backend_readiness.facts.model import CallRef
from backend_readiness.graph.families import family
from backend_readiness.graph.patterns import compiled
from backend_readiness.graph.routes.routing import RouterKey
from backend_readiness.graph.values import Ext, options

if TYPE_CHECKING:
    from backend_readiness.graph.routes.scan import Scan

FAMILIES = frozenset({"javascript"})
_ASIDE = re.compile(r"//[^\n]*|/\*[\s\S]*?\*/|\"(?:[^\"\\\n]|\\.)*\"|'(?:[^'\\\n]|\\.)*'")
_LISTS_FILES = ["readdirSync", "readdir", "glob", "globSync", "sync", "opendir", "requireDirectory", "context", "globby", "walk", "load"]
_SECOND = 2  # the import says the name once


def drop_unused(scan: Scan) -> None:
    """Take away what is registered on routers that nobody mounts."""
    mounted = {m.child for m in scan.routing.mounts}
    files = {k[1] for k in mounted if k[0] == "site"}
    folders = {m.child[1].rpartition("/")[0] for m in scan.routing.mounts if m.child[0] == "site" and m.place.file != m.child[1]}
    cards = {r.router: r.card for r in scan.routing.registrations if r.router is not None and r.router[0] == "site"}
    dead: set[RouterKey] = set()
    for key, card in cards.items():
        if key in mounted or not card.types.get("router") or not files - {key[1]}:
            continue
        known = family(scan.graph.view(key[1]).language) in FAMILIES and _is_made_at_top(scan, key, card.id)
        if known and _is_unused(scan, key[1], folders):
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


def _is_unused(scan: Scan, file: str, used_folders: set[str]) -> bool:
    importing = [f for f in scan.graph.importing_files(file) if f in scan.graph.production]
    for other in importing:
        said = _ASIDE.sub("", scan.graph.text(other))
        for item in scan.graph.view(other).facts.imports:
            again = not item.local or len(re.findall(rf"(?<![\w$.]){re.escape(item.local)}(?![\w$])", said)) >= _SECOND
            if again and scan.graph.resolve(item.module, other) == file:
                return False
    return bool(importing) or (file.rpartition("/")[0] in used_folders and not _loads_unseen(scan))


def _loads_unseen(scan: Scan) -> bool:
    from backend_readiness.graph.routes.loose_records import loads_unseen

    files = [p for p, i in scan.graph.production.items() if family(i.language) in FAMILIES]
    return loads_unseen(scan, files, {"calls": _LISTS_FILES})
