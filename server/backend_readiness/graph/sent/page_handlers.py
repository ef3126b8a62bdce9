"""Which of several handlers of one page a call means: by the name that it gives, or by the part of its query that says so."""

from __future__ import annotations

import re

from backend_readiness.graph.routes.routing import BoundRoute
from backend_readiness.graph.sent.clients import ApiCall


def is_other(call: ApiCall, route: BoundRoute) -> bool:
    """Of several handlers of one path: is this not the one that the call names, or one with a name when it names none?"""
    name = route.registration.name.lower()
    if call.means:
        return name != call.means.lower()
    slot = str(route.registration.rule.options.get("slot", ""))
    asked = _asked(call, slot) if slot else ""
    return name.partition("?")[2] != asked if asked else "?" in name


def _asked(call: ApiCall, slot: str) -> str:
    """The value of the parameter `slot` in the query of a call: `/Orders?handler=Delete&id=`."""
    for url in call.urls:
        found = re.search(rf"[?&]{re.escape(slot)}=(\w{{1,80}})", "".join(p for p in url if isinstance(p, str)), re.IGNORECASE)
        if found is not None:
            return found.group(1).lower()
    return ""


def without_root(route: BoundRoute, segments: tuple[str, ...]) -> tuple[str, ...]:
    """The segments of a call without the name of the page that answers for its folder: `/orders/index` is `/orders`."""
    root = str(route.registration.rule.options.get("root", ""))
    return segments[:-1] if root and segments and segments[-1].lower() == root.lower() else segments
