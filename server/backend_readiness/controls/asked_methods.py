"""By which HTTP methods a flow is asked for, also where its route answers any, or names an operation and no method."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from backend_readiness.controls.context import Context

ANY = "ANY"
RPC = "RPC"
# Operations whose first word says that they only read: `ListOrders`, `batch_get_orders`, not `Checkout` or `IssueToken`.
_READS = re.compile(
    r"(?:[Bb]atch_?)?(?:[Gg]et|[Ll]ist|[Rr]ead|[Ff]ind|[Ss]earch|[Ff]etch|[Qq]uery|[Cc]ount|[Cc]heck|[Ww]atch|[Ss]tream|[Ss]ubscribe|[Ss]how"
    r"|[Vv]iew|[Ll]ook_?[Uu]p|[Dd]escribe|[Hh]as|[Ii]s|[Ee]xists?|[Pp]ing|[Hh]ealth)(?![a-z])"
)


def asked_methods(context: Context) -> frozenset[str]:
    """The methods of the flow's routes.

    A route that takes any method is asked for as the flow names it, or as the pages of the repository call it.
    Where neither says, `ANY` stays, with `POST` beside it when the flow changes data: a form sends it.
    Beside `RPC` stands `POST` for an operation that writes, or whose name does not say that it reads, else `QUERY`; beside `MUTATION`
    stands `POST`.
    """
    own = frozenset(r.route.endpoint.method for r in context.routes)
    if "MUTATION" in own:
        own |= {"POST"}
    if RPC in own:
        names = [r.route.endpoint.path.rpartition("/")[2] for r in context.routes if r.route.endpoint.method == RPC]
        own |= {"QUERY"} if not context.writes and all(_READS.match(n) for n in names) else {"POST"}
    if ANY not in own:
        return own
    paths = {r.route.endpoint.path for r in context.routes if r.route.endpoint.method == ANY}
    named = set(context.flow.methods) or {m.call.method for m in context.matches if m.route.route.endpoint.path in paths}
    named -= {ANY}
    if named:
        return (own - {ANY}) | named
    return own | {"POST"} if context.writes else own
