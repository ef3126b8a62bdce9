"""Input that the flow writes to a log, and whether the shipped settings encode it."""

import re

from backend_readiness.controls.application import players
from backend_readiness.controls.callees import chain_scopes
from backend_readiness.controls.context import Context
from backend_readiness.controls.deployed.setups import setup_of
from backend_readiness.controls.judgement import Judgement, not_applicable, partial, passed, unverified
from backend_readiness.controls.mentions import mentioned, words_of
from backend_readiness.controls.protection.inputs import Inputs, Taint, inputs_of
from backend_readiness.rules.signs import signs
from backend_readiness.snapshot.matching import compile_patterns

_CLEANERS = re.compile(r"(?i)json|dumps|stringify|escape|sanitiz|encode|repr|replace|strip|hash|int|float|number|len|type")
_JSON = signs("sec-log-injection", "json")

_PLAIN = signs("sec-log-injection", "plain")


def verify(context: Context) -> Judgement:
    if not context.is_resolved:
        return unverified("The handler of the flow was not resolved.")
    inputs = inputs_of(context)
    logs = context.chain_role("logger")
    reached = [(c, inputs.of_args(c.call, c.site.file, _CLEANERS)) for c in logs]
    tainted = [(c, r) for c, r in reached if r.taint is Taint.INPUT]
    spoken = _in_words(context, inputs) if not tainted else None
    if spoken is not None:
        return spoken
    if not tainted:
        if any(r.taint is Taint.UNKNOWN for _, r in reached):
            return unverified("Whether input is among what the flow logs was not resolved.", context.at_call(logs[0]))
        at = mentioned(context, "logs")
        if not logs and (at is not None or words_of(context, "logs") is None):
            return unverified("What the flow logs was not resolved.", *([at] if at is not None else [context.at_route()]))
        return not_applicable("The flow logs no input.", *([context.at_call(logs[0])] if logs else [context.at_route()]))
    setup = setup_of(context, "structured_logger")
    if setup is not None and setup.off is None:
        return passed("Records are structured: line breaks in values are encoded.", setup.at)
    encoded = context.hits(_JSON)
    if (encoded or any(players(context, "structured_logger"))) and not context.hits(_PLAIN):
        at = context.at(*encoded[0][:2]) if encoded else context.at_place(next(players(context, "structured_logger")).place)
        return passed("Records are structured: line breaks in values are encoded.", at)
    call, reach = tainted[0]
    return partial(f"`{reach.name or 'input'}` is written into a plain text log as it came.", context.at_call(call))


def _in_words(context: Context, inputs: Inputs) -> Judgement | None:
    """Input in a call that the words of the language know as one that logs, where no card names it."""
    pattern = compile_patterns(words_of(context, "logs") or ())
    setup = setup_of(context, "structured_logger")
    if pattern is None or context.hits(_JSON) or (setup is not None and setup.off is None):
        return None
    for file, scope in chain_scopes(context):
        view = context.view(file)
        for number in view.calls_of.get(scope, ()):
            call = view.facts.calls[number]
            text = context.snapshot.lines(file)[call.line - 1]
            if pattern.search(text.encode("utf-8", "replace")) is None:
                continue
            reach = inputs.of_args(call, file, _CLEANERS)
            if reach.taint is Taint.INPUT:
                return partial(f"`{reach.name or 'input'}` is written into a plain text log as it came.", context.at(file, call.line))
    return None
