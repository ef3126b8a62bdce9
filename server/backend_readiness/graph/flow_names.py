"""Short readable names for flows: `login`, `create-item`, `delete-user`, `cancel-order`."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from backend_readiness.graph.search import stem, vocabulary
from backend_readiness.model import Endpoint, Place

if TYPE_CHECKING:
    from backend_readiness.graph.routing import BoundRoute

_SPLIT = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
_NOISE = re.compile(r"v\d+|api|rest|rpc|graphql|internal|public")
_LABEL = re.compile(r"'([^'{}<>]{2,40})'")
_PARAM = re.compile(r"\{[^{}]*\}")
_READS = ("GET", "HEAD", "QUERY", "ANY", "WS", "SUBSCRIPTION")
MAX_NAME = 48


class Names:
    """Gives every flow a name of its own."""

    def __init__(self) -> None:
        self._taken: set[str] = set()

    def take(self, routes: Sequence[BoundRoute], entry: str) -> str:
        """The best name that is still free; `entry` is the symbol of the interface, which holds its label."""
        main = next((r for r in routes if r.route.endpoint.method not in _READS), routes[0])
        for name in (*_labelled(routes, entry), *_candidates(main)):
            if name and name not in self._taken:
                self._taken.add(name)
                return name
        base = next(iter(_candidates(main)))
        number = 2
        while f"{base}-{number}" in self._taken:
            number += 1
        self._taken.add(f"{base}-{number}")
        return f"{base}-{number}"


def kebab(text: str) -> str:
    """`Sign in`, `createItem`, `create_item` as `sign-in`, `create-item`, `create-item`."""
    return "-".join(w.lower() for w in _SPLIT.findall(text))[:MAX_NAME].strip("-")


def description(endpoints: Sequence[Endpoint], entry: str, place: Place | None) -> str:
    """`<button onClick> 'Sign in' at web/Login.tsx:41: POST /login`."""
    listed = ", ".join(str(e) for e in endpoints)
    return f"{entry or 'interface'} at {place}: {listed}" if place is not None else listed


def _labelled(routes: Sequence[BoundRoute], entry: str) -> list[str]:
    """The label of the interface, for a flow of several endpoints: no single one names it."""
    label = _LABEL.search(entry)
    if len(routes) < 2 or label is None:
        return []
    words = kebab(label[1]).split("-")
    return ["-".join(words)] if 1 < len(words) <= 4 else []


def _candidates(bound: BoundRoute) -> list[str]:
    """Names for an endpoint, the shortest first."""
    endpoint = bound.route.endpoint
    if not endpoint.path.startswith("/"):
        return [kebab(endpoint.path.rpartition("/")[2]) or endpoint.method.lower()]
    segments = [s for s in endpoint.path.split("/") if s and not _NOISE.fullmatch(s)]
    fixed = [kebab(_PARAM.sub(" ", s)) for s in segments if _PARAM.sub("", s)]
    handler = kebab(bound.route.handler.symbol.rpartition(".")[2]) if bound.route.handler is not None else ""
    if not fixed:
        return [n for n in (handler, f"{_verb(endpoint.method, one=False)}-root") if n and n != "anonymous"]
    last = fixed[-1]
    on_one = segments[-1].startswith("{")
    below = len(segments) > 1 and segments[-2].startswith("{")
    parent = next((_singular(f) for f in reversed(fixed[:-1])), "")
    if _is_action(last, endpoint.method, below):
        names = [last if not parent or not below else f"{last}-{parent}", f"{parent}-{last}" if parent else ""]
    else:
        noun = last if endpoint.method in _READS and not on_one else _singular(last)
        one = on_one or endpoint.method not in _READS or noun == _singular(noun)
        verb = _verb(endpoint.method, one=one, on_one=on_one)
        names = [f"{verb}-{noun}", f"{verb}-{parent}-{noun}" if parent else ""]
    return [n[:MAX_NAME] for n in (*names, handler) if n and n != "anonymous"]


def _verb(method: str, *, one: bool, on_one: bool = False) -> str:
    if method in ("POST", "MUTATION"):
        return "post-to" if on_one else "create"
    known = {"PUT": "update", "PATCH": "update", "DELETE": "delete", "WS": "connect"}
    return known.get(method, "view" if one else "list")


def _is_action(word: str, method: str, below: bool) -> bool:
    """Does the segment say what is done (`login`, `/{id}/cancel`), and not what it is done to?"""
    concepts, _, methods = vocabulary()
    known = {w for group in methods.values() for w in group}
    first = word.split("-")[0]
    joined = word.replace("-", "")
    if any(concepts.get(stem(w), stem(w)) in known for w in (first, joined)) or joined in _ACTIONS:
        return not (method in _READS and word != _singular(word))
    return below and method == "POST" and word == _singular(word)


_ACTIONS = {
    "signup",
    "register",
    "logout",
    "signout",
    "checkout",
    "health",
    "refresh",
    "reset",
    "verify",
    "webhook",
    "subscribe",
    "callback",
}


def _singular(word: str) -> str:
    head, dash, last = word.rpartition("-")
    if len(last) > 3:
        if last.endswith("ies"):
            last = last[:-3] + "y"
        elif last.endswith(("sses", "xes", "ches", "shes")):
            last = last[:-2]
        elif last.endswith("s") and not last.endswith(("ss", "us", "is")):
            last = last[:-1]
    return head + dash + last
