"""A record whose keys are paths, given to a call: `Bun.serve({ routes: { "/orders/:id": show, "/carts": { GET: list, POST: add } } })`.

Option `records` of the rule refers to it. A value that is a record of HTTP methods is a route for each, any other one takes every method.
With `nested` any other record has the paths below its key, and keys need no slash before them.
"""

from __future__ import annotations

from backend_readiness.graph.handling.handlers import unwrapped
from backend_readiness.graph.handling.wrappers import method_limits
from backend_readiness.graph.routes.class_views import answers, view_of
from backend_readiness.graph.routes.routing import Guard, Registration
from backend_readiness.graph.routes.rows import place_of_text
from backend_readiness.graph.routes.scan import Hit, Scan
from backend_readiness.graph.urls import join
from backend_readiness.graph.values import AV, Obj, options
from backend_readiness.rules.card_rules import Ref

MAX_ROUTES = 1_000
MAX_DEPTH = 6
METHODS = frozenset({"GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"})


def collect(scan: Scan) -> None:
    for hit in scan.hits.get("path_record", ()):
        value = scan.value(hit, Ref(**hit.rule.options["records"]))
        for record in options(value) if value is not None else ():
            if isinstance(record, Obj):
                _record(scan, hit, record, "", bool(hit.rule.options.get("nested")), 0)


def _record(scan: Scan, hit: Hit, record: Obj, above: str, nested: bool, depth: int) -> None:
    for key, thunk in list(record.fields.items())[:MAX_ROUTES]:
        if not key.startswith("/") and not nested:
            continue
        path = join(above, key, keep_root=True) if nested else key
        value = scan.graph.ev.thunk(thunk)
        below = [o for o in options(value) if isinstance(o, Obj) and not METHODS.intersection(o.fields)] if nested else []
        for inner in below if depth < MAX_DEPTH else ():
            _record(scan, hit, inner, path, nested, depth + 1)
        if not below:
            _route(scan, hit, path, value, key)


def _route(scan: Scan, hit: Hit, path: str, value: AV, key: str) -> None:
    methods = value.fields if isinstance(value, Obj) else {}
    found = {m: scan.graph.ev.thunk(t) for m, t in methods.items() if m in METHODS}
    place = place_of_text(scan, hit.site.file, key, scan.place(hit))
    view = view_of(scan, value, place, hit.call.start) if not found else None
    found = found or ({a.method: a.handler for a in answers(scan, view, place, hit.call.start, ())} if view is not None else {})
    found = found or dict.fromkeys(method_limits(scan, value), value) or {"ANY": value}
    for method, handler in found.items():
        inner, around = unwrapped(scan.graph, handler)
        scan.routing.registrations.append(
            Registration(
                router=scan.router(hit), method=method, path=path, place=place, start=hit.call.start, card=hit.card, rule=hit.rule,
                handler=inner, guards=tuple(Guard(value=w, place=place, start=0) for w in around),
            )
        )  # fmt: skip
