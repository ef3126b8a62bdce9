"""By which HTTP methods a flow is asked for, also where its route answers any."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from backend_readiness.controls.context import Context

ANY = "ANY"


def asked_methods(context: Context) -> frozenset[str]:
    """The methods of the flow's routes.

    A route that takes any method is asked for as the flow names it, or as the pages of the repository call it.
    Where neither says, `ANY` stays, with `POST` beside it when the flow changes data: a form sends it.
    """
    own = frozenset(r.route.endpoint.method for r in context.routes)
    if ANY not in own:
        return own
    paths = {r.route.endpoint.path for r in context.routes if r.route.endpoint.method == ANY}
    named = set(context.flow.methods) or {m.call.method for m in context.matches if m.route.route.endpoint.path in paths}
    named -= {ANY}
    if named:
        return (own - {ANY}) | named
    return own | {"POST"} if context.writes else own
