"""Calls to a service that keeps failing are cut off for a while."""

from backend_readiness.controls.context import Context
from backend_readiness.controls.judgement import Judgement, failed, not_applicable, partial, passed, unverified
from backend_readiness.controls.work.breakers import goes_through, guarded, is_made_anew, is_off
from backend_readiness.controls.work.outbound import outbound_calls, unknown_services
from backend_readiness.rules.signs import signs

_HINTS = signs("rel-circuit-breaker", "hints")


def verify(context: Context) -> Judgement:
    calls = outbound_calls(context)
    if not calls:
        if unknown_services(context) or not context.is_resolved:
            return unverified("The flow's outbound calls are not all known.")
        return not_applicable("The flow calls no other service over the network besides its data stores.", context.at_route())
    named = context.chain_role("circuit_breaker")
    every = context.roles.calls("circuit_breaker") if named else []
    idle = next((b for b in every if is_off(context, b)), None)
    if idle is not None:
        return unverified(
            "A circuit breaker is told to let everything through; whether it guards this call is open.", context.at_call(idle)
        )
    anew = next((b for b in named if is_made_anew(context, b)), None)
    if anew is not None:
        return failed("The circuit breaker is made anew for each request: it has seen no failure when it is asked.", context.at_call(anew))
    if named:
        spans, inside = guarded(context, every)
        bare = [c for c in calls if not goes_through(context, c.call, spans, inside)]
        if not bare:
            return passed("A circuit breaker stands around the call.", *(context.at_call(c) for c in named[:2]))
        if len(bare) < len(calls):
            why = "A circuit breaker stands around one call; another goes past it."
            return partial(why, context.at_call(bare[0].call), context.at_call(named[0]))
        return unverified("Whether the call goes through the circuit breaker is not settled.", context.at_call(calls[0].call),
                          context.at_call(named[0]))  # fmt: skip
    paths = (*context.source_globs, "**/*.y*ml", "**/*.conf")
    hits = context.hits(_HINTS, paths)
    if hits:
        return unverified(
            "Something like a circuit breaker was found; whether this call goes through it is not settled.", context.at(*hits[0][:2])
        )
    at = context.at_call(calls[0].call)
    missing = context.missing("a circuit breaker", at=at, roles=("circuit_breaker",), patterns=_HINTS, paths=paths)
    if missing is None:
        return unverified("Whether failing services are cut off could not be settled.", at)
    return failed(f"Nothing cuts off `{calls[0].path.replace('()', '').lstrip('~?')}` while its service keeps failing.", missing)
