"""Proof of absence: a recorded search that anyone can run again.

A search claims one of three things, by what it records:

- `patterns`: no line of a file that matches `paths` matches a pattern, but for the hits in `rejected`;
- neither patterns nor roles: no file matches `paths`, but for the files in `rejected`;
- only `roles`: the graph holds nothing of these roles in the files that match `paths`. That cannot be searched for in
  text, so the digest holds the files: when one changes, the claim is void.

How a pattern sees a file is said in `snapshot.matching`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from backend_readiness.model import Search
from backend_readiness.report.canonical import digest
from backend_readiness.report.redact import redact
from backend_readiness.report.schema import RejectedOut, SearchOut
from backend_readiness.report.source import Source
from backend_readiness.snapshot.matching import MAX_LINE_CHARS, BadSearch, compile_patterns, compile_together, matching_lines, may_match

MAX_HITS = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """A line that matches. A whole file, when the claim is that there is none, is its line 1."""

    file: str
    line: int
    text: str


@dataclass(frozen=True, slots=True)
class Searcher:
    """Runs searches over one snapshot. `over` makes one that knows all of them and reads the snapshot for them once.

    In the files of `silent` none of `patterns` matches.
    """

    source: Source
    patterns: frozenset[str] = frozenset()
    silent: frozenset[str] = frozenset()

    @classmethod
    def over(cls, source: Source, searches: Iterable[Search | SearchOut]) -> Searcher:
        """Rules out, in one pass with all patterns together, the files in which nothing of any search matches."""
        plain = cls(source)
        patterns: dict[str, None] = {}
        files: dict[str, None] = {}
        for search in searches:
            try:
                compile_patterns(search.patterns)
            except BadSearch:
                continue
            if search.patterns:
                patterns |= dict.fromkeys(search.patterns)
                files |= dict.fromkeys(plain.files_of(search))
        try:
            pattern = compile_together(patterns)
        except BadSearch:  # too large together; each is still run alone
            return plain
        silent = frozenset(path for path in files if not may_match(source, path, pattern)) if patterns else frozenset()
        return cls(source, patterns=frozenset(patterns), silent=silent)

    def files_of(self, search: Search | SearchOut) -> tuple[str, ...]:
        """The files that the search covers, sorted; no `paths` means every file."""
        if search.paths:
            return tuple(sorted(set(self.source.glob(*search.paths))))
        return tuple(sorted(file.path for file in self.source.files))

    def hits(self, search: Search | SearchOut) -> tuple[Hit, ...]:
        """What refutes the claim, in file and line order, at most `MAX_HITS`. Errors: `BadSearch`."""
        if not (search.patterns or search.roles or search.paths):
            raise BadSearch("it records neither patterns nor roles nor paths")
        rejected = {(hit.file, hit.line) for hit in search.rejected}
        found: list[Hit] = []
        for hit in self._run(search):
            if (hit.file, hit.line) not in rejected:
                found.append(hit)
                if len(found) >= MAX_HITS:
                    break
        return tuple(found)

    def _run(self, search: Search | SearchOut) -> Iterator[Hit]:
        pattern = compile_patterns(search.patterns)
        silent = self.silent if self.patterns.issuperset(search.patterns) else frozenset()
        for path in self.files_of(search):
            if pattern is not None:
                if path not in silent:
                    yield from (Hit(file=path, line=number, text=text) for number, text in matching_lines(self.source, path, pattern))
            elif not search.roles:
                yield Hit(file=path, line=1, text="")

    def digest_of(self, search: SearchOut) -> str:
        """The digest over every field of the search and over the path and blob of each file it covers."""
        covered = [[path, file.blob] for path in self.files_of(search) if (file := self.source.file(path)) is not None]
        fields = search.model_dump(mode="json", exclude={"digest"})
        return digest({"search": fields, "files": covered})

    def record(self, search: Search) -> SearchOut:
        """The search as it stands in the report, with the number of files it covers and its digest."""
        draft = SearchOut(
            scope=redact(search.scope),
            roles=search.roles,
            paths=search.paths,
            patterns=search.patterns,
            files_searched=len(self.files_of(search)),
            rejected=tuple(RejectedOut(file=hit.file, line=hit.line, why=redact(hit.why)) for hit in search.rejected),
            unread=search.unread,
            digest="0" * 64,
        )
        return draft.model_copy(update={"digest": self.digest_of(draft)})


def run_search(source: Source, search: Search | SearchOut) -> tuple[Hit, ...]:
    """The hits that refute the absence; none when it holds. Errors: `BadSearch`."""
    return Searcher(source).hits(search)


__all__ = ["MAX_HITS", "MAX_LINE_CHARS", "BadSearch", "Hit", "Searcher", "compile_patterns", "run_search"]
