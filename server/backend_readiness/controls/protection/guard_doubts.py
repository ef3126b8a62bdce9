"""What may refuse callers who are nobody, and was not followed: guards without code, rules for all handlers, credentials that are read."""

from __future__ import annotations

import re

from backend_readiness.controls.callees import chain_scopes, chain_text
from backend_readiness.controls.context import Context
from backend_readiness.controls.protection.identity import identity_of
from backend_readiness.controls.protection.skippers import stands_aside_for
from backend_readiness.controls.protection.unseen_checks import unseen_check
from backend_readiness.graph.values import Ext, ParamV, UnknownV, options
from backend_readiness.model import Evidence
from backend_readiness.rules.signs import sign

_EVERYWHERE = (sign("guard_doubts", "everywhere"),)
_CREDENTIAL = re.compile(sign("guard_doubts", "credential"))
_BY_TOKEN = re.compile(sign("guard_doubts", "by_token"))
_RAISED = re.compile(sign("guard_doubts", "raised"))
_OF_ACCESS = re.compile(sign("guard_doubts", "of_access"))


def doubt_of_guards(context: Context) -> tuple[str, tuple[Evidence, ...]] | None:
    """Why it is not known that nobody has to sign in for the flow, with its places; None where that is known."""
    if identity_of(context).opened() is not None:
        return None
    if any(r.guards and names_a_guard(context) for r in context.routes):
        return "A guard stands before the handler that could not be resolved.", (context.at_route(),)
    aside = next((found for g in context.guards if (found := stands_aside_for(context, g)) is not None and not found[0]), None)
    if aside is not None:
        return "What a guard is given lets some requests pass; whether those of the flow are among them was not read.", (aside[1],)
    compared = identity_of(context).compared
    if compared is not None:
        why = "The caller is compared with an object; what refuses people who are not signed in was not found before that."
        return why, (compared, context.at_route())
    whole = context.hits(_EVERYWHERE)
    if whole:
        return "A rule for all handlers is set up; whether it holds for this one was not resolved.", (context.at(*whole[0][:2]),)
    bodies = ((h.file, n) for h in context.handlers for n in range(h.line, h.end_line + 1))
    shown = next((context.at(f, n) for f, n in bodies if _CREDENTIAL.search(context.snapshot.lines(f)[n - 1][:500]) is not None), None)
    if shown is not None:
        return "The handler reads a credential from the headers; whether it refuses callers without it was not resolved.", (shown,)
    asked_by = next((context.at(f, n) for f, n, t in chain_text(context) if _BY_TOKEN.search(t[:500]) is not None), None)
    if asked_by is not None:
        return "The flow asks who holds a token that it is sent; whether it refuses those without was not resolved.", (asked_by,)
    raised = next((context.at(f, n) for f, n, t in chain_text(context) if _RAISED.search(t[:500]) is not None), None)
    if raised is not None:
        return "The flow raises an error about who is not signed in; which requests it refuses by it was not resolved.", (raised,)
    scopes = set(chain_scopes(context))
    asked = next((c for c in context.roles.calls("authorization") if (c.site.file, c.call.owner) in scopes), None)
    if asked is None:
        return unseen_check(context)
    return "The flow asks whether the caller may; whether that refuses people who are not signed in was not resolved.", (
        context.at_call(asked),
    )


def names_a_guard(context: Context) -> bool:
    """Is there a middleware on the route whose name speaks of access, and whose code is not known?"""
    for guard in context.guards:
        if not context.roles.functions(guard.value):
            for option in options(guard.value):
                if identity_of(context).lets_pass(option):
                    continue
                name = option.path if isinstance(option, Ext) else option.name if isinstance(option, ParamV) else ""
                if isinstance(option, UnknownV) or _OF_ACCESS.search(name):
                    return True
    return False
