"""Incoming webhooks are authenticated by their signature."""

import re

import regex

from backend_readiness.controls.callees import chain_text
from backend_readiness.controls.context import Context
from backend_readiness.controls.judgement import Judgement, failed, not_applicable, passed, unverified
from backend_readiness.controls.protection.checks import only_noted, only_when_sent
from backend_readiness.model import FindingStatus

_HOOK = re.compile(r"(?i)(^|[/_-])(webhooks?|hooks?|ipn)([/_-]|$)")
_VERIFIES = re.compile(
    r"(?i)construct_?event|hmac|timing_?safe_?equal|compare_digest|verify_?(signature|webhook|header)|validate_?(signature|request|webhook)|svix|webhooks?\.(verify|unwrap)|check_?signature"
)

_COMPARES = regex.compile(
    r"(?i)(^|\.)(compare_digest|timingSafeEqual|(verify|check|validate|is_?valid)_?(webhook)?_?signature\w*|signature_?(matches|is_?valid)\w*)$"
)
# Roles of middleware that asks nobody who sends a request.
_ASIDE = frozenset({"body_parser", "body_limit", "cors", "compression", "security_headers", "rate_limiter", "error_handler"})


def verify(context: Context) -> Judgement:
    if not context.is_resolved:
        return unverified("The handler of the flow was not resolved.")
    if not any(_HOOK.search(r.route.endpoint.path) for r in context.routes) or all(
        r.route.endpoint.method == "GET" for r in context.routes
    ):
        return not_applicable("The flow takes no webhook.", context.at_route())
    ignored = only_noted(context, _COMPARES)
    if ignored is not None:
        return failed(
            "A signature that does not match is only logged: the event is taken all the same.", ignored, status=FindingStatus.STUBBED
        )
    loose = only_when_sent(context, _COMPARES)
    if loose is not None:
        return failed("The signature is checked only where the request carries one.", loose, status=FindingStatus.PARTIAL)
    for file, line, text in chain_text(context):
        if _VERIFIES.search(text):
            return passed("The signature of the webhook is checked.", context.at(file, line))
    if any(not _ASIDE & context.roles.of_value(g.value) for g in context.guards):
        return unverified(
            "Something runs before the webhook's handler; whether it checks a signature was not resolved.", context.at_route()
        )
    proof = context.missing(
        "checks of webhook signatures",
        at=context.at_route(),
        roles=("webhook_signature",),
        patterns=(r"(?i)construct_?event|\bhmac\b|timingSafeEqual|compare_digest|signature|svix",),
    )
    if proof is not None:
        return failed("Anybody can send this webhook: no signature is checked.", proof)
    return unverified("Code that checks signatures exists, but it was not found on this flow.", context.at_route())
