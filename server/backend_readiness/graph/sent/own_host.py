"""Addresses that begin with the host of the page itself: `location.protocol + "//" + location.host + location.pathname + "api/orders"`."""

from __future__ import annotations

import re

from backend_readiness.graph.urls import Hole, Piece
from backend_readiness.graph.values import Ext

_PARTS = {"protocol", "host", "hostname", "port", "origin", "pathname"}
_BETWEEN = re.compile(r":?(?://)?|:")
_ABOVE = re.compile(r"(?:\.\.?/)+")


def without_own_host(url: tuple[Piece, ...]) -> tuple[list[Piece], bool]:
    """The pieces behind the host of the page and its own path, and whether there were any in front. One part alone stays as it is."""
    parts: list[str] = []
    rest = list(url)
    while rest:
        first = rest[0]
        if isinstance(first, Hole) and _is_own(first):
            parts.append(first.name)
        elif not (isinstance(first, str) and parts and _BETWEEN.fullmatch(first)):
            break
        rest.pop(0)
    if len(parts) < 2 or not rest:
        return list(url), False
    if isinstance(rest[0], str) and not rest[0].startswith("/"):
        rest[0] = f"/{rest[0]}"
    return rest, True


def _is_own(hole: Hole) -> bool:
    """Is it a part of the address of the page (`window.location.host`)?"""
    steps = hole.value.path.lstrip("~?").split(".") if isinstance(hole.value, Ext) else []
    return len(steps) > 1 and steps[-1] in _PARTS and steps[-2] == "location"


def without_dots(text: str) -> tuple[str, bool]:
    """A path beside or above the page (`./orders`, `../orders`) without its dots, and whether it leaves the folder of the page."""
    found = _ABOVE.match(text)
    return (text[found.end() :], ".." in found.group()) if found is not None else (text, False)


def without_fragment(text: str) -> str:
    """An address without what its page keeps to itself; empty where that is a route of the page (`index.html#/orders/1`)."""
    path, mark, kept = text.partition("#")
    return "" if mark and kept.startswith(("/", "!/")) else path
