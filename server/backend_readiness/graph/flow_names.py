"""Short readable names for flows: `login`, `create-item`, `delete-user`, `cancel-order`."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from typing import TYPE_CHECKING

from backend_readiness.graph.sentences import vocabulary
from backend_readiness.model import Endpoint

if TYPE_CHECKING:
    from backend_readiness.graph.interface.entries import Entry
    from backend_readiness.graph.routes.routing import BoundRoute

_SPLIT = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
_NOISE = re.compile(r"v\d+|api|rest|rpc|graphql|internal|public")
_LABEL = re.compile(r"'([^'{}<>]{2,40})'")
_PARAM = re.compile(r"\{[^{}]*\}")
_WEIGHT = {"POST": 0, "MUTATION": 0, "PUT": 1, "PATCH": 2, "DELETE": 3}  # what names a flow of several endpoints
_READS = ("GET", "HEAD", "QUERY", "ANY", "WS", "SUBSCRIPTION")
MAX_NAME = 48


class Names:
    """Gives every flow a name of its own."""

    def __init__(self) -> None:
        self._taken: set[str] = set()

    def take(self, routes: Sequence[BoundRoute], entry: str) -> str:
        """The best name that is still free; `entry` is the symbol of the interface, which holds its label."""
        main = min(routes, key=lambda r: _WEIGHT.get(r.route.endpoint.method, 4))
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


def verb_of(method: str) -> str:
    """What a method does by itself: create, update, delete; "" for reads."""
    return _VERBS.get(method, "")


def description(endpoints: Sequence[Endpoint], entry: Entry | None, caller: str = "") -> str:
    """`<button onClick> 'Sign in' at web/Login.tsx:41: POST /login`; `webhook, called by Stripe: POST /webhooks/stripe`."""
    listed = ", ".join(str(e) for e in endpoints)
    if caller:
        return f"webhook, called by {caller}: {listed}"
    return f"{entry.symbol} at {entry.place}: {listed}" if entry is not None else listed


def _labelled(routes: Sequence[BoundRoute], entry: str) -> list[str]:
    """The label of the interface, for a flow of several endpoints: no single one names it.

    One that neither begins with what is done nor names what the paths are about is the text of a field.
    """
    label = _LABEL.search(entry)
    if len(routes) < 2 or label is None:
        return []
    words = kebab(label[1]).split("-")
    about = {_singular(w) for b in routes for w in kebab(_PARAM.sub(" ", b.route.endpoint.path)).split("-")}
    tells = _is_action(words[0]) or any(_singular(w) in about for w in words)
    return ["-".join(words)] if tells and 1 < len(words) <= 4 else []


def _candidates(bound: BoundRoute) -> list[str]:
    """Names for an endpoint, the best first."""
    endpoint = bound.route.endpoint
    handler = kebab(bound.route.handler.symbol.rpartition(".")[2]) if bound.route.handler is not None else ""
    if not endpoint.path.startswith("/"):
        return [kebab(endpoint.path.rpartition("/")[2]) or endpoint.method.lower()]
    segments = [s for s in endpoint.path.split("/") if s and not _NOISE.fullmatch(s)]
    fixed = [f for s in segments if (f := kebab(_PARAM.sub(" ", s)))]
    if not fixed:
        verb = "view" if endpoint.method in _READS else _VERBS.get(endpoint.method, "post")
        names = [f"{verb}-page" if segments else f"{verb}-home", handler]
    else:
        names = [*_from_path(endpoint.method, segments, fixed), handler]
        if endpoint.method == "POST" and names[0].startswith("create-") and handler.count("-") < 2 and _is_action(handler):
            names.insert(0, handler)  # `sign_in` for POST /sessions says more than the path
    return [n[:MAX_NAME].strip("-") for n in names if n and n != "anonymous"]


def _from_path(method: str, segments: list[str], fixed: list[str]) -> list[str]:
    last = fixed[-1]
    parent = next((_singular(f) for f in reversed(fixed[:-1])), "")
    on_one = segments[-1].startswith("{")
    below_one = len(segments) > 1 and segments[-2].startswith("{")
    if method in _READS:
        one = on_one or last == _singular(last)
        noun = _singular(last) if on_one else last
        if _is_action(last):
            return [last, f"view-{last}", f"{parent}-{last}" if parent else ""]
        return [f"{'view' if one else 'list'}-{noun}", f"{'view' if one else 'list'}-{parent}-{noun}" if parent else ""]
    noun = _singular(last)
    if _is_action(last) or (method == "POST" and below_one and last == noun):
        joined = f"{last}-{parent}" if parent and below_one else last
        return [joined if method in ("POST", "ANY") else f"{_VERBS.get(method, 'do')}-{last}", f"{parent}-{last}" if parent else ""]
    above = next((f for f in fixed[:-1] if _is_action(f)), "")
    if method == "POST" and above:
        return [above, f"{above}-{last}"]
    if method == "POST" and on_one:
        return [last, f"create-{noun}"]
    verb = _VERBS.get(method, method.lower())
    return [f"{verb}-{noun}", f"{verb}-{parent}-{noun}" if parent else ""]


def _is_action(word: str) -> bool:
    """Does the segment say what is done (`login`, `reset-password`), and not what it is done to (`orders`)?"""
    first, joined = word.split("-")[0], word.replace("-", "")
    return first in _actions() or joined in _actions()


@cache
def _actions() -> frozenset[str]:
    """Words that only say what is done. Of the vocabulary those that speak for a method: `uploads` is what it is done to."""
    concepts, _, methods = vocabulary()
    meant = {concept for group in methods.values() for concept in group}
    known = {w for concept in meant for w in (concept, concept + "e")} | {word for word, concept in concepts.items() if concept in meant}
    return frozenset(known | _ACTIONS) - _NOUNS


_VERBS = {"POST": "create", "PUT": "update", "PATCH": "update", "DELETE": "delete", "MUTATION": "do"}
DEEDS = "create update delete list view show make"  # what can be done to anything
_NOUNS = {"feed", "all", "view", "index", "find", "like", "heart", "star", "new", "account", "message", "auth", "list", "show"}
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
