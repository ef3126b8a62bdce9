"""How deep YAML of the audited repository is nested, seen before it is parsed: PyYAML's parser in C recurses, and a text of 30,000
brackets ends the process."""

from __future__ import annotations

import re

MAX_NESTING = 1_000  # PyYAML takes five times as many on a stack of 8 MiB
_BRACKETS = re.compile(r"[\[\]{}]")
_BEGUN = re.compile(r"^[ \t?-]*", re.MULTILINE)


def is_nested_too_deep(text: str) -> bool:
    """May a parser that recurses come to its end? Counted are brackets that stay open, and what a line begins with (`- - - x`)."""
    if any(match.end() - match.start() > MAX_NESTING for match in _BEGUN.finditer(text)):
        return True
    if text.count("[") + text.count("{") <= MAX_NESTING:
        return False
    depth = 0
    for match in _BRACKETS.finditer(text):
        depth = depth + 1 if match.group() in "[{" else max(0, depth - 1)
        if depth > MAX_NESTING:
            return True
    return False
