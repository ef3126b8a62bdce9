"""Whether pages of the repository speak of a route of the flow though no call of theirs was found to reach it.

A page that nothing is known to call from proves that the flow has no page only where the pages were read and none of them names the route.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from backend_readiness.controls.places import is_test
from backend_readiness.graph.families import are_kin
from backend_readiness.graph.urls import shape
from backend_readiness.model import Evidence
from backend_readiness.rules.signs import signs

if TYPE_CHECKING:
    from backend_readiness.controls.context import Context

_PAGES = signs("page_mentions", "pages")
_SCRIPTS = signs("page_mentions", "scripts")
_UNREAD = signs("page_mentions", "unread")
_CLIENTS = signs("page_mentions", "clients")
_EVERYWHERE = frozenset(signs("page_mentions", "everywhere"))
_OF_MAIL = re.compile(r"(?i)mail")
MIN_WORD = 4


def page_mention(context: Context) -> Evidence | None:
    """A line of a page that names a route of the flow, or a template of a form that is not read; None where there is neither."""
    for bound in context.routes:
        endpoint = bound.route.endpoint
        named = [w for w in shape(endpoint.path) if "{" not in w and w.lower() not in _EVERYWHERE and len(w) >= MIN_WORD]
        words = named[-1:] if endpoint.path.startswith("/") else [endpoint.path.rpartition("/")[2]]
        for word in words:
            one = re.escape(word.lower().removesuffix("es") if word.endswith("sses") else word.removesuffix("s"))
            spelt = re.sub(r"(?:\\-|_)", "[-_]?", re.escape(word))  # `bulk-delete` is `bulkDelete` where a page gives it a name
            forms = rf"(?i)\bform_(with|for)\b.*\b{one}s?\b"  # a form of a record says nothing of its address
            found = context.hits((rf"(?i)(['\"`/]{re.escape(word)}\b|\b{spelt}\()", forms), _PAGES + _SCRIPTS)
            place = bound.route.place.file
            for file, line, _ in found:
                if file != place and not is_test(file) and (not file.endswith((".js", ".ts", ".mjs")) or _is_of_pages(context, file)):
                    return context.at(file, line)
    unread = (f for f in context.snapshot.glob(*_UNREAD) if not is_test(f) and _OF_MAIL.search(f) is None)
    return unread_page(context) or next((context.at(f, 1) for f in unread), None)


def _is_of_pages(context: Context, file: str) -> bool:
    """Is a script no code of the backend: in another folder, or in a language that the backend is not written in?"""
    return not context.is_backend(file) or not are_kin(context.language, "javascript")


def unread_page(context: Context) -> Evidence | None:
    """The line of a page or a client, in a language that is not read, which names a route of the flow."""
    ends = [next((w for w in reversed(shape(r.route.endpoint.path)) if "{" not in w), "") for r in context.routes]
    words = [w for w in ends if len(w) >= MIN_WORD and w.lower() not in _EVERYWHERE]
    named = context.hits((rf"['\"`/](?:{'|'.join(map(re.escape, words))})\b",), _UNREAD + _CLIENTS) if words else []
    for file, line, _ in named:
        if not is_test(file) and _OF_MAIL.search(file) is None:
            return context.at(file, line)
    return None
