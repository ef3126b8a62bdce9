"""Text of Go: string and number literals, and format strings."""

from __future__ import annotations

import re

from backend_readiness.facts.languages.text import MAX_LITERAL_CHARS, is_text, join_text, plain
from backend_readiness.facts.model import Lit, Value

__all__ = ["formatted", "is_text", "join_text", "number", "string"]

_ESCAPE = re.compile(r"\\(?:([abfnrtv\\'\"])|x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([0-7]{3}))")
_SIMPLE = {"a": "\a", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v"}
_VERB = re.compile(r"%(?:[+\-# 0]{0,4}(?:\[\d{1,2}\])?(?:\d{1,4}|\*)?(?:\.(?:\d{1,4}|\*))?[a-zA-Z]|%)")


def string(raw: str) -> Lit:
    """A string or rune literal as written (latin-1 view)."""
    body = plain(raw[1 : -1 if len(raw) > 1 and raw[-1] == raw[0] else None][: MAX_LITERAL_CHARS * 4])
    if raw[:1] != "`" and "\\" in body:
        body = _ESCAPE.sub(_unescape, body)
    return Lit(body[:MAX_LITERAL_CHARS])


def _unescape(match: re.Match[str]) -> str:
    simple, two, four, eight, octal = match.groups()
    if simple:
        return _SIMPLE.get(simple, simple)
    code = int(octal, 8) if octal else int(two or four or eight, 16)
    return chr(code) if code < 0x110000 and not 0xD800 <= code < 0xE000 else "\ufffd"


def number(raw: str) -> Lit | None:
    """An integer or a float literal, None for one that is none."""
    text = raw.replace("_", "")
    try:
        if len(text) < 40:
            return Lit(int(text, 0) if not (len(text) > 1 and text[0] == "0" and text[1].isdigit()) else int(text, 8))
    except ValueError:
        pass
    try:
        return Lit(float(text)) if len(text) < 80 else None
    except ValueError:
        return None


def formatted(pattern: str, values: list[Value]) -> Value:
    """The text of `fmt.Sprintf(pattern, values...)`; a verb without a value stays as it is written."""
    found: list[Value] = []
    at = 0
    left = list(values)
    for match in _VERB.finditer(pattern):
        found.append(Lit(pattern[at : match.start()]))
        at = match.end()
        if match.group() == "%%":
            found.append(Lit("%"))
        elif left:
            found.append(left.pop(0))
        else:
            found.append(Lit(match.group()))
    found.append(Lit(pattern[at:]))
    return join_text(found)
