"""OAuth as client: a library that keeps state and verifier, or code of the repository that compares them."""

import re

from backend_readiness.controls.callees import chain_text
from backend_readiness.controls.context import Context
from backend_readiness.controls.judgement import Judgement, failed, not_applicable, passed, unverified
from backend_readiness.controls.mentions import words_of
from backend_readiness.graph.values import Ext, options
from backend_readiness.rules.signs import sign, signs

_PATH = re.compile(
    r"(?i)(^|[/_-])(oauth2?|oidc|openid|sso|saml|social|google|github|gitlab|facebook|twitter|apple|microsoft|discord|linkedin)([/_-]|$)|/auth/\w+/callback|/callback/\w+$"
)
_PASSWORD = re.compile(r"(?i)/(oauth2?/)?(access-?_?)?token/?$")
_BY_HAND = re.compile(r"(?i)authorization_code|/oauth2?/(authorize|token|access_token)|/authorize\?|client_secret|code_verifier")
_STATE = re.compile(r"(?i)\bstate\b|code_verifier|nonce")
_TAKEN_OVER = re.compile(sign("sec-oauth-flow", "taken_over"))
_GUARD = re.compile(sign("sec-oauth-flow", "guard"))
_ASKED_FOR_STATE = re.compile(sign("sec-oauth-flow", "only_when_asked"))
_STATE_ASKED = signs("sec-oauth-flow", "state_asked")


def verify(context: Context) -> Judgement:
    if not context.is_resolved:
        return unverified("The handler of the flow was not resolved.")
    lines = list(chain_text(context))
    named = any(_PATH.search(r.route.endpoint.path) for r in context.routes)
    by_hand = next(((f, n) for f, n, t in lines if _BY_HAND.search(t)), None)
    if (not named or all(_PASSWORD.search(r.route.endpoint.path) for r in context.routes)) and by_hand is None:
        return not_applicable("The flow signs in through no other party.", context.at_route())
    off = words_of(context, "oauth_unchecked") or ()
    unchecked = context.hits(off) if off else []
    if unchecked:
        return failed("The check of the state is switched off.", context.at(*unchecked[0][:2]))
    stated = next(((f, n) for f, n, t in lines if _STATE.search(t)), None)
    library = words_of(context, "oauth_clients") or ()
    used = context.hits(library) if library else []
    mine = next((h for h in used if h[0] in {f for f, _, _ in lines}), None) or (used[0] if used and _hands_over(context, lines) else None)
    if mine is not None and _may_keep_no_state(context, mine):
        return unverified("The strategy compares a state only where it is asked to, and that was not found.", context.at(*mine[:2]))
    if mine is not None:
        return passed("A library walks through the flow, with its checks left on.", context.at(*mine[:2]))
    if by_hand is None and used:
        why = "A library for OAuth is used in the repository; that it walks through this flow was not found."
        return unverified(why, context.at(*used[0][:2]))
    if by_hand is not None and stated is None:
        return failed("The code is exchanged by hand, and nothing on the flow compares a state.", context.at(*by_hand))
    place = context.routes[0].route.place
    why = "The flow exchanges codes by hand; whether its state is bound to the session was not settled."
    return unverified(why, context.at(*(stated or (place.file, place.line))))


def _hands_over(context: Context, lines: list[tuple[str, int, str]]) -> bool:
    """Does the flow take what a library found out about the caller, or does a guard of one stand before it?"""
    if any(_TAKEN_OVER.search(t[:500]) is not None for _, _, t in lines):
        return True
    named = [o.path for g in context.guards for o in options(g.value) if isinstance(o, Ext)]
    return any(_GUARD.search(path) is not None for path in named)


def _may_keep_no_state(context: Context, hit: tuple[str, int, str]) -> bool:
    """Is the library one whose strategies compare a state only when they are asked to, and is none asked?"""
    return _ASKED_FOR_STATE.search(hit[2]) is not None and not context.hits(_STATE_ASKED)
