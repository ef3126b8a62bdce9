"""Recorded searches: what was looked for and not found, and the hits that do not count."""

from __future__ import annotations

import regex

from backend_readiness.controls.places import is_production
from backend_readiness.model import RejectedHit, Search
from backend_readiness.snapshot import Snapshot

MAX_REJECTED = 40
MAX_LINE_CHARS = 2_000
_TIMEOUT_S = 2.0
_COMMENT = regex.compile(r"^\s*(#|//|\*|/\*|--|<!--|%|;|\"\"\"|''')")


class Absences:
    """Searches over one snapshot; the same question is asked once."""

    def __init__(self, snapshot: Snapshot) -> None:
        self.snapshot = snapshot
        self._hits: dict[tuple[tuple[str, ...], tuple[str, ...]], list[tuple[str, int, str]]] = {}

    def all_hits(self, patterns: tuple[str, ...], paths: tuple[str, ...]) -> list[tuple[str, int, str]]:
        """Every line that matches one of the patterns, tests and comments included."""
        key = (patterns, paths)
        known = self._hits.get(key)
        if known is None:
            known = self._hits[key] = self._search(patterns, paths)
        return known

    def _search(self, patterns: tuple[str, ...], paths: tuple[str, ...]) -> list[tuple[str, int, str]]:
        compiled = [regex.compile(p) for p in patterns]
        found: list[tuple[str, int, str]] = []
        for path in self.snapshot.glob(*paths):
            text = self.snapshot.text(path)
            for pattern in compiled:
                try:
                    if pattern.search(text, timeout=_TIMEOUT_S) is None:
                        continue
                except TimeoutError:
                    found.append((path, 1, "(the search ran out of time)"))
                    continue
                for number, line in enumerate(self.snapshot.lines(path), 1):
                    if pattern.search(line[:MAX_LINE_CHARS]) is not None:
                        found.append((path, number, line))
        return sorted(set(found))

    def hits(self, patterns: tuple[str, ...], paths: tuple[str, ...]) -> list[tuple[str, int, str]]:
        """Matching lines of production files that are no comments."""
        return [h for h in self.all_hits(patterns, paths) if is_production(h[0]) and _COMMENT.match(h[2]) is None]

    def prove(
        self, scope: str, *, roles: tuple[str, ...], patterns: tuple[str, ...], paths: tuple[str, ...], unread: tuple[str, ...] = ()
    ) -> Search | None:
        """The search as a record, or None when it found something that counts or could not look everywhere."""
        if unread:
            return None
        rejected: list[RejectedHit] = []
        if patterns:
            for path, line, text in self.all_hits(patterns, paths):
                if not is_production(path):
                    rejected.append(RejectedHit(file=path, line=line, why="a test, a sample or a document"))
                elif _COMMENT.match(text) is not None:
                    rejected.append(RejectedHit(file=path, line=line, why="a comment"))
                else:
                    return None
        if len(rejected) > MAX_REJECTED:
            return None
        return Search(
            scope=scope,
            roles=roles,
            paths=paths,
            patterns=patterns,
            files_searched=len(self.snapshot.glob(*paths)),
            rejected=tuple(rejected),
        )
