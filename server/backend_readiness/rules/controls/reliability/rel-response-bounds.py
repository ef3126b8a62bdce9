"""What the flow reads from other services is bounded in size."""

import re

from backend_readiness.controls.context import Context
from backend_readiness.controls.judgement import Judgement, failed, not_applicable, passed, unverified
from backend_readiness.controls.work.outbound import outbound_calls, unknown_services
from backend_readiness.controls.work.writes import texts_of_chain
from backend_readiness.model import Severity
from backend_readiness.rules.signs import sign

_BOUNDS = (
    r"(?i)\bmax_?(size|bytes|length|content|response)|maxContentLength|maxInMemorySize|limit_?reader"
    r"|too.?large|\.read\(\s*[A-Z0-9]\w+|\.read\(\s*(max|limit)\w*"
)
_FROM_CLIENT = (
    r"(?i)\b(get|post|fetch|request|get_?for_?object|get_?for_?entity|exchange)\(\s*"
    r"(\$?(url|link|target|address|callback_url|webhook_url|image_url)\b|req\.(query|body|params)|params\["
    r"|c\.(query|post_?form|param)\(|\$request->(query|input|get)\(|request\.(args|form|get|post)\b)"
)

# What bounds the body of the request, or a field of it, and no answer of a service.
_REQUEST = re.compile(sign("rel-response-bounds", "of_the_request"))


def verify(context: Context) -> Judgement:
    calls = [c for c in outbound_calls(context) if c.kind == "http"]
    if not calls:
        if unknown_services(context) or not context.is_resolved:
            return unverified("The flow's outbound calls are not all known.")
        return not_applicable("The flow reads nothing from other services.", context.at_route())
    readers = {c.call.site.file for c in calls}
    bounded = [t for t in texts_of_chain(context, _BOUNDS) if t[0] in readers and not _is_of_the_request(context, *t)]
    if bounded and readers - {b[0] for b in bounded}:
        other = next(c for c in calls if c.call.site.file not in {b[0] for b in bounded})
        why = "One answer is read up to a maximum size; of another that is not seen."
        return unverified(why, context.at_call(other.call), context.at(*bounded[0]))
    if bounded:
        return passed("The answer is read up to a maximum size.", context.at(*bounded[0]))
    given = texts_of_chain(context, _FROM_CLIENT)
    if given:
        why = "An answer from an address that the client gives is read whole, whatever its size."
        return failed(why, context.at_call(calls[0].call), context.at(*given[0]), severity=Severity.HIGH)
    return unverified("The answer of a known service is read whole; how large it may become is not known.", context.at_call(calls[0].call))


def _is_of_the_request(context: Context, file: str, line: int) -> bool:
    return _REQUEST.search(context.snapshot.lines(file)[line - 1][:500]) is not None
