"""Text of Java and Kotlin source that needs no tree: escapes, text blocks, numbers, formats, comments."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence

from backend_readiness.facts.languages.text import MAX_LITERAL_CHARS, join_text, plain
from backend_readiness.facts.model import Lit, Unknown, Value

MAX_DOC_CHARS = 120
MARKED = re.compile(r"\b(?:todo|fixme|xxx|hack|stub|mock|not[ _-]?implemented|placeholder|nosec)", re.IGNORECASE)

EMPTY = Lit("")
_ESCAPE = re.compile(r"\\(?:([\\'\"$bfnrts])|(\r?\n)|u+([0-9a-fA-F]{4})|([0-3]?[0-7]{1,2}))")
_SIMPLE = {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "s": " "}
_FORMAT = re.compile(r"%(?:(\d{1,2})\$)?[-#+ 0,(]{0,6}(?:\d{1,4})?(?:\.\d{1,4})?([a-zA-Z%])")
_DOC = re.compile(r"[\s*/]*([^\n*@{][^\n]{0,200})")


def decode(body: str) -> str:
    """The text between quotes (latin-1 view), escapes decoded, at most `MAX_LITERAL_CHARS` characters."""
    if len(body) > MAX_LITERAL_CHARS:
        body = body[: MAX_LITERAL_CHARS * 4]
    if not body.isascii():
        body = plain(body)
    if "\\" in body:
        body = _ESCAPE.sub(_unescape, body)
    return body[:MAX_LITERAL_CHARS]


def _unescape(match: re.Match[str]) -> str:
    simple, newline, code, octal = match.groups()
    if simple:
        return _SIMPLE.get(simple, simple)
    if newline:
        return ""
    number = int(octal, 8) if octal else int(code, 16)
    # a lone surrogate cannot be encoded as UTF-8, and facts are
    return "\ufffd" if 0xD800 <= number <= 0xDFFF else chr(number)


def text_block(body: str) -> str:
    """The text of a block between triple quotes: the common indentation and the first line break are not part of it."""
    lines = decode(body).split("\n")
    if lines and not lines[0].strip():
        lines = lines[1:]
    indents = [len(line) - len(line.lstrip()) for line in lines if line.strip()]
    cut = min(indents, default=0)
    return "\n".join(line[cut:].rstrip() for line in lines)


def number(text: str) -> Lit | None:
    """An integer or float literal without its suffix, or None where no 64-bit value holds it."""
    digits = text.replace("_", "")
    if len(digits) > 40 or not digits.isascii():
        return None
    prefixed = digits[:2].lower() in ("0x", "0b")
    digits = digits.rstrip("lLuU") if prefixed else digits.rstrip("lLuUfFdD")
    for read in (lambda: int(digits, 0), lambda: int(digits, 8), lambda: float(digits)):
        try:
            found = read()
        except ValueError:
            continue
        fits = math.isfinite(found) if isinstance(found, float) else abs(found) < 2**63
        return Lit(found) if fits else None
    return None


def formatted(template: Value, values: Sequence[Value]) -> Value:
    """`String.format(template, values)`; a template that is no literal keeps its parts, followed by the values."""
    if type(template) is not Lit or not isinstance(template.value, str):
        return join_text([template, *values])
    found: list[Value] = []
    at = used = 0
    for match in _FORMAT.finditer(template.value):
        found.append(Lit(template.value[at : match.start()]))
        at = match.end()
        position, conversion = match.groups()
        if conversion in "%n":
            found.append(Lit("%" if conversion == "%" else "\n"))
            continue
        index = int(position) - 1 if position else used
        used += position is None
        found.append(values[index] if 0 <= index < len(values) else Unknown(match.group()))
    found.append(Lit(template.value[at:]))
    return join_text(part for part in found if part != EMPTY)


def doc_line(comment: str) -> str:
    """The first line of a documentation comment (latin-1 view), "" for a comment that is none."""
    if not comment.startswith("/**"):
        return ""
    first = _DOC.match(comment, 3)
    return plain(first.group(1)).removesuffix("*/").strip()[:MAX_DOC_CHARS] if first is not None else ""


DOLLAR_NAME = re.compile(r"\$([A-Za-z_]\w{0,100})")


def raw(body: str) -> str:
    """Text without escapes (latin-1 view), at most `MAX_LITERAL_CHARS` characters."""
    return plain(body[: MAX_LITERAL_CHARS * 4])[:MAX_LITERAL_CHARS]
