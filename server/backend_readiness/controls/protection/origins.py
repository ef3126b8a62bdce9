"""Patterns of origins, and which hosts they let in that nobody can have meant."""

from __future__ import annotations

import re

import regex

from backend_readiness.controls.callees import Found, constants
from backend_readiness.graph.values import AV, Obj, options

_STRANGERS = ("https://a.example", "https://qx7.stranger.test")
# Names of hosts in a pattern, their points escaped or not.
_HOSTS = re.compile(r"(?<![\w.])((?:[\w-]+\\?\.){1,3}(?:com|net|org|io|app|dev|co|example|test))\b")


def of_resources(found: Found, value: AV | None, keys: tuple[str, ...]) -> list[object] | None:
    """The origins that a table of resources gives (`{r"/api/*": {"origins": "*"}}`), `*` for one that names none; None when not read."""
    tables = list(options(value)) if value is not None else []
    said: list[object] = []
    for table in tables:
        if not isinstance(table, Obj) or table.spreads or not table.fields:
            return None
        for thunk in table.fields.values():
            inner = found.context.graph.ev.thunk(thunk)
            if not isinstance(inner, Obj) or inner.spreads:
                return None
            given = [constants(found.context, found.context.graph.ev.thunk(inner.fields[k])) for k in keys if k in inner.fields]
            if any(not g for g in given):
                return None
            said.extend(given[0] if given else ["*"])
    return said or None


def matches_any(pattern: object) -> bool:
    """Does the pattern match origins that nobody can have meant?"""
    if not isinstance(pattern, str) or len(pattern) > 300:
        return False
    try:
        written = regex.compile(pattern)
        return all(written.fullmatch(o, timeout=0.05) is not None for o in _STRANGERS)
    except (regex.error, TimeoutError):
        return False


def matches_lookalikes(pattern: object) -> bool:
    """Does a host that only begins or ends like one that the pattern names match it too: a point that is not escaped, no anchor?"""
    if not isinstance(pattern, str) or len(pattern) > 300:
        return False
    hosts = [h.replace("\\", "") for h in _HOSTS.findall(pattern)]
    alike = [o for h in hosts[:6] for o in (f"https://stranger{h}", f"https://{h}.stranger.test")]
    try:
        written = regex.compile(pattern)
        return any(written.fullmatch(o, timeout=0.05) is not None for o in alike)
    except (regex.error, TimeoutError):
        return False
