"""Files that say where the logs of the application go: does a form that stands in one reach the logs of the whole service?"""

from __future__ import annotations

import re

from backend_readiness.controls.context import Context
from backend_readiness.controls.deployed.setups import Setup
from backend_readiness.rules.signs import sign

_APPENDER = re.compile(r"<[Aa]ppender\b[^>]*\bname=\"([^\"]+)\"|^\s*<\w+\s+name=\"([^\"]+)\"")
_REFERS = re.compile(r"<(?:appender-ref|AppenderRef|appenderRef)\b[^>]*\bref=\"([^\"]+)\"")
_ASIDE = re.compile(sign("log_files", "aside"))
_PARTS = re.compile(sign("log_files", "parts"))
MAX_NEAR = 12


def reaches_all(context: Context, setup: Setup) -> bool:
    """False where the form stands in an appender that no logger refers to, or in a handler of some channels alone."""
    file, line = setup.at.file or "", setup.at.line or 1
    lines = context.snapshot.lines(file)
    if file.endswith(".xml"):
        return _is_referred_to(lines, line)
    if file.endswith((".yml", ".yaml")):
        return not _is_of_channels(lines, line)
    return True


def _is_referred_to(lines: tuple[str, ...], line: int) -> bool:
    found = next((m for n in range(line, max(0, line - MAX_NEAR), -1) if (m := _APPENDER.search(lines[n - 1][:500])) is not None), None)
    if found is None:
        return True
    own = found.group(1) or found.group(2)
    named = {own}
    aside = False
    for text in lines:  # an appender that hands on to another one stands before or behind it
        aside = _ASIDE.search(text) is not None or (aside and "</springProfile" not in text)
        refers = _REFERS.search(text[:500])
        if refers is not None and refers.group(1) in named and not aside:
            return True
    return not any(_REFERS.search(t[:500]) is not None for t in lines)


def _is_of_channels(lines: tuple[str, ...], line: int) -> bool:
    """Does a key beside the line name the only channels of the handler?"""
    depth = len(lines[line - 1]) - len(lines[line - 1].lstrip())
    for step in (-1, 1):
        for number in range(line + step, line + step * MAX_NEAR, step):
            text = lines[number - 1] if 0 < number <= len(lines) else ""
            indent = len(text) - len(text.lstrip())
            if text.strip() and indent < depth:
                break
            if indent == depth and _PARTS.match(text) is not None:
                return True
    return False
