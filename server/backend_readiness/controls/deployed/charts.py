"""Templates of Helm charts, read as the objects that they most likely become: actions left out, values of the chart in their places."""

from __future__ import annotations

import json
import re
from collections.abc import Callable

from backend_readiness.controls.deployed.yamlfile import Entry, documents

_ACTION = re.compile(r"^(\s*)\{\{.*\}\}\s*$")
_BARE = re.compile(r"^(\s*(?:-\s+)*(?:[\w./-]+:\s+)?)(\{\{.*)$")
_GIVEN = re.compile(r"\btoYaml\s+\(?\s*\.Values\.([\w.]{1,200})")
_NUMBER = re.compile(r"^\{\{-?\s*\.Values\.([\w.]{1,200})\s*(?:\|\s*(?:int|int64)\s*)?-?\}\}\s*(?:#.*)?$")
_DOT = re.compile(r"\btoYaml\s+\.(?=\s|\))")
_WITH = re.compile(r"\{\{-?\s*with\s+\.Values\.([\w.]{1,200})")
_SWITCH = re.compile(r"\{\{-?\s*if\s+\.Values\.([\w.]{1,200})\s*-?\}\}")
_ALL = re.compile(r"\{\{-?\s*if\s+and\s(?!.*\b(not|or|eq|ne)\b)")  # each of several values must be on
_EACH = re.compile(r"\.Values\.([\w.]{1,200})")
_OPENS = re.compile(r"\{\{-?\s*(?:if|range|with|define|block)\b")
_CLOSES = re.compile(r"\{\{-?\s*end\b")
_ELSE = re.compile(r"\{\{-?\s*else\b")
MAX_DEPTH = 12
MAX_LINES = 4_000
MAX_ITEMS = 200


def chart_of(path: str) -> str | None:
    """The folder of the chart that a template belongs to; None for a file that is no template of a chart."""
    folder, found, _ = path.rpartition("templates/")
    return folder if found and (not folder or folder.endswith("/")) else None


def values_in(text: str) -> Callable[[str], Entry | None]:
    """Looks up a path of a chart's values (`api.resources`)."""
    read = documents(text)
    return lambda path: read[0].get(*path.split(".")) if read else None


def plain(text: str, value: Callable[[str], Entry | None]) -> str:
    """The template as YAML; each line stays where it is. Of a condition only the first branch is kept."""
    found: list[str] = []
    opened: list[str] = []  # what the dot stands for in each open block
    other: list[int] = []  # depths of blocks whose other branch is being read
    for line in text.split("\n")[:MAX_LINES]:
        if _CLOSES.search(line) is not None and _OPENS.search(line) is None:
            if other and other[-1] == len(opened):
                other.pop()
            opened = opened[:-1]
        elif _ELSE.search(line) is not None:
            if not other or other[-1] != len(opened):
                other.append(len(opened))
        elif _OPENS.search(line) is not None and _CLOSES.search(line) is None:
            named = _WITH.search(line)
            opened.append(named.group(1) if named is not None else opened[-1] if opened else "")
        if other:
            found.append("")
            continue
        action = _ACTION.match(line)
        bare = _BARE.match(line)
        if action is not None and "}}:" not in line:
            found.append(_filled(line, action.group(1), opened[-1] if opened else "", value))
        elif bare is not None:
            key = bare.group(1)
            asked = _path(line, opened[-1] if opened else "")
            inner = _as_text(value(asked)) if asked and key.rstrip().endswith(":") else _as_number(bare.group(2), value)
            found.append(key + (inner or "'" + bare.group(2).replace("'", "''") + "'"))
        else:
            found.append(line)
    return "\n".join(found)


def is_switched_off(text: str, line: int, value: Callable[[str], Entry | None]) -> bool:
    """Does what stands at a line of a template depend on a value that the chart sets to false?"""
    opened: list[bool] = []
    for read in text.split("\n")[: min(line, MAX_LINES)]:
        if _CLOSES.search(read) is not None and _OPENS.search(read) is None:
            opened = opened[:-1]
        elif _ELSE.search(read) is not None and opened:
            opened[-1] = False
        elif _OPENS.search(read) is not None and _CLOSES.search(read) is None:
            named = _SWITCH.search(read[:300])
            asked = [named.group(1)] if named is not None else _EACH.findall(read[:300]) if _ALL.search(read[:300]) is not None else []
            opened.append(any((entry := value(a)) is not None and entry.text == "false" for a in asked))
    return any(opened)


def _path(line: str, dot: str) -> str:
    named = _GIVEN.search(line)
    return named.group(1) if named is not None else dot if _DOT.search(line) is not None else ""


def _filled(line: str, indent: str, dot: str, value: Callable[[str], Entry | None]) -> str:
    """What a line of nothing but an action puts there: the value that it writes out, one line deeper than any key around it."""
    asked = _path(line, dot)
    inner = _as_text(value(asked)) if asked else ""
    depth = re.search(r"\bn?indent\s+(\d{1,2})", line)
    return " " * (int(depth.group(1)) if depth is not None else len(indent)) + inner if inner else ""


def _as_text(entry: Entry | None) -> str:
    """A value on one line; empty for one that is missing or empty."""
    made = _made(entry, 0) if entry is not None else None
    return json.dumps(made) if isinstance(made, dict | list) and made else ""


def _as_number(action: str, value: Callable[[str], Entry | None]) -> str:
    """The number that an action writes out and nothing else, such as how many instances there are; empty for anything else."""
    named = _NUMBER.match(action[:300])
    entry = value(named.group(1)) if named is not None else None
    return entry.text if entry is not None and entry.text.isdigit() else ""


def _made(entry: Entry, depth: int) -> object:
    if depth > MAX_DEPTH:
        return ""
    if entry.text:
        return entry.text
    pairs = {k: _made(v, depth + 1) for n, (k, v) in enumerate(entry.items()) if n < MAX_ITEMS}
    listed = [_made(v, depth + 1) for n, v in enumerate(entry.each()) if n < MAX_ITEMS]
    return pairs or listed or ""
