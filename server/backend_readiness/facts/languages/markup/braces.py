"""Finds where a `{` or `(` of JavaScript ends, strings, comments and nesting counted."""

from __future__ import annotations

import re

_TOKEN = re.compile(
    rb"[{(\[]|[})\]]|//[^\n]*|/\*[^*]*(?:\*(?!/)[^*]*)*"
    rb"|(?<=[(,=])/(?![*/])[^/\\\n]*(?:\\.[^/\\\n]*)*/"
    rb"|\"[^\"\\\n]*(?:\\.[^\"\\\n]*)*\"?|'[^'\\\n]*(?:\\.[^'\\\n]*)*'?|`[^`\\]*(?:\\.[^`\\]*)*`?",
    re.DOTALL,
)
"""A string, comment or template that never closes takes all that is left of its line or of the span: no text is read twice."""
MAX_SPAN = 60_000


class Braces:
    """One per page: the text that failed searches may read is bounded by four times the page."""

    def __init__(self, source: bytes) -> None:
        self._source = source
        self._budget = 4 * len(source) + MAX_SPAN

    def end(self, start: int) -> int:
        """The offset after the bracket that closes the one at `start`, or -1: it never closes, or the page has used up its searches."""
        if self._budget <= 0:
            return -1
        depth = 0
        stop = min(len(self._source), start + MAX_SPAN)
        for match in _TOKEN.finditer(self._source, start, stop):
            token = match[0]
            if token in (b"{", b"(", b"["):
                depth += 1
            elif token in (b"}", b")", b"]"):
                depth -= 1
                if depth == 0:
                    return match.end()
        self._budget -= stop - start
        return -1


def past(lower: bytes, closer: bytes, position: int, absent: set[bytes]) -> int:
    """The offset behind the next closing tag, or the position itself; `absent` keeps the tags that do not come any more."""
    end = -1 if closer in absent else lower.find(closer, position)
    if end < 0:
        absent.add(closer)
    return position if end < 0 else end + len(closer)
