"""How tests ask for a route by a name that a framework makes from its path: `articles_path`, `route('orders.store')`."""

from __future__ import annotations

import re

from backend_readiness.controls.context import Context
from backend_readiness.graph.routes.routing import BoundRoute
from backend_readiness.graph.urls import shape


def named_calls(context: Context, bound: BoundRoute, action: str, tests: list[str]) -> list[tuple[str, int]]:
    """Tests that ask for the route by the name of its resource and action: `postJson(route('orders.store'))`."""
    last = next((s for s in reversed(shape(bound.route.endpoint.path)) if "{" not in s), "")
    if not last or not action.isidentifier():
        return []
    asked = re.compile(
        rf"(?i)\b{bound.route.endpoint.method}(?:Json)?\b.*\broute\(\s*['\"](?:[\w.-]+\.)?{re.escape(last)}\.{re.escape(action)}['\"]"
    )
    found = []
    for path in tests:
        if "route(" in context.snapshot.text(path):
            number = next((n for n, t in enumerate(context.snapshot.lines(path), 1) if asked.search(t[:2_000]) is not None), None)
            found += [(path, number)] if number is not None else []
    return found


def path_helpers(bound: BoundRoute) -> tuple[str, ...]:
    """Names that Rails gives to the path: `/articles/{}` is `article`, `/api/users/login` is `api_users_login`."""
    segments = list(shape(bound.route.endpoint.path))
    words: list[str] = []
    for index, word in enumerate(segments):
        if "{" not in word:
            one = index + 1 < len(segments) and "{" in segments[index + 1]
            words.append((re.sub(r"ies$", "y", word) if word.endswith("ies") else word.removesuffix("s")) if one else word)
    return ("_".join(words).replace("-", "_") or "root",)
