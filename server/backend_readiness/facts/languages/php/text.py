"""Text literals of PHP: escapes of quoted strings, and the paths of included files."""

from __future__ import annotations

import re

from backend_readiness.facts.languages.text import plain
from backend_readiness.facts.model import Concat, Lit, Value

MAX_LITERAL_CHARS = 20_000
_ESCAPE = re.compile(r"\\(?:([nrtvef\\$\"])|x([0-9a-fA-F]{1,2})|u\{([0-9a-fA-F]{1,6})\}|([0-7]{1,3}))")
_SIMPLE = {"n": "\n", "r": "\r", "t": "\t", "v": "\v", "e": "\x1b", "f": "\f"}
_SINGLE = re.compile(r"\\([\\'])")
_HERE = re.compile(r"^\s*\(?\s*(?:__DIR__|dirname\s*\(\s*__FILE__\s*\))\s*\.\s*(['\"])/?([^'\"$]{1,200})\1\s*\)?\s*$", re.IGNORECASE)
_ABOVE = re.compile(
    r"^\s*\(?\s*dirname\s*\(\s*(?:__DIR__|dirname\s*\(\s*__FILE__\s*\))\s*(?:,\s*([12345])\s*)?\)\s*\.\s*(['\"])/?([^'\"$]{1,200})\2\s*\)?\s*$",
    re.IGNORECASE,
)
_PLAIN = re.compile(r"^\s*\(?\s*(['\"])([^'\"$]{1,200})\1\s*\)?\s*$")
_ROOTED = re.compile(r"^\s*\(?\s*[\w\\$:>()-]{1,60}\s*\.\s*(['\"])/?([\w./-]{1,200}\.(?:php|inc|phtml))\1\s*\)?\s*$")
_FORMAT = re.compile(r"%([sdu%])")
_CALLED = re.compile(r"^\s*\(?\s*[\w\\$:>-]{1,60}\(\s*(['\"])/?([\w./-]{1,200}\.(?:php|inc|phtml))\1\s*\)\s*\)?\s*$")


def single_quoted(body: str) -> str:
    """The text between single quotes (latin-1 view)."""
    body = plain(body[: MAX_LITERAL_CHARS * 4])[:MAX_LITERAL_CHARS]
    return _SINGLE.sub(r"\1", body) if "\\" in body else body


def escape(written: str) -> str:
    """One escape sequence of a double-quoted string."""
    return _ESCAPE.sub(_decoded, plain(written))


def _decoded(match: re.Match[str]) -> str:
    simple, hexadecimal, code, octal = match.groups()
    if simple:
        return _SIMPLE.get(simple, simple)
    number = int(octal, 8) if octal else int(hexadecimal or code, 16)
    return chr(number) if number <= 0x10FFFF and not 0xD800 <= number <= 0xDFFF else "\ufffd"


def formatted(pattern: str, values: list[Value]) -> Value | None:
    """The text of `sprintf(pattern, ...values)`; None where the pattern asks for more than a text or a number in the order given."""
    pieces = _FORMAT.split(pattern)
    if any("%" in text for text in pieces[::2]) or sum(verb != "%" for verb in pieces[1::2]) != len(values) or not values:
        return None
    left = iter(values)
    parts: list[Value] = []
    for number, piece in enumerate(pieces):
        part = Lit(piece) if number % 2 == 0 or piece == "%" else next(left)
        parts.extend([part] if part != Lit("") else [])
    return Concat(tuple(parts))


def included_path(written: str) -> str | None:
    """The path in an `include` as a module: `./x.php` beside the file, `x.php` as written; None when it is computed.

    A path that starts with a constant or call of the program's own (`BASE_PATH . '/x.php'`) is given by its known end.
    """
    found = _HERE.match(written)
    if found:
        return f"./{plain(found[2])}"
    found = _ABOVE.match(written)
    if found:
        return "../" * int(found[1] or 1) + plain(found[3])
    found = _PLAIN.match(written)
    if found:
        return plain(found[2])
    found = _ROOTED.match(written) or _CALLED.match(written)  # `base_path('routes/api.php')`
    return plain(found[2]) if found else None
