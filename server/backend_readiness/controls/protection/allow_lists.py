"""What keeps unknown fields out of a body before the handler: a schema that refuses them, or takes them off."""

from __future__ import annotations

import re

from backend_readiness.controls.context import Context
from backend_readiness.controls.judgement import Judgement, passed, unverified
from backend_readiness.graph.values import SymbolId
from backend_readiness.model import Evidence


def allow_list(context: Context) -> Judgement | None:
    """What keeps unknown fields out of a body that is stored as a whole: a schema before the handler."""
    if context.routes and all("body" in r.registration.checked for r in context.routes):
        strict = context.hits((r"removeAdditional['\"]?\s*:\s*['\"]all['\"]",))
        if strict:
            return passed("The schema of the route lists the fields of the body; others are removed.", context.at(*strict[0][:2]))
        return unverified(
            "A schema describes the body; whether it keeps other fields out was not settled.", context.at_route("the schema of the route")
        )
    for guard in context.guards:
        for function in context.roles.functions(guard.value):
            stripped = _strips(context, function.symbol)
            if stripped is not None:
                return passed("A schema before the handler takes the fields off the body that it does not list.", stripped)
            checks = context.roles.in_function(function.symbol, "refuses_unknown_fields", depth=1)
            if not checks:
                continue
            own = {function.symbol.file, *(r.route.place.file for r in context.routes)}
            hits = context.hits((r"allowUnknown['\"]?\s*:\s*true|\.unknown\(\s*(true)?\s*\)",))
            loose = [h for h in hits if h[0] in own or re.search(r"(?i)valid|schema|dto", h[0])]
            if loose:
                return unverified("A schema is checked before the handler, and unknown fields may pass it.", context.at(*loose[0][:2]))
            return passed("A schema before the handler refuses fields that it does not list.", context.at_call(checks[0]))
    return None


def _strips(context: Context, where: SymbolId) -> Evidence | None:
    """Where a function puts what a schema has left of the body in its place: `{ stripUnknown: true }`, then `req.body = value`."""
    symbol = context.view(where.file).symbol(where.index)
    lines = context.snapshot.lines(where.file)[symbol.line - 1 : min(symbol.end_line, symbol.line + 60)]
    if not any(re.search(r"\bstripUnknown['\"]?\s*:\s*true", t) for t in lines):
        return None
    return next(
        (context.at(where.file, symbol.line + n) for n, t in enumerate(lines) if re.search(r"\breq(uest)?\.body\s*=(?!=)", t)), None
    )
