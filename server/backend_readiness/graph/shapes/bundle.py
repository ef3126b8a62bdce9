"""A call that registers a fixed list of routes: `Auth::routes()`.

Option `routes` of the rule: rows of HTTP method, path, handler as text (or empty), name. `names`: see `graph.handling.handler_names`.
`without`: the key of an argument's record that turns a row off, to the words that its path then contains. `within`: a regular expression
for the file that such a call must stand in: elsewhere it only asks for the same thing.
"""

from __future__ import annotations

import re

from backend_readiness.graph.handling.handler_names import handler_named
from backend_readiness.graph.routes.routing import Registration
from backend_readiness.graph.routes.scan import Scan
from backend_readiness.graph.shapes.brought import is_moved
from backend_readiness.graph.values import Const
from backend_readiness.rules.card_rules import Ref


def collect(scan: Scan) -> None:
    for hit in scan.hits.get("bundle", ()):
        if not re.search(str(hit.rule.options.get("within", "")), hit.site.file) or is_moved(scan, hit.rule):
            continue
        router = scan.class_routers.grouped(hit.site.file, hit.call.owner) or scan.router(hit)
        without = hit.rule.options.get("without", {})
        off = tuple(str(word) for key, word in without.items() if scan.value(hit, Ref(arg=0, key=str(key))) == Const(False))
        guards = scan.guards(hit, hit.rule.middleware)
        for method, path, handler, *name in hit.rule.options["routes"]:
            if any(word in path for word in off):
                continue
            scan.routing.registrations.append(
                Registration(
                    router=router, method=method, path=path, place=scan.place(hit), start=hit.call.start, card=hit.card, rule=hit.rule,
                    handler=handler_named(scan, hit, Const(handler), router) if handler else None, guards=guards,
                    name=scan.groups.name_before(router) + (name[0] if name else ""),
                )
            )  # fmt: skip
