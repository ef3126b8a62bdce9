"""Transient failures of outbound calls are tried again, with a pause and an end."""

import re

from backend_readiness.controls.context import Context
from backend_readiness.controls.judgement import Judgement, failed, not_applicable, passed, unverified
from backend_readiness.controls.work.outbound import outbound_calls, unknown_services
from backend_readiness.controls.work.writes import texts_of_chain
from backend_readiness.facts.model import Lit
from backend_readiness.model import Evidence
from backend_readiness.rules.signs import sign, signs

_PAUSE = re.compile(r"(?i)sleep|setTimeout|delay|wait\(")
_ENDS = re.compile(r"(?i)attempts?\s*(>|==|<|\+=)|deadline\s*[:<>=)]|>\s*deadline|max_?(attempts|retries|tries)|tries\s*[<>]")
_HINTS = r"(?i)retr(y|ies)|backoff|attempt"
_VENDORS = re.compile(sign("rel-retries", "vendors"))


def verify(context: Context) -> Judgement:
    calls = outbound_calls(context)
    if not calls:
        if unknown_services(context) or not context.is_resolved:
            return unverified("The flow's outbound calls are not all known.")
        return not_applicable("The flow calls nothing but its own database.", context.at_route())
    for call in calls:
        view = context.view(call.call.site.file)
        for scope in view.enclosing(call.call.call.owner):
            for block in view.blocks_of.get(scope, ()):
                endless = block.kind == "loop" and isinstance(block.subject, Lit) and block.subject.value in (True, 1)
                if endless and block.start <= call.call.call.start and call.call.call.end <= block.end:
                    why = "The call is repeated without end and without a growing pause while the service is down."
                    return failed(why, context.at(call.call.site.file, block.line, min(block.end_line, block.line + 12)))
    hopeless = _hopeless(context)
    if hopeless is not None:
        return failed("The call is repeated without a last attempt while the service is down.", hopeless, context.at_call(calls[0].call))
    named = context.chain_role("retry")
    if named:
        return passed("The call is retried with a bound.", *(context.at_call(c) for c in named[:2]))
    for file, line in texts_of_chain(context, _HINTS):
        return unverified("The chain retries by hand; whether it pauses and where it is safe is not settled.", context.at(file, line))
    decorated = context.hits(signs("rel-retries", "set_up"))
    if decorated:
        return unverified("Retries are set up somewhere; whether they cover this call is not settled.", context.at(*decorated[0][:2]))
    first = calls[0]
    sdk = first.kind in ("payment", "storage") or _VENDORS.search(first.path) is not None
    if sdk:
        return passed("The vendor's library retries transient failures by itself.", context.at_call(first.call))
    missing = context.missing("a retry of outbound calls", at=context.at_call(first.call), roles=("retry",), patterns=(_HINTS,))
    if missing is None:
        return unverified("Whether the call is retried could not be settled.", context.at_call(first.call))
    return failed(f"`{first.path.replace('()', '').lstrip('~?')}` is tried once: a moment's failure fails the request.", missing)


def _hopeless(context: Context) -> Evidence | None:
    """A `while True` around a try with a pause in it: nothing but success ends it."""
    for reached in context.functions:
        symbol = reached.function.symbol
        view = context.view(symbol.file)
        lines = context.snapshot.lines(symbol.file)
        for scope in view.body(symbol.index):
            blocks = view.blocks_of.get(scope, ())
            for loop in blocks:
                if loop.kind != "loop" or re.match(r"\s*(while\s*\(?\s*(True|true|1)\b|for\s*\(\s*;\s*;)", lines[loop.line - 1]) is None:
                    continue
                text = "\n".join(lines[loop.line - 1 : loop.end_line])
                tries = any(b.kind == "catch" and loop.start <= b.start < loop.end for b in blocks)
                if tries and _PAUSE.search(text) is not None and _ENDS.search(text) is None:
                    return context.at(symbol.file, loop.line, min(loop.end_line, loop.line + 12))
    return None
