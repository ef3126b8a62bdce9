"""Text of JavaScript source that needs no tree: string escapes, numbers, comment markers, visible JSX text."""

from __future__ import annotations

import math
import re
from html import unescape

from backend_readiness.facts.languages.text import MAX_LITERAL_CHARS, plain
from backend_readiness.facts.model import Concat, Lit, Unknown, Value

MAX_COMMENT_CHARS = 200
MAX_DOC_CHARS = 120
MAX_LITERAL_TEXTS = 20

_MARKS = ("todo", "fixme", "xxx", "hack", "stub", "mock", "implemented", "placeholder", "eslint-disable", "nosec")
_MARKER = re.compile(r"\b(?:todo|fixme|xxx|hack|stub|mock|not[ _-]?implemented|placeholder|eslint-disable|nosec)", re.IGNORECASE)
_COMMENT_EDGE = re.compile(r"^[\s/*#<!-]+|[\s*/>-]+$")
_DOC_EDGE = re.compile(r"^[\s*/]+|[\s*/]+$")
_ESCAPE = re.compile(r"\\(?:u\{([0-9a-fA-F]{1,6})\}|u([0-9a-fA-F]{4})|x([0-9a-fA-F]{2})|(\r\n|[\s\S]))")
_SIMPLE = {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v", "0": "\0", "\n": "", "\r": "", "\r\n": "", "\u2028": ""}
_SURROGATE = re.compile("[\ud800-\udfff]")
_SPACE = re.compile(r"\s+")


def decode_string(body: str) -> str:
    """The text between the quotes (latin-1 view of the bytes), escapes decoded, at most `MAX_LITERAL_CHARS` characters."""
    if len(body) > MAX_LITERAL_CHARS:
        body = body[: MAX_LITERAL_CHARS * 4]
    if not body.isascii():
        body = plain(body)
    if "\\" in body:
        body = _ESCAPE.sub(_unescape, body)
        if _SURROGATE.search(body):
            # escaped pairs become one character; a lone half cannot be encoded as UTF-8, and facts are
            body = body.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return body[:MAX_LITERAL_CHARS]


def _unescape(match: re.Match[str]) -> str:
    braces, four, two, simple = match.groups()
    if simple is not None:
        return _SIMPLE.get(simple, simple)
    code = int(braces or four or two, 16)
    return chr(code) if code <= 0x10FFFF else "\ufffd"


def number(text: str) -> Lit | Unknown:
    """An integer or float literal, or Unknown where no 64-bit value holds it (`10n` is 10)."""
    digits = text.replace("_", "").removesuffix("n")
    if len(digits) <= 40:
        for read in (lambda: int(digits, 0), lambda: float(digits)):
            try:
                value = read()
            except ValueError:
                continue
            if math.isfinite(value) if isinstance(value, float) else abs(value) < 2**63:
                return Lit(value)
            break
    return Unknown(text[:80])


def may_hold_marks(text: str) -> bool:
    """Whether it is worth looking at the comments one by one."""
    lower = text.lower()
    return any(mark in lower for mark in _MARKS)


def marked_line(text: str, start: int, end: int) -> tuple[str, int] | None:
    """The first line of the comment at `start`..`end` that says something is unfinished, without its marks, and its start."""
    match = _MARKER.search(text, start, end)
    if match is None:
        return None
    first = max(start, text.rfind("\n", start, match.start()) + 1, match.start() - MAX_COMMENT_CHARS)
    line = text[first : min(end, first + MAX_COMMENT_CHARS * 4)].partition("\n")[0]
    return _COMMENT_EDGE.sub("", plain(line))[:MAX_COMMENT_CHARS], first


def doc_line(comment: str) -> str:
    """The first line of a `/** ... */` comment that says something, else ""."""
    for line in comment[:2_000].split("\n")[:8]:
        text = _DOC_EDGE.sub("", plain(line))
        if text:
            return "" if text.startswith("@") else text[:MAX_DOC_CHARS]
    return ""


def squeeze(texts: list[str], limit: int) -> str:
    """Visible text in one line: white space collapsed, character references decoded."""
    return _SPACE.sub(" ", unescape("".join(texts))[: limit * 50]).strip()[:limit]


def literal_texts(value: Value) -> list[str]:
    """The literal text that a value shows: of a string, a template, each side of a ternary."""
    found: list[str] = []
    stack = [value]
    while stack and len(found) < MAX_LITERAL_TEXTS:
        part = stack.pop()
        if type(part) is Lit:
            if isinstance(part.value, str):
                found.append(part.value)
        elif type(part) is Concat:
            stack.extend(reversed(part.parts))
        elif hasattr(part, "options"):
            stack.extend(reversed(part.options))
    return found
