"""OAuth as client: a library that keeps state and verifier, or code of the repository that compares them."""

import re

from backend_readiness.controls.callees import chain_text
from backend_readiness.controls.context import Context
from backend_readiness.controls.judgement import Judgement, failed, not_applicable, passed, unverified
from backend_readiness.controls.mentions import words_of

_PATH = re.compile(
    r"(?i)(^|[/_-])(oauth2?|oidc|openid|sso|saml|social|google|github|gitlab|facebook|twitter|apple|microsoft|discord|linkedin)([/_-]|$)|/auth/\w+/callback|/callback/\w+$"
)
_PASSWORD = re.compile(r"(?i)/(oauth2?/)?(access-?_?)?token/?$")
_BY_HAND = re.compile(r"(?i)authorization_code|/oauth2?/(authorize|token|access_token)|/authorize\?|client_secret|code_verifier")
_STATE = re.compile(r"(?i)\bstate\b|code_verifier|nonce")


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
    if used:
        return passed("A library walks through the flow, with its checks left on.", context.at(*used[0][:2]))
    if by_hand is not None and stated is None:
        return failed("The code is exchanged by hand, and nothing on the flow compares a state.", context.at(*by_hand))
    place = context.routes[0].route.place
    why = "The flow exchanges codes by hand; whether its state is bound to the session was not settled."
    return unverified(why, context.at(*(stated or (place.file, place.line))))
