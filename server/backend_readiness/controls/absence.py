"""Recorded searches: what was looked for and not found, and the hits that do not count.

`report.absence` runs each record again; both match through `snapshot.matching`, so what one did not find the other does not.
"""

from __future__ import annotations

import re
from collections import OrderedDict
from collections.abc import Iterable

from backend_readiness.controls.places import is_production
from backend_readiness.model import RejectedHit, Search
from backend_readiness.snapshot import Snapshot
from backend_readiness.snapshot.matching import MAX_PATTERN_CHARS, Block, blocks, compile_patterns

MAX_REJECTED = 40
MAX_KEPT_BYTES = 48_000_000
_COMMENT = re.compile(r"\s*(#|//|\*|/\*|--|<!--|%|;|\"\"\"|''')")
# Files in which `/*` opens a block comment.
_BLOCKS = (
    ".js",
    ".jsx",
    ".ts",
    ".tsx",
    ".mjs",
    ".cjs",
    ".mts",
    ".cts",
    ".go",
    ".java",
    ".kt",
    ".cs",
    ".php",
    ".rs",
    ".scala",
    ".css",
    ".sql",
)


class Absences:
    """Searches over one snapshot; the same question is asked once."""

    def __init__(self, snapshot: Snapshot) -> None:
        self.snapshot = snapshot
        self._blocks: dict[str, frozenset[int]] = {}
        self._hits: dict[tuple[tuple[str, ...], tuple[str, ...]], list[tuple[str, int, str]]] = {}
        self._kept: OrderedDict[tuple[str, ...], list[Block]] = OrderedDict()

    def all_hits(self, patterns: tuple[str, ...], paths: tuple[str, ...]) -> list[tuple[str, int, str]]:
        """(file, line, text) of every line that matches one of the patterns, tests and comments included, in order.

        A pattern that is too long, as one made of a text of the repository may be, is left out.
        Errors: `BadSearch` for patterns that cannot be run, in a hook a bug.
        """
        key = (patterns, paths)
        known = self._hits.get(key)
        if known is None:
            known = self._hits[key] = self._search(patterns, paths)
        return known

    def _search(self, patterns: tuple[str, ...], paths: tuple[str, ...]) -> list[tuple[str, int, str]]:
        pattern = compile_patterns(tuple(p for p in patterns if len(p) <= MAX_PATTERN_CHARS))
        if pattern is None:
            return []
        return [hit for block in self._blocks_of(paths) for hit in block.matching_lines(pattern)]

    def _blocks_of(self, paths: tuple[str, ...]) -> Iterable[Block]:
        """The texts of the files; those asked for last are kept, more than one set of files up to `MAX_KEPT_BYTES`."""
        made = self._kept.pop(paths, None) or list(blocks(self.snapshot, sorted(self.snapshot.glob(*paths))))
        self._kept[paths] = made
        while sum(len(b.data) for held in self._kept.values() for b in held) > MAX_KEPT_BYTES and len(self._kept) > 1:
            self._kept.popitem(last=False)
        return made

    def hits(self, patterns: tuple[str, ...], paths: tuple[str, ...]) -> list[tuple[str, int, str]]:
        """Matching lines of production files that are no comments."""
        return [h for h in self.all_hits(patterns, paths) if self._why_rejected(*h) is None]

    def prove(
        self, scope: str, *, roles: tuple[str, ...], patterns: tuple[str, ...], paths: tuple[str, ...], unread: tuple[str, ...] = ()
    ) -> Search | None:
        """The search as a record, or None when it found something that counts or could not look everywhere.

        Without patterns and roles the claim is that no production file matches `paths`.
        """
        if unread or any(len(p) > MAX_PATTERN_CHARS for p in patterns):
            return None
        covered = self.snapshot.glob(*paths)
        found = self.all_hits(patterns, paths)
        if not patterns and not roles:
            found = [(path, 1, "") for path in sorted(covered)]
        rejected: list[RejectedHit] = []
        for path, line, text in found:
            why = self._why_rejected(path, line, text)
            if why is None:
                return None
            rejected.append(RejectedHit(file=path, line=line, why=why))
        if len(rejected) > MAX_REJECTED:
            return None
        return Search(
            scope=scope,
            roles=roles,
            paths=paths,
            patterns=patterns,
            files_searched=len(covered),
            rejected=tuple(rejected),
        )

    def _why_rejected(self, path: str, line: int, text: str) -> str | None:
        if not is_production(path):
            return "a test, a sample or a document"
        if _COMMENT.match(text) is not None or line in self._commented_out(path):
            return "a comment"
        return None

    def _commented_out(self, path: str) -> frozenset[int]:
        """Lines inside of block comments that start on a line of their own: code that was taken out."""
        known = self._blocks.get(path)
        if known is None:
            found: set[int] = set()
            inside = False
            for number, line in enumerate(self.snapshot.lines(path) if path.endswith(_BLOCKS) else (), 1):
                inside = inside or line.lstrip().startswith("/*")
                if inside:
                    found.add(number)
                    inside = "*/" not in line
            known = self._blocks[path] = frozenset(found)
        return known
