"""No query of the flow runs once for each row or each element that the client sends."""

import regex

from backend_readiness.controls.context import Context
from backend_readiness.controls.judgement import Judgement, failed, not_applicable, passed, unverified
from backend_readiness.controls.loops import Repeated, repeated
from backend_readiness.controls.reads import reads
from backend_readiness.facts.builder import dotted
from backend_readiness.facts.model import CallRef
from backend_readiness.graph.views import callee_name

# Writes that only note a change; the library sends them together.
_COLLECTED = regex.compile(r"\.(add|add_all|append|expunge)(\(\))?$")
_ATTEMPTS = regex.compile(r"(?i)attempt|retr|tries|delay|backoff|page")


def verify(context: Context) -> Judgement:
    found = [
        r
        for r in repeated(context)
        if not (_COLLECTED.search(r.effect.path) and r.effect.operation == "write") and not _bounded(context, r)
    ]
    if found:
        first = found[0]
        word = "query" if first.effect.operation == "read" else "write"
        evidence = []
        for item in found[:3]:
            evidence.append(context.at(item.file, item.line))
            if item.at.line != item.line:
                evidence.append(context.at(item.file, item.at.line, min(item.at.end_line, item.at.line + 6)))
        return failed(f"A {word} of {first.effect.target or 'the database'} runs once for each element of a loop.", *evidence)
    if not context.is_resolved or any(r.registration.touches for r in context.routes):
        return unverified("The flow's handlers were not all resolved to their queries.")
    many = [r for r in reads(context) if r.kind in ("many", "pages", "unknown")]
    if not many:
        return not_applicable("The flow reads and writes single rows.", context.at_route())
    return passed("The flow reads its rows with one query each and runs none inside a loop.", *(context.at_call(r.call) for r in many[:3]))


def _bounded(context: Context, item: Repeated) -> bool:
    """A loop over attempts or over a fixed number."""
    over = item.over
    if isinstance(over, CallRef):
        call = context.view(item.file).facts.calls[over.call]
        return callee_name(call) in ("range", "count") or _ATTEMPTS.search(dotted(call.callee) or "") is not None
    return over is not None and _ATTEMPTS.search(dotted(over) or "") is not None
