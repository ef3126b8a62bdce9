"""Where brackets of code close that stands in markup, texts left out."""

from __future__ import annotations

import re

_OPEN, _CLOSE = {40: 41, 91: 93, 123: 125}, frozenset((41, 93, 125))
MAX_CODE = 200_000
MAX_LOST = 400_000


class Brackets:
    """The brackets of one page. Those that close nowhere are looked for in `MAX_LOST` bytes of it in all, then in their line alone."""

    def __init__(self, source: bytes) -> None:
        self._source = source
        self._left = MAX_LOST

    def end(self, start: int) -> int:
        """Behind the bracket that closes the one at `start`; the end of the line where none does."""
        line = self._source.find(b"\n", start)
        line = line if line >= 0 else len(self._source)
        limit = min(len(self._source), start + MAX_CODE) if self._left > 0 else min(line, start + MAX_CODE)
        found = _closing(self._source, start, limit)
        if found is None:
            self._left -= limit - start
        return line if found is None else found

    def after_steps(self, at: int, step: re.Pattern[bytes]) -> int:
        """Behind what follows a name: arguments and indexes in brackets, and further steps (`.b(c)[d]`)."""
        while True:
            if self._source[at : at + 1] in (b"(", b"["):
                at = self.end(at)
            elif (found := step.match(self._source, at)) is not None:
                at = found.end()
            else:
                return at


def _closing(source: bytes, start: int, limit: int) -> int | None:
    waiting: list[int] = []
    at = start
    while at < limit:
        byte = source[at]
        if byte in (34, 39):
            line = source.find(b"\n", at + 1)
            closing = source.find(bytes((byte,)), at + 1, line if line >= 0 else limit)
            at = closing if closing >= 0 else at
        elif byte in _OPEN:
            waiting.append(_OPEN[byte])
        elif byte in _CLOSE:
            if waiting and waiting[-1] == byte:
                waiting.pop()
            if not waiting:
                return at + 1
        at += 1
    return None
