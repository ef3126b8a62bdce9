"""Lines of one file or of several in one answer, which share its characters in the order in which they were asked for."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from backend_readiness.errors import UnusableInput
from backend_readiness.tools import answers
from backend_readiness.tools.paging import size_of
from backend_readiness.tools.rows import about
from backend_readiness.tools.text import MAX_LINE, shown

if TYPE_CHECKING:
    from backend_readiness.workspace import Workspace

USUAL_LINES = 120
_PLACE = re.compile(r"(?P<file>.+?)(?::(?P<first>\d{1,7})(?:-(?P<last>\d{1,7}))?)?\Z")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Part:
    """Lines of a file as an answer shows them. `gaps`: what was left out; `size`: characters of the answer that they take."""

    file: str
    rows: tuple[str, ...]
    total: int
    gaps: tuple[str, ...]
    size: int


def file_text(found: Workspace, file: str, line: int, count: int, also: Sequence[str], max_chars: int) -> answers.FileText:
    """`also`: further places, as `path`, `path:12` or `path:12-40`.

    Errors: `UnusableInput` for a file that was not read, or a line that it does not have. Of `also` such a place is left out, and said.
    """
    first = _part(found, file, line, count, max_chars)
    gaps = list(first.gaps)
    room = max_chars - first.size
    others: list[_Part] = []
    for place in also:
        try:
            part = _part_at(found, place, room)
        except UnusableInput as error:
            gaps.append(str(error))
            continue
        if part is None:
            gaps.append(f"{place} did not fit: ask for it alone")
            continue
        room -= part.size
        gaps += (f"{part.file}: {gap}" for gap in part.gaps)
        others.append(part)
    return answers.FileText(
        about=about(found, None, "lines", *gaps),
        file=first.file,
        blob=found.snapshot.blob(first.file),
        lines_in_all=first.total,
        text="\n".join(first.rows),
        also=tuple(answers.FilePart(file=part.file, lines_in_all=part.total, text="\n".join(part.rows)) for part in others),
    )


def _part_at(found: Workspace, place: str, room: int) -> _Part | None:
    """None when not even a line fits."""
    at = _PLACE.match(place)
    if at is None:
        raise UnusableInput(f"{place[:300]!r} names no file")
    line = int(at["first"] or 1)
    count = max(1, int(at["last"]) - line + 1) if at["last"] else USUAL_LINES
    part = _part(found, at["file"], max(1, line), count, room)
    return part if part.size <= room else None


def _part(found: Workspace, path: str, line: int, count: int, max_chars: int) -> _Part:
    """At least one line. Errors: `UnusableInput`."""
    file = path.removeprefix("./")
    lines = _lines(found, file)
    if line > max(1, len(lines)):
        raise UnusableInput(f"{file} has {len(lines)} lines: ask for an earlier one than {line}")
    rows: list[str] = []
    used = 0
    for number, text in enumerate(shown(lines, line, line - 1 + count, MAX_LINE), start=line):
        row = f"{number}\t{text}"
        size = size_of(row)
        if rows and used + size > max_chars:
            break
        used += size
        rows.append(row)
    rest = len(lines) - (line - 1) - len(rows)
    gaps = [f"{rest} more lines: ask with line={line + len(rows)}"] if rest > 0 else []
    if any(len(text) > MAX_LINE for text in lines[line - 1 : line - 1 + len(rows)]):
        gaps.append(f"lines are cut after {MAX_LINE} characters")
    return _Part(file=file, rows=tuple(rows), total=len(lines), gaps=tuple(gaps), size=used)


def _lines(found: Workspace, file: str) -> Sequence[str]:
    """Errors: `UnusableInput` for a file that was not read."""
    taken = found.snapshot
    if taken.file(file) is None:
        near = [f.path for f in taken.files if f.path.endswith("/" + file.rpartition("/")[2])][:3]
        hint = f"; there is {', '.join(near)}" if near else "; find_symbol and grep find files"
        why = next((f" ({s.reason})" for s in taken.skipped if s.path == file), "")
        raise UnusableInput(f"{file[:300]} is not among the files that were read{why}{hint}")
    return taken.lines(file)
