"""Branches of an application that hold routes, groups of their own and other branches: `app.Map("/api", api => api.UseEndpoints(...))`.

A rule of shape `group` with `options.inner` says that routers which are made in a body stand below it; one of shape `call` with
`options.holds` is a route only where nothing that stands in what it is given has a path itself.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from backend_readiness.graph.routes.routing import Mount, RouterKey

if TYPE_CHECKING:
    from backend_readiness.graph.routes.scan import Hit, Scan

MAX_NESTED = 12


def made_inside(scan: Scan, hit: Hit, body: RouterKey) -> RouterKey | None:
    """The router that a call is on, where it was made in the same body; it is put below the body."""
    if not any(r.shape == "group" and r.options.get("inner") for r in hit.card.routes):
        return None
    found = scan.receiver(hit)
    if found is None or not _stands_in(scan, found, body):
        return None
    mounts, above = scan.routing.mounts, found
    for _ in range(MAX_NESTED):
        at = next((n for n, m in enumerate(mounts) if m.child == above), None)
        parent = mounts[at].parent if at is not None else None
        if at is None:
            mounts.append(Mount(parent=body, child=above, prefix="", place=scan.place(hit), start=hit.call.start))
        if at is None or parent == body or parent is None:
            break
        if not _stands_in(scan, parent, body):
            mounts[at] = replace(mounts[at], parent=body)
            break
        above = parent
    return found


def _stands_in(scan: Scan, key: RouterKey, body: RouterKey) -> bool:
    if key[0] != "site" or key[1] != body[1]:
        return False
    view = scan.graph.view(key[1])
    return body[2] in view.enclosing(view.facts.calls[key[2]].owner)


def drop_holders(scan: Scan) -> None:
    """Take away the routes of branches in which something has a path of its own."""
    held = {r.router for r in scan.routing.registrations} | {m.parent for m in scan.routing.mounts}
    bodies = {(m.place, m.start) for m in scan.routing.mounts if m.child in held and m.child[0] == "body"}
    kept = [r for r in scan.routing.registrations if not r.rule.options.get("holds") or (r.place, r.start) not in bodies]
    scan.routing.registrations[:] = kept
