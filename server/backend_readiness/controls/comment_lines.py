"""Lines of a file that stand in comments of several lines: code that was taken out, and documentation."""

from __future__ import annotations

import re
from functools import cache

from backend_readiness.rules.signs import sign, signs_by

_OPENS = signs_by("comment_lines", "opens")
_CLOSES = signs_by("comment_lines", "closes")
_FILES = signs_by("comment_lines", "files")
_TEXT = re.compile(sign("comment_lines", "text"))
_GOES_ON = re.compile(sign("comment_lines", "goes_on"))


def commented_out(path: str, lines: tuple[str, ...]) -> frozenset[int]:
    """The numbers of the lines, from 1, that stand in comments of several lines."""
    found: set[int] = set()
    for kind, files in _FILES.items():
        if path.endswith(files):
            _collect(kind, lines, found)
    if path.endswith((".py", ".pyi")):
        _collect_texts(lines, found)
    return frozenset(found)


@cache
def _opens(kind: str) -> re.Pattern[str]:
    (pattern,) = _OPENS[kind]
    return re.compile(pattern)


def _collect(kind: str, lines: tuple[str, ...], found: set[int]) -> None:
    inside, opens, (closes,) = False, _opens(kind), _CLOSES[kind]
    for number, line in enumerate(lines, 1):
        inside = inside or opens.match(line) is not None
        if inside:
            found.add(number)
            inside = closes not in line


def _collect_texts(lines: tuple[str, ...], found: set[int]) -> None:
    """Texts in three quotes that are statements: one that goes on a line above is a value."""
    ends, is_statement, above = "", False, ""
    for number, line in enumerate(lines, 1):
        if ends:
            closed = ends in line
        else:
            opened = _TEXT.match(line)
            marks = opened.group(1) if opened else _opened_inside(line)
            if not marks:
                above = line if line.strip() else above
                continue
            is_statement = opened is not None and _GOES_ON.search(above) is None
            ends, closed = marks, opened is not None and marks in line[opened.end() :]
        if is_statement:
            found.add(number)
        if closed:
            above, ends = line, ""


def _opened_inside(line: str) -> str:
    """The quotes of a text that starts on this line, behind something, and ends on another: `query = \"\"\"select`."""
    for marks in ('"""', "'''"):
        if line.count(marks) % 2 and not line.lstrip().startswith("#"):
            return marks
    return ""
