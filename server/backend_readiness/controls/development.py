"""Lines that are for development or tests only, by the branch or section that they stand in."""

from __future__ import annotations

import re

from backend_readiness.controls.context import Context
from backend_readiness.rules.signs import sign

_ASIDE = re.compile(sign("development", "aside"))
_NOT_ASIDE = re.compile(
    r"(?i)!\s*\w*[\w.]*is_?(?:development|dev|debug|test(?:ing)?|local|environment)\b|!=|\bnot\b|\bunless\b|^\s*\}?\s*else\b"
)


def stands_in_development(context: Context, file: str, line: int) -> bool:
    """Does the line stand in a branch or a section that is for development or tests only?"""
    lines = context.snapshot.lines(file)
    text = lines[line - 1]
    if _ASIDE.search(text) is not None and _NOT_ASIDE.search(text) is None and re.search(r"\bif\b|\?", text) is not None:
        return True
    indent = len(text) - len(text.lstrip())
    for number in range(line - 2, max(-1, line - 80), -1):
        above = lines[number]
        depth = len(above) - len(above.lstrip())
        if above.strip() in ("", "{"):
            continue
        if depth < indent:
            if _ASIDE.search(above) is not None and _NOT_ASIDE.search(above) is None:
                return True
            indent = depth
            if not indent:
                break
    return False
