"""What a flow leaves behind in its process or on its disk: counters and maps of a file, locks, files."""

from __future__ import annotations

import re

from backend_readiness.controls.callees import chain_text
from backend_readiness.controls.context import Context
from backend_readiness.model import Evidence
from backend_readiness.rules.signs import signs_by

_OF_PROCESS = signs_by("lasting_state", "of_process")
_DISK_STORES = signs_by("lasting_state", "disk_stores")
_TAKES_FILES = signs_by("lasting_state", "takes_files")
_LEAVES_FILES = signs_by("lasting_state", "leaves_files")
# A file for the request only, or for people who operate the service; a value that no other instance needs.
_PASSING = re.compile(r"(?i)te?mp|cache|\blog|pool|metric|once|/dev/|null")
_SPARE = re.compile(r"(?i)cache|memo|pool|regist|metric|total|stat|hits|template|loader|buffer|^(err|ok|ctx|db|log\w*|client|config|conn)$")
# Changes of a variable of the whole file, and what is done with such a one that began empty.
_CHANGES = (
    r"\b({names})(?:\.\w+)?(?:\[[^\]]{{1,80}}\])?\s*(?:\+\+|--|\+=|-=)",
    r"\b({names})(?:\.\w+)?\[[^\]]{{1,80}}\]\s*=(?!=)",
    r"(?:\+\+|--)({names})\b",
    r"\b({names})\s*=\s*append\(",
)
_USES = (r"\brange ({names})\b", r"\b({names})\.(?:Set\w*|Put|Store|Add|Push\w*|LoadOrStore|set|put)\(")
_EMPTY = re.compile(r"\bmake\(map|\bmap\[[^=]*\{\s*\}\s*$|(?i:cache)(?:\.New)?\(|\bnew LRU\w*\(|\blru\.|\bsync\.Map\b|\blist\.New\(")
# A field that all objects of a class share and that is no constant.
_FIELD = re.compile(
    r"\s+(?:(?:private|public|protected|internal|volatile)\s+)*static\s+(?!.*\b(?:final|readonly|const)\b)[^=;(]*?\$?(\w+)\s*(?:=[^=>]|;)"
)
MAX_CHARS = 300
MAX_NAMES = 60


def of_process(context: Context) -> Evidence | None:
    """The first line of the flow or its helpers that locks, or keeps a value, for one process alone."""
    return _first(context, _OF_PROCESS, re.compile(r"(?!)"))


def left_files(context: Context) -> Evidence | None:
    """The first line of the flow or its helpers that leaves a file, itself or by what takes uploads before it."""
    stored = context.hits(_DISK_STORES.get(context.language, ())) if context.language in _DISK_STORES else []
    taken = _first(context, _TAKES_FILES, _PASSING) if stored else None
    return taken if taken is not None else _first(context, _LEAVES_FILES, _PASSING)


def changed_names(context: Context) -> tuple[Evidence, str] | None:
    """The first change of a variable of a whole file: `next++`, `store.seen[id] = 1`; with its name."""
    patterns: dict[str, re.Pattern[str] | None] = {}
    for file, line, text in chain_text(context):
        if file not in patterns:
            patterns[file] = _pattern(context, file)
        pattern = patterns[file]
        found = pattern.search(text[:500]) if pattern is not None else None
        if found is not None:
            return context.at(file, line), next(g for g in found.groups() if g)
    return None


def _pattern(context: Context, file: str) -> re.Pattern[str] | None:
    lines = context.snapshot.lines(file)
    names: list[str] = []
    kept: list[str] = []
    names += [m[1] for t in lines if (m := _FIELD.match(t[:MAX_CHARS])) is not None and _SPARE.search(m[1]) is None]
    for (scope, name), bound in context.view(file).bindings.items():
        if scope == 0 and name.isidentifier():
            names += [name] if _SPARE.search(name) is None else []
            kept += [name] if any(_EMPTY.search(lines[a.line - 1]) for a, _ in bound[:4] if a.line <= len(lines)) else []
    parts = [p.format(names="|".join(found[:MAX_NAMES])) for found, forms in ((names, _CHANGES), (kept, _USES)) if found for p in forms]
    return re.compile("|".join(parts)) if parts else None


def _first(context: Context, table: dict[str, tuple[str, ...]], but: re.Pattern[str]) -> Evidence | None:
    patterns = [re.compile(p) for p in table.get(context.language, ())]
    for file, line, text in chain_text(context) if patterns else ():
        if any(p.search(text[:500]) is not None for p in patterns) and but.search(text) is None:
            return context.at(file, line)
    return None
