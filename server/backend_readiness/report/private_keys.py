"""Bodies of private keys: lines that say nothing by themselves, secret because of a line above them."""

from __future__ import annotations

import re
from collections.abc import Sequence

MASK = "[redacted]"
_MAX_KEY_LINES = 200
_MAX_LINE = 400
_BEGINS = re.compile(r"-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----")
# A line of base64, as it stands or as a piece of a string, and the headers of an old or an armoured key.
_BODY = re.compile(
    r"""[\s"'`+>|#*(,;]{0,120}(?:[A-Za-z0-9+/=]{1,200}|(?:Proc-Type|DEK-Info|Version|Comment):.{0,100})?(?:\\[nr]|["'`+,;)\\\s]){0,40}"""
)


def without_key_bodies(lines: Sequence[str], first: int, last: int) -> list[str]:
    """Lines `first`..`last` of a file (from 1), those of the body of a private key replaced by `[redacted]`."""
    taken: list[str] = []
    inside = _starts_inside(lines, first)
    for line in lines[first - 1 : last]:
        inside = inside and _is_body(line)
        taken.append(MASK if inside and line.strip() else line)
        inside = inside or _BEGINS.search(line[-_MAX_LINE:]) is not None
    return taken


def _starts_inside(lines: Sequence[str], first: int) -> bool:
    """Whether a key that began above goes on at line `first`."""
    for number in range(first - 1, max(0, first - 1 - _MAX_KEY_LINES), -1):
        line = lines[number - 1]
        if not _is_body(line):
            return _BEGINS.search(line[-_MAX_LINE:]) is not None
    return False


def _is_body(line: str) -> bool:
    return len(line) <= _MAX_LINE and _BODY.fullmatch(line) is not None
