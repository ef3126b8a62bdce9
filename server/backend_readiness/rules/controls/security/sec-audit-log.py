"""What the flow leaves behind about who did what: an audit record, or nothing."""

import re

from backend_readiness.controls.callees import chain_text
from backend_readiness.controls.context import Context
from backend_readiness.controls.judgement import Judgement, failed, not_applicable, passed, unverified
from backend_readiness.controls.standing import answered, apart, deed, of_flow
from backend_readiness.controls.subjects import Subject
from backend_readiness.rules.signs import sign, signs

_AUDIT = re.compile(sign("sec-audit-log", "audit"))
_LOGS = re.compile(sign("sec-audit-log", "logs"))
_HINTS = signs("sec-audit-log", "hints")


def verify(context: Context) -> Judgement:
    if not context.is_resolved:
        return unverified("The handler of the flow was not resolved.")
    subject = Subject(context)
    if subject.health or not (context.writes or (subject.changes and subject.credentials)):
        return not_applicable("The flow signs nobody in and changes nothing.", context.at_route())
    logs = []
    written: tuple[str, int] | None = None
    for file, line, text in chain_text(context):
        if (
            _AUDIT.search(text)
            and not re.match(r"\s*(import|from|def|function|class)\b", text)
            and not _is_of_failure(context, file, line, text)
        ):
            written = written or (file, line)
        if _LOGS.search(text) and not re.search(r"(?i)\b(error|err|exception|console)\b", text):
            logs.append(context.at(file, line))
    if written is not None:
        return passed("The flow writes an audit record.", context.at(*written))
    if logs:
        return unverified("The flow logs; whether the lines name actor, action and object was not settled.", *logs[:2])
    at, *others = of_flow(context)
    proof = context.missing("audit records of the flow", at=at, roles=("audit_log",), patterns=_HINTS)
    if proof is not None:
        return failed("The flow leaves no trace of who did what.", *apart((proof, *others, *deed(context), *answered(context)), 5))
    hits = context.hits(_HINTS)
    return unverified(
        "The application speaks of audit records, but none was found on this flow.", *(context.at(f, n) for f, n, _ in hits[:2])
    )


def _is_of_failure(context: Context, file: str, line: int, text: str) -> bool:
    """Does the line only tell that something went wrong?"""
    if re.search(r"(?i)log\w*\W{1,2}(error|debug|trace|warn\w*)\b", text) is None:
        return False
    return any(b.kind == "catch" and b.line <= line <= b.end_line for b in context.view(file).facts.blocks)
