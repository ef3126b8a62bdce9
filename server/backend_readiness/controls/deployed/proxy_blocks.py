"""The blocks of a proxy's file in which a line stands: `http { server { location /api { ... } } }`; and what its limits count by."""

from __future__ import annotations

import re
from collections.abc import Sequence

MAX_LINES = 5_000
_ZONE_USED = re.compile(r"^\s*limit_req\s+zone=(\w{1,80})")
_ZONE = re.compile(r"^\s*limit_req_zone\s+\$(\w{1,80})\s.*\bzone=(\w{1,80})")
_MAPPED = re.compile(r"^\s*(?:map|geo)\s.*\$(\w{1,80})\s*\{")
_EMPTY = re.compile(r"^\s*(?:default\s+|\S+\s+)(?:\"\"|''|0)\s*;")
MAX_MAP = 60


def blocks_around(lines: Sequence[str], line: int) -> list[Sequence[str]]:
    """The lines of each block in braces around a line, the outermost first. `line` counts from 1."""
    opened: list[int] = []
    around: list[tuple[int, int]] = []
    waiting: list[int] = []
    for number, text in enumerate(lines[:MAX_LINES], 1):
        live = text.partition("#")[0]
        for sign in live:
            if sign == "{":
                opened.append(number)
            elif sign == "}" and opened:
                start = opened.pop()
                if start in waiting:
                    around.append((start, number))
                    waiting.remove(start)
        if number == line:
            waiting = list(opened)
            if not waiting:
                break
    return [lines[a - 1 : z] for a, z in sorted(around)]


def counts_some_only(lines: Sequence[str], number: int) -> bool:
    """Does a limit of nginx count by a key that a `map` leaves empty for some requests, so that those are not limited?"""
    used = _ZONE_USED.match(lines[number - 1][:500])
    zones = [m for t in lines[:MAX_LINES] if (m := _ZONE.match(t[:500])) is not None]
    keys = {m[1] for m in zones if used is not None and m[2] == used[1]}
    for at, text in enumerate(lines[:MAX_LINES]) if keys else ():
        head = _MAPPED.match(text[:500])
        if head is None or head[1] not in keys:
            continue
        for below in lines[at + 1 : at + MAX_MAP]:
            if "}" in below:
                break
            if _EMPTY.match(below[:500]) is not None:
                return True
    return False
