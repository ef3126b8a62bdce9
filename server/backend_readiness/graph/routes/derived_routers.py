"""Classes of the repository that derive from a router: `class Orders(APIRouter)` whose constructor calls `super().__init__(prefix=prefix)`.

What the methods of such a class put on `self` stands below each instance of it, with the prefix that the instance gives to its base: a call
of a rule of shape `prefix` with the option `own` in its constructor.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from backend_readiness.graph.classes import constructions, inheritance
from backend_readiness.graph.routes.routing import Mount, RouterKey, call_place
from backend_readiness.graph.values import AV, ClassV, InstV, Site, SymbolId

if TYPE_CHECKING:
    from backend_readiness.graph.routes.scan import Scan


def put_classes_below(scan: Scan, key: RouterKey, made: AV) -> None:
    """Put what the class of an instance registers on itself, and what its bases do, below the instance."""
    if not isinstance(made, InstV) or made.site is None or not key[0].startswith("site"):
        return
    bases = [b for b in inheritance.bases(scan.graph.ev, made.cls) if isinstance(b, ClassV)]
    place = call_place(scan.graph, made.site)
    for cls in (made.cls, *bases):
        below: RouterKey = ("class", cls.symbol.file, cls.symbol.index)
        if all(m.child != below or m.parent != key for m in scan.routing.mounts):
            own = _prefix(scan, cls, made)
            scan.routing.mounts.append(Mount(parent=key, child=below, prefix=own, place=place, start=0, replaces=bool(own)))


def _prefix(scan: Scan, cls: ClassV, made: InstV) -> str:
    """The prefix that the constructor of a class gives to its base, for one instance."""
    view = scan.graph.view(cls.symbol.file)
    constructor = constructions.constructor_of(view, cls.symbol.index)
    for hit in scan.hits.get("prefix", ()) if constructor is not None and made.site is not None else ():
        if hit.rule.options.get("own") and (hit.site.file, hit.call.owner) == (view.path, constructor):
            env = constructions.bindings(scan.graph.ev, made, SymbolId(view.path, hit.call.owner))
            for text in scan.texts(replace(hit, site=Site(hit.site.file, hit.site.call, env)), hit.rule.prefix):
                return f"/{text.strip('/')}" if text.strip("/") else ""
    return ""
