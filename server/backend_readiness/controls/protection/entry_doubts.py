"""Flows that speak of letting somebody in where their address does not say so plainly: `POST /auth/ldap`, `GET /oauth/callback`.

That a flow lets nobody in is known of one that a guard stands before, and of one that speaks of nothing of the kind. The other way round,
an address that only has such a word in it (`/add-session`, `/reset-all-users`) does not make a flow one of people who are not signed in.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

from backend_readiness.controls.callees import chain_text
from backend_readiness.controls.context import Context
from backend_readiness.controls.kept import once
from backend_readiness.controls.protection.identity import identity_of
from backend_readiness.controls.subjects import Subject
from backend_readiness.model import Evidence
from backend_readiness.rules.signs import sign

_WORDS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
_ENTRY = re.compile(sign("entry_doubts", "entry"))
_OUT = re.compile(sign("entry_doubts", "out"))
_CALLS = re.compile(sign("entry_doubts", "calls"))
_BACK = re.compile(sign("entry_doubts", "back"))
_LETS_IN = re.compile(sign("entry_doubts", "lets_in"))
_VOCABULARY = frozenset(sign("entry_doubts", "vocabulary").split())
_ENDS = ("controller", "handler", "resource", "view", "endpoint", "route", "router", "routes", "page", "action")
STEPS = 3


def doubt_of_entry(context: Context) -> tuple[str, tuple[Evidence, ...]] | None:
    """Why it is not known that the flow lets nobody in and checks nothing that somebody brings; None where that is plain."""
    return once(context, _doubt)


def _doubt(context: Context) -> tuple[str, tuple[Evidence, ...]] | None:
    subject = Subject(context)
    signed = context.chain_role("session_login") if subject.changes and not subject.reset else []
    if signed:
        why = "The flow signs somebody in beside what it does; how it lets them in was not followed."
        return why, (context.at_call(signed[0]), context.at_route())
    if not subject.changes or subject.reset or identity_of(context).refusal_before() is not None:
        return None
    said = list(_said(context))
    if any(_OUT.match(w) for w in said):
        return None
    word = next((w for w in said if _ENTRY.match(w)), None)
    called = next((context.at(f, n) for f, n, t in chain_text(context) if _CALLS.search(t[:500]) is not None), None)
    if word is None and (called is None or identity_of(context).refusal() is not None):
        return None  # what checks a credential there is what refuses those without
    what = f"The flow speaks of `{word}`" if word is not None else "The flow calls what lets people in"
    why = f"{what}, and nothing stands before it; what it lets in or checks was not found."
    return why, (context.at_route(), *([called] if called is not None else []))


def comes_back(context: Context) -> tuple[str, tuple[Evidence, ...]] | None:
    """A link to which another party sends people back, and whose handler signs them in: why, and where."""
    return once(context, _come_back)


def _come_back(context: Context) -> tuple[str, tuple[Evidence, ...]] | None:
    if Subject(context).changes or not any(_BACK.match(w) for w in _said(context)):
        return None
    if identity_of(context).refusal_before() is not None:
        return None
    noted = next((context.at(f, n) for f, n, t in chain_text(context) if _LETS_IN.search(t[:500]) is not None), None)
    if noted is None:
        return None
    return "Another party sends people back to this address, and the flow signs them in.", (noted, context.at_route())


def _said(context: Context) -> Iterator[str]:
    """The words of the last steps of the addresses, and of the names of the handlers with their classes."""
    for route in context.routes:
        steps = [s for s in route.route.endpoint.path.split("/") if s and not s.startswith("{")]
        for step in steps[-STEPS:]:
            yield from _words(step)
    for handler in context.handlers:
        yield from (w for w in _words(handler.symbol) if w not in _ENDS)


def _words(text: str) -> list[str]:
    parts = [w.lower() for w in _WORDS.findall(text)]
    joined = [a + b for a, b in pairwise(parts) if a in ("log", "sign")]
    return [*parts, *joined]


def is_loosely_named(context: Context) -> bool:
    """Has the address of a flow that is taken for an entry other words in it than those of entries: `add-session`, `reset-all-users`?

    What a handler does says it plainly: one that trades the code of an identity provider for a token lets somebody in.
    """
    if Subject(context).trades_code:
        return False
    for route in context.routes:
        steps = [s for s in route.route.endpoint.path.split("/") if s and not s.startswith("{")]
        if steps and not all(w in _VOCABULARY for w in _words(steps[-1].partition(".")[0])):
            return True
    return False
