"""Transient failures of outbound calls are tried again, with a pause and an end."""

import re

from backend_readiness.controls.context import Context
from backend_readiness.controls.judgement import Judgement, failed, not_applicable, passed, unverified
from backend_readiness.controls.outbound import outbound_calls, unknown_services
from backend_readiness.controls.writes import STORES, texts_of_chain
from backend_readiness.facts.model import Lit

_HINTS = r"(?i)retr(y|ies)|backoff|attempt"


def verify(context: Context) -> Judgement:
    calls = outbound_calls(context)
    if not calls:
        if unknown_services(context) or not context.is_resolved:
            return unverified("The flow's outbound calls are not all known.")
        if {e.kind for e, _ in context.effects} & STORES:
            return unverified("Whether transient failures of the database are worth a retry is left to its driver.")
        return not_applicable("The flow calls nothing that could fail for a moment.", context.at_route())
    for call in calls:
        view = context.view(call.call.site.file)
        for scope in view.enclosing(call.call.call.owner):
            for block in view.blocks_of.get(scope, ()):
                endless = block.kind == "loop" and isinstance(block.subject, Lit) and block.subject.value in (True, 1)
                if endless and block.start <= call.call.call.start and call.call.call.end <= block.end:
                    why = "The call is repeated without end and without a growing pause while the service is down."
                    return failed(why, context.at(call.call.site.file, block.line, min(block.end_line, block.line + 12)))
    named = context.chain_role("retry")
    if named:
        return passed("The call is retried with a bound.", *(context.at_call(c) for c in named[:2]))
    for file, line in texts_of_chain(context, _HINTS):
        endless = _endless(context, file, line)
        if endless is not None:
            why = "The retry has neither a last attempt nor a deadline."
            return failed(why, context.at(file, endless, endless + 8))
        return unverified("The chain retries by hand; whether it pauses and where it is safe is not settled.", context.at(file, line))
    decorated = context.hits(
        (r"(?i)@retry|tenacity|backoff|axios-?retry|p-retry|async-retry|max_network_retries|maxNetworkRetries|HTTPTransport\(retries",)
    )
    if decorated:
        return unverified("Retries are set up somewhere; whether they cover this call is not settled.", context.at(*decorated[0][:2]))
    first = calls[0]
    sdk = first.kind in ("payment", "storage") or re.search(r"stripe|boto3|openai|anthropic|aws-sdk", first.path) is not None
    if sdk:
        return passed("The vendor's library retries transient failures by itself.", context.at_call(first.call))
    missing = context.missing("a retry of outbound calls", at=context.at_call(first.call), roles=("retry",), patterns=(_HINTS,))
    if missing is None:
        return unverified("Whether the call is retried could not be settled.", context.at_call(first.call))
    return failed(f"`{first.path.replace('()', '').lstrip('~?')}` is tried once: a moment's failure fails the request.", missing)


def _endless(context: Context, file: str, line: int) -> int | None:
    lines = context.snapshot.lines(file)
    for number in range(max(1, line - 6), min(len(lines), line + 6) + 1):
        if re.match(r"\s*while\s*\(?\s*(True|true|1)\b", lines[number - 1]):
            return number
    return None
