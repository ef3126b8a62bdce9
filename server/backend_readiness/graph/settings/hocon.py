"""Settings in HOCON (`application.conf`): blocks in braces, dotted names, `=` or `:` before a value that stands on its line."""

from __future__ import annotations

import re
from collections.abc import Iterator

MAX_CHARS = 400_000
MAX_DEPTH = 40
_PART = re.compile(
    r"(?:#|//)[^\n]*|(?P<name>[\w.\-\"]{1,200})[ \t]*(?:[=:]\s*)?(?P<opens>\{)"
    r"|(?P<key>[\w.\-\"]{1,200})[ \t]*[=:][ \t]*(?P<value>\"[^\"\n]{0,500}\"|\$\{[^}\n]{0,200}\}|[^\s{},#\[]{1,500}|\[)?|(?P<closes>\})"
)


def settings_of(text: str) -> Iterator[tuple[str, str]]:
    """Dotted name and value. What the environment may put in its place (`${?PORT}`) says nothing."""
    around: list[str] = []
    for part in _PART.finditer(text[:MAX_CHARS]):
        if part["opens"] and len(around) < MAX_DEPTH:
            around.append(part["name"].replace('"', ""))
        elif part["closes"] and around:
            around.pop()
        elif part["value"] and part["value"] != "[" and not part["value"].startswith("$"):
            yield ".".join((*around, part["key"].replace('"', ""))), part["value"].strip('"')
