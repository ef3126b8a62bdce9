"""Functions that a call makes callable from the interface: `export const addOrder = createServerFn().handler(async () => ...)`.

The operation goes by the name that the result of the call is given; `handler` is the function. Option `client` is the directive that files
of the interface begin with, where only those call it from outside (see `graph.sent.actions`).
"""

from __future__ import annotations

from backend_readiness.facts.model import CallRef, Name
from backend_readiness.graph.routes.routing import Registration, call_place
from backend_readiness.graph.routes.scan import Hit, Scan
from backend_readiness.graph.values import FuncV, options


def collect(scan: Scan) -> None:
    found = [(hit, name) for hit in scan.hits.get("remote_function", ()) if (name := _name(scan, hit))]
    names = [name for _, name in found]
    for hit, name in found:
        value = scan.value(hit, hit.rule.handler)
        handler = next((o for o in options(value) if isinstance(o, FuncV)), None) if value is not None else None
        label = name if names.count(name) == 1 else f"{hit.site.file.rpartition('.')[0]}/{name}"
        if handler is not None:
            scan.routing.registrations.append(
                Registration(
                    router=None, method=hit.rule.method or "ACTION", path=label, place=call_place(scan.graph, hit.site),
                    start=hit.call.start, card=hit.card, rule=hit.rule, handler=handler, guards=scan.guards(hit, hit.rule.middleware),
                )
            )  # fmt: skip


def _name(scan: Scan, hit: Hit) -> str:
    """The name that the result of the call is bound to at the top of its file."""
    view = scan.graph.view(hit.site.file)
    bound = (a.target.id for a in view.facts.assigns if a.owner == 0 and a.value == CallRef(hit.site.call) and isinstance(a.target, Name))
    return next(bound, "")
