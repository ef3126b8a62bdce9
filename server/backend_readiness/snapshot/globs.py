"""Globs as in .gitignore, compiled so that no pattern can run away.

A leftmost match of what stands between two stars is always a right choice, so every part but the last is an atomic
group: the time is bounded by (length of the path) x (length of the pattern), whatever a hostile pattern holds.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

MAX_PATTERN_CHARS = 1_000
_NEVER = r"(?!)"
_CLASSES = {
    "alnum": "a-zA-Z0-9",
    "alpha": "a-zA-Z",
    "blank": r" \t",
    "digit": "0-9",
    "lower": "a-z",
    "space": r"\s",
    "upper": "A-Z",
    "xdigit": "0-9a-fA-F",
    "punct": r"!-\/:-@\[-`{-~",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Glob:
    """`source` is a regular expression for the whole path, without its end."""

    source: str
    only_folders: bool


def parse(pattern: str) -> Glob:
    """A pattern without its `!`. With a slash (but at the end) it starts at the root, else it stands at any depth.

    `*`, `?` and `[...]` stay within a name; `**` as a whole name is any number of folders; a slash at the end asks for a folder.
    """
    if len(pattern) > MAX_PATTERN_CHARS:
        return Glob(source=_NEVER, only_folders=False)
    only_folders = pattern.endswith("/")
    body = pattern.removesuffix("/")
    anchored = "/" in body
    names = body.removeprefix("/").split("/")
    if not anchored:
        names.insert(0, "**")
    if not body or "" in names:
        return Glob(source=_NEVER, only_folders=only_folders)
    return Glob(source=_path_regex(names), only_folders=only_folders)


def tail(pattern: str) -> str:
    """What the path of every file that the pattern matches holds: the text behind its last sign."""
    return re.split(r"[*?\[\]\\]", pattern.rstrip("/ "))[-1].lstrip("/")


def _path_regex(names: list[str]) -> str:
    runs: list[list[str]] = [[]]
    for name in names:
        if name == "**":
            runs.append([])
        else:
            runs[-1].append(name)
    # `**` directly after `**` says nothing more; an empty last run is "anything inside".
    inner = [run for run in runs[1:-1] if run]
    parts: list[str] = []
    first, last = runs[0], runs[-1]
    head = "/".join(map(_name_regex, first))
    if len(runs) == 1:
        return head
    if first:
        parts.append(head + "/")
    parts += [f"(?>(?:[^/]+/)*?{'/'.join(map(_name_regex, run))}/)" for run in inner]
    parts.append(f"(?:[^/]+/)*?{'/'.join(map(_name_regex, last))}" if last else "[^/].*")
    return "".join(parts)


def _name_regex(name: str) -> str:
    fixed: list[str] = [""]
    i = 0
    while i < len(name):
        char = name[i]
        i += 1
        if char == "*":
            if len(fixed) == 1 or fixed[-1]:
                fixed.append("")
        elif char == "?":
            fixed[-1] += "[^/]"
        elif char == "[":
            source, i = _bracket(name, i)
            fixed[-1] += source
        elif char == "\\" and i < len(name):
            fixed[-1] += re.escape(name[i])
            i += 1
        else:
            fixed[-1] += re.escape(char)
    if len(fixed) == 1:
        return fixed[0]
    middle = "".join(f"(?>[^/]*?{part})" for part in fixed[1:-1])
    return f"{fixed[0]}{middle}[^/]*{fixed[-1]}"


def _bracket(name: str, start: int) -> tuple[str, int]:
    """The class that begins after `[` at `start`, and where the name goes on. Without its `]` it is the character itself."""
    i = start
    negated = i < len(name) and name[i] in "!^"
    i += negated
    source = ""
    first = True
    while i < len(name) and (first or name[i] != "]"):
        first = False
        if name.startswith("[:", i) and (end := name.find(":]", i)) > 0 and name[i + 2 : end] in _CLASSES:
            source += _CLASSES[name[i + 2 : end]]
            i = end + 2
            continue
        if name[i] == "\\" and i + 1 < len(name):
            i += 1
        low = name[i]
        if name.startswith("-", i + 1) and i + 2 < len(name) and name[i + 2] != "]":
            i += 2 + (name[i + 2] == "\\" and i + 3 < len(name))
            if low <= name[i]:
                source += f"{re.escape(low)}-{re.escape(name[i])}"
        else:
            source += re.escape(low)
        i += 1
    if i >= len(name):
        return re.escape("["), start
    if not source:
        return ("[^/]" if negated else _NEVER), i + 1
    return f"(?!/)[{'^' if negated else ''}{source}]", i + 1


@lru_cache(maxsize=2_048)
def matcher(patterns: tuple[str, ...]) -> re.Pattern[str]:
    """Fully matches a file's path that one of the patterns names, itself or by a folder above it."""
    sources = []
    for pattern in patterns:
        glob = parse(pattern)
        sources.append(glob.source + ("/.*" if glob.only_folders else "(?:/.*)?"))
    return compiled("|".join(f"(?:{source})" for source in sources) or _NEVER)


def compiled(source: str) -> re.Pattern[str]:
    return re.compile(rf"(?:{source})\Z", re.DOTALL)
