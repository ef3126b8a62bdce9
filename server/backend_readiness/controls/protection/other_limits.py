"""Lines that speak of limits and put none up before the flow: names of limiters, their texts, limits of other routes and services."""

from __future__ import annotations

import re
from collections.abc import Iterable

from backend_readiness.controls.context import Context
from backend_readiness.rules.signs import sign, signs

_DECLARES = tuple(re.compile(p) for p in signs("other_limits", "declares"))
_MEMBER = re.compile(sign("other_limits", "member"))
_LIST = re.compile(sign("other_limits", "list"))
_NAMED_LISTS = frozenset(signs("other_limits", "named_lists"))
_CAUGHT = re.compile(sign("other_limits", "caught"))
MAX_LINES = 300
MAX_ROUTES = 800


def are_of_others(context: Context, hits: Iterable[tuple[str, int, str]]) -> bool:
    """Does each line only name a limiter, or limit other routes, while all that runs before the flow's routes is known?

    A group of a list counts as another's: had the flow's route been of it, its limiter would stand among what runs before the route.
    """
    return bool(context.guards) and all(_declares(context, *h) or _is_of_other_route(context, h[0], h[1]) for h in hits)


def is_caught(context: Context, file: str, line: int) -> bool:
    """Does the line stand where an error of another service is caught that tells of that service's limit?"""
    facts = context.graph.facts.files.get(file)
    lines = context.snapshot.lines(file)
    if facts is None or line > len(lines):
        return False
    if _CAUGHT.search(lines[line - 1][:500]) is not None:
        return True
    around = [b for b in context.view(file).facts.blocks if b.kind == "catch" and b.line <= line <= b.end_line]
    return any(_CAUGHT.search(lines[b.line - 1][:500]) is not None for b in around)


def _declares(context: Context, file: str, line: int, text: str) -> bool:
    if any(p.search(text) is not None for p in _DECLARES):
        return True
    if _MEMBER.search(text) is None:
        return False
    above = context.snapshot.lines(file)[max(0, line - MAX_LINES) : line]
    head = next((m[1] for t in reversed(above) if (m := _LIST.match(t)) is not None), "")
    return head in _NAMED_LISTS


def _is_of_other_route(context: Context, file: str, line: int) -> bool:
    """Does the line belong to the registration of a route with a limiter that is none of the flow's?"""
    lines, head = context.snapshot.lines(file), line
    while head > 1 and lines[head - 1].lstrip().startswith(("->", ".")):  # a further step of the call above
        head -= 1
    mine = [r.route.place for r in context.routes]
    others = [b.route.place for b in context.tracer.routes[:MAX_ROUTES]]
    at = [p for p in others if p.file == file and p.line <= head <= p.end_line]
    return bool(at) and not any(p.file == file and p.line <= head <= p.end_line for p in mine)
