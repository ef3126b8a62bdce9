"""How many requests a limiter lets pass: a number that no client reaches limits nobody."""

from __future__ import annotations

import re

from backend_readiness.controls.context import Context
from backend_readiness.graph.routes.routing import Guard
from backend_readiness.graph.values import AV, Ext, options
from backend_readiness.model import Evidence
from backend_readiness.rules.signs import sign

_NONE = re.compile(sign("limit_rates", "none"))
_COUNTS = re.compile(sign("limit_rates", "counts"))
_QUOTIENT = re.compile(sign("limit_rates", "quotient"))
_OTHER = re.compile(sign("limit_rates", "other"))
_NAMED = re.compile(sign("limit_rates", "named"))
_GOES_BY_NAME = re.compile(sign("limit_rates", "goes_by_name"))
_DEFINED = sign("limit_rates", "defined")
ABOVE_ALL = 100_000
BODY = 8  # lines behind the head of a definition


def limits_nobody(context: Context, guard: Guard) -> Evidence | None:
    """The line that gives a limiter its number, where no client reaches it."""
    place = guard.place
    spans = [(place.file, place.line, place.end_line or place.line)]
    for option in options(guard.value):
        current: AV | None = option
        while isinstance(current, Ext):
            if current.site is not None:
                call = context.view(current.site.file).facts.calls[current.site.call]
                spans.append((current.site.file, call.line, call.end_line))
            current = current.base
    named = (_NAMED.search(t) for t in context.snapshot.lines(place.file)[place.line - 1 : (place.end_line or place.line)])
    names = list(dict.fromkeys(m[2] for m in named if m is not None)) or _only_name(context, guard)
    for name in names:
        hits = context.hits((_DEFINED.replace("{name}", re.escape(name)),))
        spans += [(file, number, number + BODY) for file, number, _ in hits[:1]]
    for file, first, last in dict.fromkeys(spans):
        for number, text in enumerate(context.snapshot.lines(file)[first - 1 : min(last, first + BODY)], first):
            if looks_boundless(text[:500]):
                return context.at(file, number)
    return None


def _only_name(context: Context, guard: Guard) -> list[str]:
    """The name that a limiter goes by where it is put into a group of guards, when the backend speaks of one only."""
    if not any(isinstance(o, Ext) and _GOES_BY_NAME.search(o.path) for o in options(guard.value)):
        return []
    found = {m[2] for _, _, t in context.hits((sign("limit_rates", "named"),)) for m in _NAMED.finditer(t[:500])}
    return sorted(found) if len(found) == 1 else []


def looks_boundless(text: str) -> bool:
    """Does a line of a limiter say that it lets everything pass, or more than any client sends?"""
    if _NONE.search(text) is not None:
        return True
    found = _QUOTIENT.search(text) or (_COUNTS.search(text) if _OTHER.search(text) is None else None)
    return found is not None and int(found["number"].replace("_", "") or 0) >= ABOVE_ALL
