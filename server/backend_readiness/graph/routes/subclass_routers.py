"""Routers that a class makes for each class below it: `abstract class Controller { router = Router() }`.

A router that is reached through an instance of a subclass is that of the subclass. What the base class itself puts on its router is on
that of each subclass; where nothing tells the subclasses apart (a list of controllers that is mounted), theirs is the one of the base.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING

from backend_readiness.graph.values import ClassV, Ext, InstV
from backend_readiness.graph.world import Graph

if TYPE_CHECKING:
    from backend_readiness.graph.routes.routing import Mount, RouterKey

_OF = "site of "


def subclass_of_maker(graph: Graph, value: Ext) -> str:
    """What tells the router of a subclass from that of the class whose body or constructor makes it; nothing elsewhere."""
    site = value.site
    if site is None:
        return ""
    through = site.env.self_value if site.env is not None else None
    cls = through.cls if isinstance(through, InstV) else value.subject
    if not isinstance(cls, ClassV):
        return ""
    view = graph.view(site.file)
    around = next((s for s in view.enclosing(view.facts.calls[site.call].owner) if view.symbol(s).kind == "class"), None)
    if around is None or (cls.symbol.file, cls.symbol.index) == (site.file, around):
        return ""
    return f" of {cls.symbol.file}:{cls.symbol.index}"


def with_base(keys: Iterable[RouterKey | None], mounts: list[Mount]) -> list[Mount]:
    """The mounts that join routers of subclasses with those of their bases."""
    below: dict[RouterKey, list[RouterKey]] = {}
    for key in dict.fromkeys(k for k in keys if k is not None):
        if key[0].startswith(_OF):
            below.setdefault(("site", key[1], key[2]), []).append(key)
    found: list[Mount] = []
    at = {m.child: m for m in mounts}
    for base, derived in below.items():
        mounted = [k for k in derived if k in at]
        if base in at:
            found.extend(_joined(base, k, at[base]) for k in derived if k not in at)
        elif mounted:
            found.extend(_joined(k, base, at[k]) for k in mounted)
    return found


def _joined(parent: RouterKey, child: RouterKey, like: Mount) -> Mount:
    return replace(like, parent=parent, child=child, prefix="", guards=(), replaces=False, called=None, held=())
