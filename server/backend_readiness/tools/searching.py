"""Text search over a snapshot in linear time, whatever the pattern: code before prose, with the lines of each file that match."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import PurePosixPath

from backend_readiness.errors import UnusableInput
from backend_readiness.report.absence import MAX_LINE_CHARS, BadSearch, compile_patterns
from backend_readiness.snapshot import ChangedWhileRead, Snapshot
from backend_readiness.snapshot.matching import Pattern
from backend_readiness.snapshot.skips import is_lock

LIMIT_S = 10.0
MAX_IN_FILE = 8  # lines of one file, when others were searched too
_PROSE = (".md", ".mdx", ".rst", ".txt", ".adoc")
MAX_ALTERNATIVES = 64
_COMMAS = re.compile(r"(?:[^,{}]|\{[^{}]*\}|[{}])+")  # what stands between commas outside of braces
_BRACES = re.compile(r"\{([^{}]*,[^{}]*)\}")


@dataclass(frozen=True, slots=True)
class Found:
    """Lines of a file that match, with the character where each match begins, and how many more of its lines do."""

    file: str
    lines: tuple[tuple[int, int], ...]
    more: int = 0


@dataclass
class TextSearch:
    """One search. After `run` has been read, `unread` names files that changed meanwhile and `stopped` where the time ran out.

    Lock files are searched only when `files` names some of them and nothing else.
    """

    snapshot: Snapshot
    pattern: str
    ignore_case: bool
    files: str | None
    unread: list[str] = field(default_factory=list)
    stopped: str | None = None

    def paths(self) -> tuple[str, ...]:
        return self._split[0]

    def passed_over(self) -> int:
        """How many lock files were left out."""
        return self._split[1]

    @cached_property
    def _split(self) -> tuple[tuple[str, ...], int]:
        every = named(self.snapshot, self.files or "")
        kept = sorted((p for p in every if not is_lock(PurePosixPath(p).name)), key=lambda p: p.lower().endswith(_PROSE))
        return (tuple(kept), len(every) - len(kept)) if kept else (tuple(every), 0)

    def run(self) -> Iterator[Found]:
        """Errors: `UnusableInput` for a pattern that RE2 does not take."""
        try:
            compiled = compile_patterns((("(?i)" if self.ignore_case else "") + self.pattern,))
        except BadSearch as error:
            raise UnusableInput(f"the pattern cannot be searched for: {error}; look-arounds and back-references are not known") from error
        if compiled is None:
            return
        end = time.monotonic() + LIMIT_S
        paths = self.paths()
        for path in paths:
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
            hits = list(_matching(compiled, lines))
            if len(paths) > 1:
                yield from (Found(path, tuple(part), len(hits) - len(part)) for part in (hits[:MAX_IN_FILE],) if part)
            else:
                yield from (Found(path, tuple(hits[i : i + MAX_IN_FILE])) for i in range(0, len(hits), MAX_IN_FILE))


def _matching(pattern: Pattern, lines: Sequence[str]) -> Iterator[tuple[int, int]]:
    """(number, character where the match begins) of each line that matches."""
    for number, line in enumerate(lines, start=1):
        raw = line[:MAX_LINE_CHARS].encode("utf-8", "replace")
        match = pattern.search(raw)
        if match is not None:
            yield number, len(raw[: match.start()].decode("utf-8", "ignore"))


def named(snapshot: Snapshot, files: str) -> tuple[str, ...]:
    """The files that a glob names, or several with commas between them; one that begins with `!` takes files away.

    Nothing but such ones, or none, begins with every file. Errors: `UnusableInput`.
    """
    globs = [glob.strip() for glob in _COMMAS.findall(files) if glob.strip()]
    wanted = [part for glob in globs if not glob.startswith("!") for part in alternatives(glob)]
    unwanted = [part for glob in globs if glob.startswith("!") for part in alternatives(glob[1:]) if part]
    every = snapshot.glob(*wanted) if wanted else tuple(f.path for f in snapshot.files)
    without = frozenset(snapshot.glob(*unwanted)) if unwanted else frozenset()
    return tuple(path for path in every if path not in without)


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
