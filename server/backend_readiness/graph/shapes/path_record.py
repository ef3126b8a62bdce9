"""A record whose keys are paths, given to a call: `Bun.serve({ routes: { "/orders/:id": show, "/carts": { GET: list, POST: add } } })`.

Option `records` of the rule refers to it. A value that is a record of HTTP methods is a route for each, any other one takes every method.
"""

from __future__ import annotations

from backend_readiness.graph.handling.handlers import unwrapped
from backend_readiness.graph.routes.routing import Guard, Registration
from backend_readiness.graph.routes.rows import place_of_text
from backend_readiness.graph.routes.scan import Hit, Scan
from backend_readiness.graph.values import AV, Obj, options
from backend_readiness.rules.card_rules import Ref

MAX_ROUTES = 1_000
METHODS = frozenset({"GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"})


def collect(scan: Scan) -> None:
    for hit in scan.hits.get("path_record", ()):
        value = scan.value(hit, Ref(**hit.rule.options["records"]))
        for record in options(value) if value is not None else ():
            for path, thunk in list(record.fields.items())[:MAX_ROUTES] if isinstance(record, Obj) else ():
                if path.startswith("/"):
                    _route(scan, hit, path, scan.graph.ev.thunk(thunk))


def _route(scan: Scan, hit: Hit, path: str, value: AV) -> None:
    methods = value.fields if isinstance(value, Obj) else {}
    found = {m: scan.graph.ev.thunk(t) for m, t in methods.items() if m in METHODS} or {"ANY": value}
    place = place_of_text(scan, hit.site.file, path, scan.place(hit))
    for method, handler in found.items():
        inner, around = unwrapped(scan.graph, handler)
        scan.routing.registrations.append(
            Registration(
                router=scan.router(hit), method=method, path=path, place=place, start=hit.call.start, card=hit.card, rule=hit.rule,
                handler=inner, guards=tuple(Guard(value=w, place=place, start=0) for w in around),
            )
        )  # fmt: skip
