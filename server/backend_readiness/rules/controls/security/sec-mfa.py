"""A sign-in with a password can be protected by a second factor: one-time codes, passkeys, hardware keys."""

import re

from backend_readiness.controls.callees import chain_text
from backend_readiness.controls.context import Context
from backend_readiness.controls.judgement import Judgement, failed, not_applicable, passed, unverified
from backend_readiness.controls.protection.entry_doubts import comes_back, doubt_of_entry
from backend_readiness.controls.protection.passwords import is_about_passwords
from backend_readiness.controls.standing import apart, deed, of_flow
from backend_readiness.controls.subjects import Subject
from backend_readiness.rules.signs import sign, signs
from backend_readiness.snapshot.matching import compile_patterns

_FACTOR = signs("sec-mfa", "factor")
_DELEGATED = signs("sec-mfa", "delegated")
_ASKS = re.compile(sign("sec-mfa", "asks"))
_ENFORCES, _QUESTION = re.compile(sign("sec-mfa", "enforces")), re.compile(sign("sec-mfa", "question"))
_NOTES = re.compile(sign("sec-mfa", "notes"))
_LATER = re.compile(sign("sec-mfa", "later"))
_OF_ADDRESS = re.compile(sign("sec-mfa", "of_address"))
_SAYS = re.compile(r"\s*(//|#(?!\[)|\*|/\*|(import|use|using|from)\b)")
_ANSWERS = re.compile(r"\.(?i:json)\(|\bjsonify\(|\breturn\s+[{(]|\b(?:Ok|Response)\(")  # what is told to the page
BRANCH = 4  # lines behind a condition


def verify(context: Context) -> Judgement:
    if not context.is_resolved:
        return unverified("The handler of the flow was not resolved.")
    subject = Subject(context)
    if not (subject.sign_in and subject.changes):
        if (doubt := doubt_of_entry(context) or comes_back(context)) is not None:
            return unverified(doubt[0], *doubt[1])
        return not_applicable("The flow signs nobody in.", context.at_route())
    if not is_about_passwords(context):
        return unverified("The flow signs in; whether with a password was not resolved.", context.at_route())
    pattern = compile_patterns(_FACTOR)
    spoken = [(f, n, t) for f, n, t in chain_text(context) if pattern is not None and pattern.search(t.encode("utf-8", "replace"))]
    asked = next((h for h in spoken if _asks(context, *h)), None)
    if asked is not None:
        return passed("The sign-in asks for a second factor.", context.at(*asked[:2]))
    if spoken:
        why = "The sign-in speaks of a second factor; that it asks for one was not found."
        return unverified(why, *(context.at(f, n) for f, n, _ in spoken[:2]))
    delegated = context.hits(_DELEGATED)
    if delegated:
        return unverified("An identity provider takes part; which factors it asks for is not in the code.", context.at(*delegated[0][:2]))
    at, *others = of_flow(context)
    proof = context.missing("second factors of sign-in", at=at, roles=("second_factor",), patterns=_FACTOR)
    if proof is not None:
        return failed("A password is all that sign-in asks for, also from privileged accounts.", *apart((proof, *others, *deed(context))))
    hits = context.hits(_FACTOR)
    return unverified(
        "Something speaks of a second factor; whether sign-in asks for it was not resolved.", *(context.at(f, n) for f, n, _ in hits[:2])
    )


def _asks(context: Context, file: str, line: int, text: str) -> bool:
    """Does a line of the sign-in check a second factor, or decide by it? One that tells in an answer whether there is any does not."""
    if _ASKS.search(text) is None or _OF_ADDRESS.search(text) is not None or _SAYS.match(text) is not None:
        return False
    lines = context.snapshot.lines(file)
    if any(_LATER.search(t) for t in lines[line - 1 : line - 1 + BRANCH]) or _is_off(context, text):
        return False
    if _QUESTION.search(text) is None:
        return _ANSWERS.search(text) is None
    blocks = [b for b in context.view(file).facts.blocks if b.line == line and b.kind != "catch"]
    starts = _QUESTION.match(text.lstrip(" \t}")) is not None
    inside = lines[line : max((b.end_line for b in blocks), default=line + BRANCH if starts else line)]
    outcome = [t for t in (_QUESTION.sub("", text), *inside) if _NOTES.search(t) is None]
    return any(_ENFORCES.search(t) for t in outcome)


def _is_off(context: Context, text: str) -> bool:
    """Does the condition ask for a switch of the source that is off?"""
    names = dict.fromkeys(n for n in re.findall(r"\b[A-Z][A-Z0-9_]{3,40}\b", text))
    return any(context.hits((rf"\b{n}\b\s*(:\s*\w+\s*)?=\s*(False|false)\b",)) for n in list(names)[:3])
