"""Incoming webhooks are authenticated by their signature."""

import re
from collections.abc import Sequence

import regex

from backend_readiness.controls.callees import chain_text
from backend_readiness.controls.context import Context
from backend_readiness.controls.judgement import Judgement, failed, not_applicable, passed, unverified
from backend_readiness.controls.protection.checks import only_noted, only_when_sent
from backend_readiness.model import Evidence, FindingStatus
from backend_readiness.rules.signs import sign

_SAYS_HOOK = re.compile(sign("sec-webhook-signature", "says"))
ABOVE = 6  # lines of a comment
_HOOK = re.compile(r"(?i)(^|[/_-])(webhooks?|hooks?|ipn)([/_-]|$)")
_VERIFIES = re.compile(
    r"(?i)construct_?event|hmac|timing_?safe_?equal|compare_digest|verify_?(signature|webhook|header)|validate_?(signature|request|webhook)|svix|webhooks?\.(verify|unwrap)|check_?signature"
)

# Words of a comparison or of what verifies; those of libraries that raise; and words of a decision.
_CERTAIN = re.compile(
    r"(?i)construct_?event|timing_?safe_?equal|compare_digest|hash_equals|hmac\W{1,2}equal|secure_compare|fixed_?time_?equals|is_?equal\(|constant_?time"
    r"|verify_?(signature|webhook|header)|validate_?(signature|request|webhook)|svix|webhooks?\.(verify|unwrap)|check_?signature"
    r"|(hmac|signature|digest)\w*[^=\n]{0,120}([!=]==?)|([!=]==?)[^=\n]{0,60}(hmac|signature)"
)
_RAISES = re.compile(r"(?i)construct_?event|unwrap\(|webhooks?\.verify|svix|\.verify\(")
_CONDITION = re.compile(
    r"(?i)\b(if|unless|elsif|elif|return|throw\w*|raise|assert\w*|abort\w*|guard|match|case|when|with|ensure)\b|^\s*!|\?\s"
)
_BEHIND = 20
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
        told = _told_to_be(context)
        if told is not None:
            return unverified("The handler is said to be called by another party; whether what it takes is signed was not found.", told)
        return not_applicable("The flow takes no webhook.", context.at_route())
    ignored = only_noted(context, _COMPARES)
    if ignored is not None:
        return failed(
            "A signature that does not match is only logged: the event is taken all the same.", ignored, status=FindingStatus.STUBBED
        )
    loose = only_when_sent(context, _COMPARES)
    if loose is not None:
        return failed("The signature is checked only where the request carries one.", loose, status=FindingStatus.PARTIAL)
    lines = list(chain_text(context))
    spoken = [(f, n, t) for f, n, t in lines if _VERIFIES.search(t)]
    decided = next((h for h in spoken if _decides(h, lines)), None)
    if decided is not None:
        return passed("The signature of the webhook is checked.", context.at(*decided[:2]))
    if spoken:
        why = "A signature is computed; that the flow compares it and refuses was not found."
        return unverified(why, *(context.at(f, n) for f, n, _ in spoken[:2]))
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


def _decides(hit: tuple[str, int, str], lines: Sequence[tuple[str, int, str]]) -> bool:
    """Does the line compare or call what verifies, and is its answer looked at where it is kept under a name?"""
    file, number, text = hit
    if _CERTAIN.search(text) is None:
        beside = [t for f, n, t in lines if f == file and number <= n <= number + _BEHIND]
        return any(_CONDITION.search(t) is not None and re.search(r"[!=]==?|(?i:equal)", t) is not None for t in beside)
    kept = re.match(r"\s*(?:const|let|var|val|final|boolean|bool)?\s*[$@]?(\w+)\s*:?=[^=]", text)
    if kept is None or _RAISES.search(text) is not None or _CONDITION.search(text) is not None:
        return True
    name = re.compile(rf"\b{re.escape(kept.group(1))}\b")
    return any(f == file and n > number and name.search(t) is not None and _CONDITION.search(t) is not None for f, n, t in lines)


def _told_to_be(context: Context) -> Evidence | None:
    """Where the comment above a handler, or its name, speaks of a webhook or of another party that calls back."""
    if all(r.route.endpoint.method == "GET" for r in context.routes):
        return None
    for handler in context.handlers:
        lines = context.snapshot.lines(handler.file)
        for number in range(max(1, handler.line - ABOVE), handler.line + 1):
            if _SAYS_HOOK.search(lines[number - 1][:300]) is not None:
                return context.at(handler.file, number)
    return None
