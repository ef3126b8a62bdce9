"""The source text that declares one field: the marks above it, its own line, and what its brackets hold below."""

from __future__ import annotations

import re
from collections.abc import Sequence

_MARK = re.compile(r"\s*(@|\[[A-Z]|#\[)")
_NOTE = re.compile(r"\s*(//|/?\*|#(?!\[))")
# A mark with the declaration behind it.
_BOTH = re.compile(r"[\])\w]\s+[\w@].*[;,:{]|[;,]\s*$")
# A line that ends another field, or opens the class.
_ENDS = re.compile(r"[;{}]\s*(//.*)?$|^\s*\}|,\s*(//.*)?$")
_CALLED = re.compile(r"\([^()]*\)")
MAX_ABOVE = 24
MAX_BELOW = 14


def declared_text(lines: Sequence[str], head: int, line: int, language: str) -> str:
    """The declaration of the field whose line (from 1) is given, as one line. `head` is the line of its class."""
    above: list[str] = []
    if language not in ("python", "go"):
        depth = 0
        for number in range(line - 1, max(head, line - MAX_ABOVE), -1):
            text = lines[number - 1]
            depth += sum(text.count(c) for c in ")]}") - sum(text.count(c) for c in "([{")
            if depth <= 0 and (
                not text.strip() or (_ENDS.search(text) is not None and _MARK.match(text) is None and _NOTE.match(text) is None)
            ):
                break
            above.append(text)
    below: list[str] = []
    depth, in_mark = 0, False
    for text in lines[line - 1 : line - 1 + MAX_BELOW]:
        below.append(text)
        bare = re.sub(r"\"[^\"]*\"|'[^']*'|`[^`]*`", "", text)
        in_mark = (in_mark and depth > 0) or (
            depth <= 0 and _MARK.match(text) is not None and _BOTH.search(_CALLED.sub("()", bare)) is None
        )
        depth += sum(bare.count(c) for c in "([{<") - sum(bare.count(c) for c in ")]}>") + bare.count("=>") + bare.count("->")
        if depth <= 0 and not in_mark:
            break
    kept = [t for t in (*reversed(above), *below) if _NOTE.match(t) is None]
    return " ".join(t.strip() for t in kept)[:2_000] if language != "go" else " ".join(kept)[:2_000]


def part_of(text: str, name: str) -> str:
    """Of the declarations that stand on one line, that of the name."""
    start = text.find("(") + 1 if "(" in text else text.find("{") + 1
    depth, first = 0, start
    for n in range(start, len(text) + 1):
        c = text[n] if n < len(text) else ","
        depth += (c in "([{<") - (c in ")]}>")
        if (c in ",;" and depth <= 0) or n == len(text):
            part = text[first:n]
            if re.search(rf"\b{re.escape(name)}\b", part) is not None:
                return part
            first = n + 1
    return text
