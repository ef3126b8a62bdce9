"""Every call of the flow to another service ends in bounded time, by an argument, its client, or the library's default."""

from backend_readiness.controls.context import Context
from backend_readiness.controls.judgement import Judgement, failed, not_applicable, partial, passed, unverified
from backend_readiness.controls.work.outbound import Outbound, outbound_calls, unknown_services


def verify(context: Context) -> Judgement:
    calls = outbound_calls(context)
    unlimited = [c for c in calls if c.bound.kind == "none"]
    if unlimited:
        first = unlimited[0]
        others = f", and {len(unlimited) - 1} more" if len(unlimited) > 1 else ""
        written = (first.bound.words and " sets its timeout to nothing") or " has no timeout and its library sets none"
        evidence = [context.at_call(c.call) for c in unlimited[:4]]
        site = first.bound.site
        if site is not None and site != first.call.site:
            call = context.view(site.file).facts.calls[site.call]
            evidence.append(context.at(site.file, call.line, min(call.end_line, call.line + 5), "the client is made here"))
        answer = failed if len(unlimited) == len(calls) or len(calls) < 3 else partial
        return answer(f"{_name(first)}{written}: a service that never answers holds the request{others}.", *evidence)
    weak = [c for c in calls if c.bound.kind == "weak"]
    if weak:
        return partial(f"{_name(weak[0])} is bounded only by {weak[0].bound.words}.", *(context.at_call(c.call) for c in weak[:4]))
    unknown = [c for c in calls if c.bound.kind == "unknown"]
    if unknown:
        return unverified(f"What bounds {_name(unknown[0])} in time could not be read from the code.", context.at_call(unknown[0].call))
    strange = unknown_services(context)
    if strange:
        return unverified(f"`{strange[0].name}` may call another service; its limits are not known.", strange[0].at)
    if calls:
        words = calls[0].bound.words if calls[0].bound.kind == "default" else "an explicit timeout"
        return passed(
            f"Each of the flow's {len(calls)} outbound calls is bounded; {_name(calls[0])} by {words}.",
            *(context.at_call(c.call) for c in calls[:4]),
        )
    if not context.is_resolved:
        return unverified("The flow's handlers were not all resolved, so its outbound calls are not known.")
    return not_applicable("The flow calls no other service over the network besides its data stores.", context.at_route())


def _name(call: Outbound) -> str:
    path = call.path.replace("()", "").lstrip("~?")
    return f"`{path}` to {call.target}" if call.target.startswith("http") else f"`{path}`"
