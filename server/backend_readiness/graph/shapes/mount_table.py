"""Routers that are put on another one by a table of their paths: `mount! { app, "/v1", "/orders" => orders::routes() }`.

`child` is the table, `prefix` what stands before each of its paths, `parent` the router that they are put on; without it the call itself
makes one.
"""

from __future__ import annotations

from backend_readiness.graph.routes.routing import Mount, RouterKey
from backend_readiness.graph.routes.scan import Scan
from backend_readiness.graph.urls import join
from backend_readiness.graph.values import Ext, Obj, options

MAX_ROWS = 200


def collect(scan: Scan) -> None:
    for hit in scan.hits.get("mount_table", ()):
        parent: RouterKey | None
        if hit.rule.parent is not None:
            parent = scan.router_of_value(scan.value(hit, hit.rule.parent), hit.card)
        else:
            parent = ("site", hit.site.file, hit.site.call)
            scan.note(parent, Ext(f"{hit.callee.path}()", hit.callee, hit.site))
        if parent is None:
            continue
        prefixes = scan.texts(hit, hit.rule.prefix) or [""]
        given = scan.value(hit, hit.rule.child)
        for table in options(given) if given is not None else ():
            for path, thunk in list(table.fields.items())[:MAX_ROWS] if isinstance(table, Obj) else ():
                child = scan.router_of_value(scan.graph.ev.thunk(thunk), hit.card)
                if child is None:
                    continue
                for prefix in prefixes:
                    place = scan.place(hit)
                    scan.routing.mounts.append(
                        Mount(parent=parent, child=child, prefix=join(prefix, path, keep_root=False), place=place, start=hit.call.start)
                    )
