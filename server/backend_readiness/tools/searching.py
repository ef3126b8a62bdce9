"""Text search over a snapshot in linear time, whatever the pattern: hits in the order of files and lines."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from dataclasses import dataclass, field

from backend_readiness.errors import UnusableInput
from backend_readiness.report.absence import MAX_LINE_CHARS, BadSearch, compile_patterns
from backend_readiness.snapshot import ChangedWhileRead, Snapshot

LIMIT_S = 10.0
MAX_ALTERNATIVES = 64
_BRACES = re.compile(r"\{([^{}]*,[^{}]*)\}")


@dataclass(frozen=True, slots=True)
class Found:
    file: str
    line: int


@dataclass(slots=True)
class TextSearch:
    """One search. After `run` has been read, `unread` names files that changed meanwhile and `stopped` where the time ran out."""

    snapshot: Snapshot
    pattern: str
    ignore_case: bool
    files: str | None
    unread: list[str] = field(default_factory=list)
    stopped: str | None = None

    def paths(self) -> tuple[str, ...]:
        return self.snapshot.glob(*alternatives(self.files)) if self.files else tuple(f.path for f in self.snapshot.files)

    def run(self) -> Iterator[Found]:
        """Errors: `UnusableInput` for a pattern that RE2 does not take."""
        try:
            compiled = compile_patterns((("(?i)" if self.ignore_case else "") + self.pattern,))
        except BadSearch as error:
            raise UnusableInput(f"the pattern cannot be searched for: {error}; look-arounds and back-references are not known") from error
        if compiled is None:
            return
        end = time.monotonic() + LIMIT_S
        for path in self.paths():
            if time.monotonic() > end:
                self.stopped = path
                return
            try:
                text, lines = self.snapshot.text(path), self.snapshot.lines(path)
            except ChangedWhileRead:
                self.unread.append(path)
                continue
            if compiled.search(text.replace("\r\n", "\n").encode("utf-8", "replace")) is None:
                continue
            for number, line in enumerate(lines, start=1):
                if compiled.search(line[:MAX_LINE_CHARS].encode("utf-8", "replace")) is not None:
                    yield Found(path, number)


def alternatives(pattern: str) -> tuple[str, ...]:
    """The globs that one with braces stands for, as people and models write them: `*.{py,ts}` is `*.py` and `*.ts`.

    Errors: `UnusableInput` when they stand for more than `MAX_ALTERNATIVES`.
    """
    found = [pattern]
    while any(_BRACES.search(p) for p in found):
        found = [
            p[: m.start()] + part + p[m.end() :] if m else p
            for p in found
            for m in [_BRACES.search(p)]
            for part in (m.group(1).split(",") if m else [""])
        ]
        if len(found) > MAX_ALTERNATIVES:
            raise UnusableInput(f"the glob {pattern!r} stands for more than {MAX_ALTERNATIVES} others: name fewer alternatives")
    return tuple(found)
