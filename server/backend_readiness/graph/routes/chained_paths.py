"""Routes that go on at the path of the step before: `app.get("/orders", list).post(create)`."""

from __future__ import annotations

from backend_readiness.facts.model import CallRef, Member
from backend_readiness.graph.routes.scan import Hit, Scan
from backend_readiness.graph.urls import texts
from backend_readiness.graph.values import AV, Const, Site, Text, options
from backend_readiness.graph.views import callee_name

MAX_STEPS = 40


def path_before(scan: Scan, hit: Hit) -> list[str]:
    """The path of the nearest earlier step of the chain that has one; none where the call itself names a path."""
    if _named(scan.value(hit, hit.rule.path)):
        return []
    view = scan.graph.view(hit.site.file)
    call = hit.call
    for _ in range(MAX_STEPS):
        before = call.callee.base if isinstance(call.callee, Member) else None
        if not isinstance(before, CallRef):
            break
        call = view.facts.calls[before.call]
        first = scan.graph.ev.arg_value(Site(view.path, before.call, hit.site.env), 0)
        if callee_name(call) not in hit.rule.verbs:
            break
        if _named(first):
            return texts(scan.graph.ev, first)
    return []


def _named(value: AV | None) -> bool:
    return value is not None and any(isinstance(o, Const | Text) for o in options(value))
