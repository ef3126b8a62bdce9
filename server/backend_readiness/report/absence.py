"""Proof of absence: a recorded search that anyone can run again.

A search claims one of three things, by what it records:

- `patterns`: no line of a file that matches `paths` matches a pattern, but for the hits in `rejected`;
- neither patterns nor roles: no file matches `paths`, but for the files in `rejected`;
- only `roles`: the graph holds nothing of these roles in the files that match `paths`. That cannot be searched for in
  text, so the digest holds the files: when one changes, the claim is void.

Patterns come from cards and, in `validate`, from a report that anyone may have written. RE2 runs them in time linear in the
text, whatever they hold; what it does not know (look-arounds, back-references, `\\Z`) is refused. `\\w`, `\\d` and `\\b` mean ASCII.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Protocol

import re2  # type: ignore[import-untyped]  # it ships no types; `_Compiled` names what is used

from backend_readiness.model import Search
from backend_readiness.report.canonical import digest
from backend_readiness.report.redact import redact
from backend_readiness.report.schema import RejectedOut, SearchOut
from backend_readiness.report.source import Source

MAX_PATTERNS = 60
MAX_PATTERN_CHARS = 300
MAX_LINE_CHARS = 2_000
MAX_HITS = 50
_MAX_MEMORY_BYTES = 64 * 1024 * 1024
# The ends of the whole text: a pattern sees lines.
_ENDS_OF_TEXT = ("\\A", "\\z", "\\C")


class BadSearch(ValueError):
    """A search that cannot be run again; the message says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """A line that matches. A whole file, when the claim is that there is none, is its line 1."""

    file: str
    line: int
    text: str


class _Compiled(Protocol):
    def search(self, text: bytes) -> object | None: ...


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
            pattern = _compile(_any_of(patterns))
        except BadSearch:  # too large together; each is still run alone
            return plain
        silent = frozenset(path for path in files if not pattern.search(plain._bytes(path))) if patterns else frozenset()
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
                yield from self._matching_lines(path, pattern) if path not in silent else ()
            elif not search.roles:
                yield Hit(file=path, line=1, text="")

    def _bytes(self, path: str) -> bytes:
        text = self.source.text(path)
        if "\r" in text:  # `$` must see the end of a line where `lines` sees it
            text = text.replace("\r\n", "\n").removesuffix("\r")
        return text.encode("utf-8", "replace")

    def _matching_lines(self, path: str, pattern: _Compiled) -> Iterator[Hit]:
        if pattern.search(self._bytes(path)) is None:
            return  # a match within a line would be a match within the text
        for number, line in enumerate(self.source.lines(path), start=1):
            cut = line[:MAX_LINE_CHARS]
            if pattern.search(cut.encode("utf-8", "replace")) is not None:
                yield Hit(file=path, line=number, text=cut)

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


def compile_patterns(patterns: tuple[str, ...]) -> _Compiled | None:
    """One pattern that matches where any of them does; None for none.

    Errors: `BadSearch` for too many or too long patterns, and for one that RE2 does not take.
    """
    if len(patterns) > MAX_PATTERNS:
        raise BadSearch(f"it has {len(patterns)} patterns, the limit is {MAX_PATTERNS}")
    for pattern in patterns:
        if len(pattern) > MAX_PATTERN_CHARS:
            raise BadSearch(f"a pattern has {len(pattern)} characters, the limit is {MAX_PATTERN_CHARS}")
        if any(sign in pattern for sign in _ENDS_OF_TEXT):
            raise BadSearch(f"{pattern!r} asks for an end of the text: patterns see single lines, with ^ and $")
        _compile(pattern)
    return _compile(_any_of(patterns)) if patterns else None


def _any_of(patterns: Iterable[str]) -> str:
    return "|".join(f"(?:{pattern})" for pattern in patterns)


def _compile(pattern: str) -> _Compiled:
    options = re2.Options()
    options.log_errors = False
    options.max_mem = _MAX_MEMORY_BYTES
    options.never_capture = True
    try:
        compiled: _Compiled = re2.compile(f"(?m){pattern}".encode("utf-8", "replace"), options)
    except re2.error as error:
        reason = error.args[0].decode("utf-8", "replace") if error.args and isinstance(error.args[0], bytes) else str(error)
        raise BadSearch(f"{pattern!r} is not a regular expression that RE2 takes: {reason}") from None
    return compiled
