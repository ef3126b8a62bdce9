"""The ignore rules of a repository: what its .gitignore files and .git/info/exclude say.

Rules of the machine (core.excludesFile) are left out on purpose: the same bytes give the same snapshot everywhere.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from backend_readiness.snapshot import globs

MAX_RULES = 5_000


@dataclass(frozen=True, slots=True)
class Rule:
    matches: re.Pattern[str]
    ignored: bool
    only_folders: bool


@dataclass(frozen=True, slots=True)
class Rules:
    """The rules of one file. `base` is the folder they stand in ("" or ending with a slash); the last match decides.

    `above` is the way from there to the audited folder, when that lies below.
    `any_file` and `any_folder` match whatever one of the rules matches; most paths need no more.
    """

    base: str
    above: str
    rules: tuple[Rule, ...]
    any_file: re.Pattern[str]
    any_folder: re.Pattern[str]

    def decide(self, path: str, folder: bool) -> bool | None:
        name = self.above + path[len(self.base) :]
        if not (self.any_folder if folder else self.any_file).match(name):
            return None
        for rule in reversed(self.rules):
            if (folder or not rule.only_folders) and rule.matches.match(name):
                return rule.ignored
        return None


def parse(text: str, base: str, inside: str = "") -> Rules | None:
    """The rules of an ignore file in folder `base`; None when it has none.

    With `inside`, the audited folder's own path in the work tree, `base` is a folder above it and paths are relative to the former.
    """
    rules: list[Rule] = []
    for_files: list[str] = []
    for_folders: list[str] = []
    for line in text.removeprefix("\ufeff").split("\n")[:MAX_RULES]:
        pattern = _without_trailing_blanks(line.removesuffix("\r"))
        if not pattern or pattern.startswith("#"):
            continue
        ignored = not pattern.startswith("!")
        glob = globs.parse(pattern if ignored else pattern[1:])
        rules.append(Rule(globs.compiled(glob.source), ignored, glob.only_folders))
        for_folders.append(f"(?:{glob.source})")
        if not glob.only_folders:
            for_files.append(f"(?:{glob.source})")
    if not rules:
        return None
    above = inside.removeprefix(base)
    return Rules(
        "" if inside else base, above, tuple(rules), globs.compiled("|".join(for_files) or "(?!)"), globs.compiled("|".join(for_folders))
    )


def _without_trailing_blanks(line: str) -> str:
    kept = line.rstrip(" ")
    return kept + " " if kept.endswith("\\") and len(kept) < len(line) else kept


def is_ignored(path: str, folder: bool, chain: Sequence[Rules]) -> bool:
    """`chain` runs from the weakest rules (the root's) to those of the folder that holds `path`."""
    for rules in reversed(chain):
        decision = rules.decide(path, folder)
        if decision is not None:
            return decision
    return False
