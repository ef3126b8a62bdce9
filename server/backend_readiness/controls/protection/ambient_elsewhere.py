"""Credentials that browsers send by themselves, beside the flow: the basic scheme, the cookie of a token, a guard without code."""

from __future__ import annotations

import re

from backend_readiness.controls.callees import chain_text
from backend_readiness.controls.context import Context
from backend_readiness.controls.places import is_production
from backend_readiness.controls.protection.guard_doubts import names_a_guard
from backend_readiness.model import Evidence
from backend_readiness.rules.signs import sign, signs

_BASIC = re.compile(sign("ambient_elsewhere", "basic"))
_TOKEN_COOKIE = signs("ambient_elsewhere", "token_cookie")


def basic_scheme(context: Context) -> tuple[str, Evidence] | None:
    """Where the flow asks for a name and a password by the scheme that browsers answer by themselves, and what that says."""
    basic = next((context.at(f, n) for f, n, t in chain_text(context) if _BASIC.search(t[:500]) is not None), None)
    return None if basic is None else ("The flow accepts a password by the basic scheme, which browsers send by themselves.", basic)


def ambient_elsewhere(context: Context) -> tuple[str, Evidence] | None:
    """Why it is open whether a credential of the browser signs callers in, with its place; None where nothing speaks for it."""
    basic = basic_scheme(context)
    if basic is not None:
        return basic
    taken = [h for h in context.hits(_TOKEN_COOKIE) if is_production(h[0])]
    if taken:
        return "A token is taken from a cookie too; whether that opens this flow was not resolved.", context.at(*taken[0][:2])
    if names_a_guard(context):
        return "A guard stands before the handler that could not be resolved; it may take a cookie.", context.at_route()
    return None
