"""Keys of sessions and tokens that the process makes for itself when it starts: they end with it, and no other instance has them."""

from __future__ import annotations

import re

from backend_readiness.controls.context import Context
from backend_readiness.model import Evidence
from backend_readiness.rules.signs import signs

_AT_START = signs("start_keys", "at_start")
_BY_SETTING = re.compile(r"(?i)env|settings|config\.get|getenv")
_TYPED = re.compile(r":\s*\w+\s*=")


def made_at_start(context: Context) -> Evidence | None:
    """The first line that makes a key anew at each start and keeps it nowhere; not where a setting may give one."""
    for file, line, text in context.hits(_AT_START):
        if _BY_SETTING.search(text) is None and _TYPED.search(text) is None and not _is_written_down(context, file, line, text):
            return context.at(file, line)
    return None


def _is_written_down(context: Context, file: str, line: int, text: str) -> bool:
    """Is the key that is made kept in a file, so that the next start finds it?"""
    name = re.match(r"\s*(?:(?:const|let|var)\s+)?(\w+)\s*(?::\s*\w+\s*)?:?=", text)
    if name is None:
        return False
    near = context.snapshot.lines(file)[line : line + 12]
    return any(re.search(rf"(?i)(?:write|dump|save|store)\w*\([^)]*\b{name.group(1)}\b", t) is not None for t in near)
