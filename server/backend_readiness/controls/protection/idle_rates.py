"""Limits that are so high that they stop nobody."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator

from backend_readiness.controls.context import Context
from backend_readiness.controls.expressions import written
from backend_readiness.facts.model import Call, Lit, Op, Record, Value
from backend_readiness.graph.routes.routing import Guard
from backend_readiness.graph.values import AV, Const, Ext, options
from backend_readiness.model import Evidence
from backend_readiness.rules.signs import sign, signs, signs_by

# Requests of one client in a second that no client sends by itself: what lets so many pass stops nobody.
ENOUGH_FOR_ANYBODY = 500
_RATE = re.compile(sign("idle_rates", "rate"))
_NAMED_RATE = re.compile(sign("idle_rates", "named_rate"))
_ENDLESS = re.compile(sign("idle_rates", "endless"))
_COUNTS = signs("idle_rates", "counts")
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
_WINDOWS = {name: float(unit) for unit, names in signs_by("idle_rates", "windows").items() for name in names}
_USUAL_WINDOW_S = 60.0
_MAX_STEPS = 8
_MAX_LINES = 40
_MAX_SHOWN = 8


def stops_nobody(context: Context, guard: Guard) -> Evidence | None:
    """Where a limiter was made that lets more pass than any client sends; None where one of its limits is low, or none was read."""
    current: AV | None = next((o for o in options(guard.value) if isinstance(o, Ext)), None)
    rates: list[float] = []
    at: Evidence | None = None
    for _ in range(_MAX_STEPS):
        if not isinstance(current, Ext):
            break
        if current.site is not None:
            call = context.view(current.site.file).facts.calls[current.site.call]
            found = list(_rates(context, current.site.file, call))
            rates += found
            at = at or (context.at(current.site.file, call.line, min(call.end_line, call.line + _MAX_SHOWN)) if found else None)
        current = current.base
    return at if rates and min(rates) >= ENOUGH_FOR_ANYBODY else None


def named_rates_stop_nobody(context: Context, beside: Evidence) -> Evidence | None:
    """The same of settings that give each kind of client its rate (`"anon": "60/min"`) in the lines below the one that is named."""
    lines = context.snapshot.lines(beside.file or "")
    found = [(n, _per_second(m)) for n, t in enumerate(lines, 1) for m in _NAMED_RATE.finditer(t[:500])]
    return context.at(beside.file or "", found[0][0]) if found and min(r for _, r in found) >= ENOUGH_FOR_ANYBODY else None


def _rates(context: Context, file: str, call: Call) -> Iterator[float]:
    text = "\n".join(context.snapshot.lines(file)[call.line - 1 : min(call.end_line, call.line + _MAX_LINES)])
    yield from (_per_second(m) for m in _RATE.finditer(text))
    given = {a.name: a.value for a in call.args if a.name}
    for arg in call.args[:2]:
        if isinstance(arg.value, Record):
            given.update({k: v for k, v in arg.value.items if k is not None})
    count = next((n for k in _COUNTS if k in given and (n := _number(context, given[k], file, call.owner)) is not None), None)
    if count is None or count <= 0:
        return
    window = next((n * _WINDOWS[k] for k in _WINDOWS if k in given and (n := _number(context, given[k], file, call.owner))), None)
    if window is not None or math.isinf(count) or not any(k in given for k in _WINDOWS):
        yield count / (window or _USUAL_WINDOW_S)


def _per_second(match: re.Match[str]) -> float:
    number, several, unit = match.group("count"), match.group("several"), match.group("unit")
    return float(number.replace("_", "")) / (float(several or 1) * _SECONDS[unit[0].lower()] or 1)


def _number(context: Context, value: Value, file: str, owner: int) -> float | None:
    if isinstance(value, Lit):
        return float(value.value) if isinstance(value.value, int | float) else None
    if isinstance(value, Op) and value.op == "*":
        parts = [_number(context, o, file, owner) for o in value.operands]
        return math.prod(p for p in parts if p is not None) if None not in parts else None
    if _ENDLESS.search(written(value)) is not None:
        return math.inf
    known = [o for o in options(context.graph.ev.value(value, file, owner)) if isinstance(o, Const)]
    numbers = [float(o.value) for o in known if isinstance(o.value, int | float)]
    return numbers[0] if len(numbers) == 1 else None
