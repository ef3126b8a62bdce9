"""Addresses that begin at the page they stand on: `action="Delete"` on `/orders/delete/5` is sent to `/orders/delete/Delete`."""

from __future__ import annotations

import posixpath
import re
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import replace

from backend_readiness.graph.routes.routing import BoundRoute
from backend_readiness.graph.sent.clients import ApiCall
from backend_readiness.graph.sent.path_fits import compared
from backend_readiness.graph.urls import Hole, Piece
from backend_readiness.graph.values import FuncV, UnknownV

_HERE = ((".",), ("./",), ("..",), ("../",))
_NOT_KNOWN: tuple[Piece, ...] = (Hole("page", UnknownV("the page is not known")),)
_NAME = re.compile(r"(?:\.{1,2}/){0,4}[\w-][\w./-]{0,100}(?:[?#].{0,200})?", re.S)


def from_pages(calls: list[ApiCall], pages: Iterable[str], routes: tuple[BoundRoute, ...], *, below: bool = False) -> list[ApiCall]:
    """The requests with their addresses as the pages that show them resolve them, where a route answers these.

    `below`: an address begins at the page's own route, not beside it: `<Form action="delete">` on `/orders/5` is `/orders/5/delete`.
    """
    own = tuple(dict.fromkeys(pages))
    if not own:
        return calls
    at = _below if below else beside
    return [replace(c, urls=tuple(u for url in c.urls for u in _resolved(c.method, url, own, routes, at))) for c in calls]


def placed_here(calls: list[ApiCall]) -> list[ApiCall]:
    """The requests of a form to the folder of its own page (`action="./"`), where nothing that shows the page gave them an address: that
    is not known."""
    return [replace(c, urls=tuple(_NOT_KNOWN if u in _HERE else u for u in c.urls)) for c in calls]


def _resolved(
    method: str, url: tuple[Piece, ...], pages: tuple[str, ...], routes: tuple[BoundRoute, ...], at: Callable[[str, str], str]
) -> list[tuple[Piece, ...]]:
    first = url[0] if len(url) == 1 else None
    if not isinstance(first, str) or not _NAME.fullmatch(first):
        return [url]
    found = Counter(at(page, first) for page in pages)
    answered = {text: count for text, count in found.items() if _is_answered(method, text, routes)}
    # What most pages mean; a few others show the same when something failed.
    return [(text,) for text, count in answered.items() if 2 * count > max(answered.values())] or [url]


def _below(page: str, url: str) -> str:
    return posixpath.normpath(posixpath.join(page, url))


def _is_answered(method: str, address: str, routes: tuple[BoundRoute, ...]) -> bool:
    asked = _segments(re.split(r"[?#]", address, maxsplit=1)[0])
    answering = (b for b in routes if b.route.endpoint.method in (method, "ANY"))
    return any(compared(b, asked, _segments(b.route.endpoint.path)) is not None for b in answering)


def _segments(path: str) -> tuple[str, ...]:
    return tuple(re.sub(r"\{[^{}]*\}", "{}", path).strip("/").split("/"))


def is_script(bound: BoundRoute) -> bool:
    """Is the handler a whole file?"""
    return isinstance(bound.handler, FuncV) and bound.handler.symbol.index == 0


def beside(page: str, url: str) -> str:
    """A link of a page to another one: `save.php` on `/orders/edit.php` is `/orders/save.php`."""
    if url.startswith(("/", "#", "?")) or ":" in url.partition("/")[0] or not url:
        return url
    return posixpath.normpath(posixpath.join(posixpath.dirname(page), url))
