"""Cookies that a function of a page writes for whoever calls it: `setCookie("token", token)`, where `document.cookie` gets any name."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from backend_readiness.controls.places import is_test
from backend_readiness.rules.signs import sign, signs

if TYPE_CHECKING:
    from backend_readiness.controls.context import Context
    from backend_readiness.model import Evidence

_WRITES = signs("script_cookies", "writes")
_PAGES = signs("script_cookies", "pages")
_TOKEN = sign("script_cookies", "token")
MAX_FUNCTIONS = 4


def token_by_script(context: Context) -> Evidence | None:
    """The call that gives such a function a token or session by its name."""
    writers: dict[str, None] = {}
    for file, line, _ in context.hits(_WRITES, _PAGES):
        if is_test(file) or context.is_apart(file) or not context.graph.has(file):
            continue
        around = [
            s for s in context.view(file).facts.symbols if s.name and s.line <= line <= s.end_line and s.kind in ("function", "method")
        ]
        if around:
            writers.setdefault(max(around, key=lambda s: s.line).name)
    for name in list(writers)[:MAX_FUNCTIONS]:
        called = context.hits((rf"\b{re.escape(name)}\(\s*['\"`][^'\"`]{{0,60}}{_TOKEN}",), _PAGES)
        found = next((h for h in called if not is_test(h[0])), None)
        if found is not None:
            return context.at(*found[:2])
    return None
