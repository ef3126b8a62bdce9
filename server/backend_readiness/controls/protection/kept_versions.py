"""Models whose every change a package records, by a call in the body of their class: `has_paper_trail`, `audited`."""

from __future__ import annotations

import re

from backend_readiness.controls.context import Context
from backend_readiness.model import Evidence
from backend_readiness.rules.signs import sign, signs

_ONLY = re.compile(sign("kept_versions", "only"))
_ACTOR = signs("kept_versions", "actor")
_OPERATIONS = {"POST": "create", "PUT": "update", "PATCH": "update", "DELETE": "destroy"}


def kept_versions(context: Context) -> tuple[Evidence, Evidence | None] | None:
    """The call in the class of a record that the flow changes, and what tells the package who acted; None where no change is recorded."""
    written = {e.target for e, _ in context.effects if e.operation in ("write", "delete")}
    wanted = {_OPERATIONS.get(r.route.endpoint.method, "") for r in context.routes}
    for call in context.roles.calls("audit_log"):
        view = context.view(call.file)
        holder = view.holder(call.call.owner)
        if holder is None or view.symbol(holder).name.rpartition("::")[2] not in written:
            continue
        text = " ".join(context.snapshot.lines(call.file)[call.call.line - 1 : call.call.end_line])
        only = _ONLY.search(text)
        if only is not None and not any(w and re.search(rf"\b{w}\b", only.group(0)) for w in wanted):
            continue
        actor = context.hits(_ACTOR)
        return context.at_call(call), context.at(*actor[0][:2]) if actor else None
    return None
