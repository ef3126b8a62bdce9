"""The HTTP server of the backend bounds the time that a slow client may take. What a server does by itself stands in the cards."""

from backend_readiness.controls.context import Context
from backend_readiness.controls.defaults import default_of, place_of, states
from backend_readiness.controls.judgement import Judgement, failed, partial, passed, unverified

_PROXY = (r"client_(header|body)_timeout|(?:^|[\s;{])(send|read)_timeout|timeout\s+(client|http-request)|request_timeout",)


def verify(context: Context) -> Judgement:
    if not context.routes:
        return unverified("The flow has no route of the backend.")
    proxy = context.hits(_PROXY, tuple(context.deployment.proxies)) if context.deployment.proxies else []
    if proxy:
        return passed("The proxy of the repository bounds the time of its clients.", context.at(*proxy[0][:2]))
    bounded = default_of(context, "server_timeouts")
    if bounded is not None:
        if not bounded.holds:
            return partial(
                "A bound on the time of clients is set so high, or taken away, that it stops nobody.",
                *(e for e in (bounded.off, bounded.otherwise) if e),
            )
        if bounded.beside is not None:
            why = "A server with bounds on the time of clients is made, and one without is started; which serves the flow was not settled."
            return unverified(why, bounded.beside, *([bounded.at] if bounded.at else []))
        body = states(context, "server_body_timeouts")
        if body is not None and default_of(context, "server_body_timeouts") is None:
            return partial(body.says_not, bounded.at or context.at_application())
        return passed(bounded.rule.says, bounded.at or context.at_application())
    rule = states(context, "server_timeouts")
    place = place_of(context, rule) if rule is not None else None
    if rule is not None and place is not None and not context.deployment.proxies:
        return failed(rule.says_not, place)
    return unverified("Which server faces the network, and with which bounds, was not resolved.", context.at_application())
