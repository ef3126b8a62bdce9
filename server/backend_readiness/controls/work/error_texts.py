"""Lines of functions that handle errors: where the message of one is held, replaced or told, and what decides over it."""

from __future__ import annotations

import re
from collections.abc import Sequence

# The message of any error is held by a name; what asks whether it may be told.
_TAKEN = re.compile(r"\b(?:const|let|var)\s+(?:(\w+)\s*=\s*(?:e|err|error)\.message\b|\{[^}]*\bmessage\b[^}]*\}\s*=\s*(?:e|err|error)\b)")
_MAY_BE_TOLD = re.compile(
    r"\b5\d\d\b\s*[)?&|]|[=<>]\s*500\b|INTERNAL_SERVER_ERROR|\binstanceof\b|isOperational|isPublic|\bexpose\b|isHttpError|isBoom"
)
_ANEW = re.compile(r"\b(e|err|error)\s*=\s*new\s")
_OF_TESTS = re.compile(r"(?i)NODE_ENV\s*!==?\s*\S*test")
_HOLDS = re.compile(r"\b(\w+)\s*=\s*\{")
MAY_DECIDE = re.compile(r"NODE_ENV|isDev|production|isOperational|isPublic|expose")
_ASKS_TEXT = re.compile(
    r"(?<![\w.])\$?(e|ex|exc|exp|err|error|cause|exception|throwable)(Type|Object|Info|Instance)?(\?\.|\.|->)(getMessage|message|Message|localizedMessage|getLocalizedMessage)\b"
)
_LOGS = re.compile(r"(?i)\b(log|logger|console|print|report)\w*[.(>:-]")

_ANSWERS = re.compile(r"\.(?:json|send|jsonp)\(")
_SENT = re.compile(r"\.(?:json|send|jsonp)\(\s*(\w+)\s*\)")
_OPENED = re.compile(r"\b(?:const|let|var)\s+(\w+)\s*(?::\s*[^=]+)?=\s*\{")
_STACK = re.compile(r"\bstack(?:Trace)?\s*:\s*(?:e|err|error|ex)\.stack\b")
_MESSAGES = re.compile(r"\bmessage\s*:\s*(?:e|err|error)\.message\b")


def is_replaced(body: Sequence[str]) -> bool:
    """Does another error take the place of one that is not known, without the message of the first?"""
    if not any(_ANEW.search(text) is not None for text in body):
        return False
    return sum(asks_for_text(text) for text in body) < 2


def held_messages(body: Sequence[str]) -> frozenset[str]:
    """Names that hold the message of the error, unless a line asks whether the error is one that may be told."""
    if any(_MAY_BE_TOLD.search(text) is not None for text in body):
        return frozenset()
    return frozenset(name for text in body for m in _TAKEN.finditer(text) for name in (m.group(1) or "message",))


def tells_held(text: str, held: frozenset[str]) -> bool:
    """Does the line put such a name into an answer: `message: text`, `.json({ message })`, `message,` in a record?"""
    return any(
        re.search(rf"\b(message|msg|error|errors|detail)\s*:\s*{name}\b|\.(json|send)\(\s*\{{?[^}}]*\b{name}\b|^\s*{name}\s*,?\s*$", text)
        for name in held
    )


def holds_what_is_sent(body: Sequence[str]) -> int | None:
    """How many lines into the function a record that it answers with gets the stack of the error, under no condition of its own."""
    whole = "\n".join(body)
    sent = [n for n in _SENT.findall(whole) if f"delete {n}.stack" not in whole]
    name, depth = "", 0
    for number, text in enumerate(body):
        opened = _OPENED.search(text)
        if opened is not None and opened.group(1) in sent:
            name, depth = opened.group(1), 0
        if not name:
            continue
        if _STACK.search(text) is not None and MAY_DECIDE.search(text) is None and "?" not in text and _LOGS.search(text) is None:
            return number
        depth += text.count("{") - text.count("}")
        if depth <= 0:
            name = ""
    return None


def is_sent(body: str) -> bool:
    """Is a record that the function makes what it answers with: `const answer = {...}`, `res.json(answer)`?"""
    return any(re.search(rf"\bres\b.*\.(json|send)\(\s*{name}\s*\)", body) is not None for name in set(_HOLDS.findall(body)))


def decides(body: Sequence[str]) -> bool:
    """Does the environment or the kind of the error decide over more than the stack?"""
    return any(
        MAY_DECIDE.search(text) is not None
        and _OF_TESTS.search(text) is None
        and "stack" not in text
        and "stack" not in "".join(body[number + 1 : number + 2])
        for number, text in enumerate(body)
    )


def always_told(body: Sequence[str]) -> bool:
    """Does each answer of a handler of errors tell the message, whatever is decided in it: in production and elsewhere?"""
    text = "\n".join(body)
    answers = len(_ANSWERS.findall(text))
    return 0 < answers <= len(_MESSAGES.findall(text))


def asks_for_text(text: str) -> bool:
    """Does the line take the message of an error, otherwise than for a log?"""
    return _ASKS_TEXT.search(text) is not None and _LOGS.search(text) is None
