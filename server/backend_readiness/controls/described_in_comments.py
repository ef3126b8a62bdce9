"""Operations of an OpenAPI document that comments hold: blocks that a mark opens, in which paths and methods stand as YAML."""

from __future__ import annotations

import re
from collections.abc import Iterator

from backend_readiness.controls.context import Context
from backend_readiness.controls.places import is_test
from backend_readiness.rules.signs import sign

_LIBRARIES = re.compile(sign("described_in_comments", "libraries"))
_MARKS = re.compile(sign("described_in_comments", "marks"))
_LEAD = re.compile(r"^\s*(?:\*(?!/)|#|//)? ?")
_PATH = re.compile(r"^\s*['\"]?(/[^\s'\"]*)['\"]?:\s*$")
_METHOD = re.compile(r"^\s+(get|post|put|patch|delete|head|options):\s*$")
MAX_BLOCK = 400  # lines


def commented_operations(context: Context) -> Iterator[tuple[str, str, str, int]]:
    """(method, path, file, line) of each operation that a comment of production code describes for a library that reads comments."""
    if not any(_LIBRARIES.search(d) for d in context.dependencies()):
        return
    for file in context.snapshot.files:
        if not context.graph.has(file.path) or is_test(file.path) or _MARKS.search(context.snapshot.text(file.path)) is None:
            continue
        lines = context.snapshot.lines(file.path)
        for number, line in enumerate(lines):
            if _MARKS.search(line) is not None:
                yield from _block(file.path, lines, number + 1)


def _block(path: str, lines: list[str] | tuple[str, ...], start: int) -> Iterator[tuple[str, str, str, int]]:
    url = ""
    for number, line in enumerate(lines[start : start + MAX_BLOCK], start + 1):
        if "*/" in line or _MARKS.search(line) is not None:
            return
        text = _LEAD.sub("", line, count=1)
        if (named := _PATH.match(text)) is not None:
            url = named[1]
        elif url and (method := _METHOD.match(text)) is not None:
            yield method[1].upper(), url, path, number
