"""Text of the repository in answers: lines of a file, hits of a search. It leaves through `shown`: visible, bounded, without secrets."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING

from backend_readiness.render.plain import visible
from backend_readiness.report.redact import redact_lines
from backend_readiness.tools import answers

if TYPE_CHECKING:
    from backend_readiness.tools.searching import Found, TextSearch
    from backend_readiness.workspace import Workspace

MAX_HIT = 200  # characters of a line in a hit
MAX_NEAR = 120  # characters of a line beside one
_BEFORE_MATCH = 60  # characters of a long line before its match
MAX_LINE = 2_000  # characters of a line of a file


def shown(lines: Sequence[str], first: int, last: int, limit: int) -> Iterator[str]:
    """Lines `first`..`last` of a file as they leave the repository, each with at most `limit` characters."""
    for line in redact_lines(lines, first, last, MAX_LINE):
        text = visible(line)
        yield _cut(text, limit)


def hit(found: Workspace, one: Found, context: int) -> answers.HitRow:
    """The lines of a file that match between their neighbours, each with its number as `grep -n` writes it."""
    lines = found.snapshot.lines(one.file)
    starts = dict(one.lines)
    wanted = sorted({n for number in starts for n in range(max(1, number - context), min(len(lines), number + context) + 1)})
    rows: list[str] = []
    for first, last in spans(wanted):
        rows += ["--"] if rows and context else []
        for number, text in enumerate(shown(lines, first, last, MAX_LINE), start=first):
            rows.append(f"{number}:{_around(text, starts[number])}" if number in starts else f"{number}-{_cut(text, MAX_NEAR)}")
    if one.more:
        rows.append(f"({one.more} more lines of this file: name it in files)")
    return answers.HitRow(file=one.file, text="\n".join(rows))


def spans(numbers: Sequence[int], gap: int = 0) -> Iterator[tuple[int, int]]:
    """First and last of each run of ascending numbers; runs with at most `gap` numbers between them are one."""
    start = numbers[0]
    for one, next_one in pairwise(numbers):
        if next_one - one > gap + 1:
            yield start, one
            start = next_one
    yield start, numbers[-1]


def _around(line: str, start: int) -> str:
    """A line; of a long one what stands around its match."""
    first = max(0, min(start, len(line)) - _BEFORE_MATCH) if len(line) > MAX_HIT else 0
    return ("…" if first else "") + _cut(line[first:], MAX_HIT)


def _cut(text: str, limit: int) -> str:
    return text if len(text) <= limit else text[: limit - 1] + "…"


def gaps_of(search: TextSearch) -> tuple[str, ...]:
    """What a search did not see."""
    gaps = []
    if not search.paths():
        gaps.append("no file has a name like that: files is a glob as in .gitignore")
    if search.passed_over():
        gaps.append(f"{search.passed_over()} lock file{'s' * (search.passed_over() > 1)} not searched: name them in files")
    if search.stopped is not None:
        gaps.append(f"the time ran out at {search.stopped}: narrow it with files")
    if search.unread:
        gaps.append(f"{len(search.unread)} files changed while they were searched, the first: {search.unread[0]}")
    return tuple(gaps)
