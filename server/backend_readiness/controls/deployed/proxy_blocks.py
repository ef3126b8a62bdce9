"""The blocks of a proxy's file in which a line stands: `http { server { location /api { ... } } }`."""

from __future__ import annotations

from collections.abc import Sequence

MAX_LINES = 5_000


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
