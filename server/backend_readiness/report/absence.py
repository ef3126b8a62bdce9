"""Proof of absence: a recorded search that anyone can run again.

A search claims one of three things, by what it records:

- `patterns`: no line of a file that matches `paths` matches a pattern, but for the hits in `rejected`;
- neither patterns nor roles: no file matches `paths`, but for the files in `rejected`;
- only `roles`: the graph holds nothing of these roles in the files that match `paths`. That cannot be searched for in
  text, so the digest holds the files: when one changes, the claim is void.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass, field

import regex

from backend_readiness.model import Search
from backend_readiness.report.canonical import digest
from backend_readiness.report.redact import redact
from backend_readiness.report.schema import RejectedOut, SearchOut
from backend_readiness.report.source import Source

MAX_PATTERNS = 60
MAX_PATTERN_CHARS = 300
MAX_LINE_CHARS = 2_000
MAX_HITS = 50
_LINE_TIMEOUT_S = 0.5
_FILE_TIMEOUT_S = 1.0
_SEARCH_TIMEOUT_S = 60.0
_CACHED_CHARS = 64_000_000
# Look-arounds, conditionals, atomic groups, possessive repeats, the ends of the text.
_NOT_MONOTONIC = regex.compile(r"\(\?(?!:|[aiu]{1,3}\)|P?<\w)|[+*?}]\+|\\[AZzG]")


class BadSearch(ValueError):
    """A search that cannot be run again; the message says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """A line that matches. A whole file, when the claim is that there is none, is its line 1."""

    file: str
    line: int
    text: str


@dataclass(frozen=True, slots=True)
class Pattern:
    """`by_line`: looks around or does not backtrack, so the text as a whole cannot rule its lines out."""

    compiled: regex.Pattern[str]
    by_line: bool


@dataclass(slots=True)
class Searcher:
    """Runs searches over one snapshot and keeps the texts it read, up to a bound, for the next one."""

    source: Source
    _texts: OrderedDict[str, str] = field(default_factory=OrderedDict)
    _chars: int = 0

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
        patterns = compile_patterns(search.patterns)
        if patterns:
            deadline = time.monotonic() + _SEARCH_TIMEOUT_S
            for path in self.files_of(search):
                if time.monotonic() > deadline:
                    raise BadSearch(f"it takes longer than {_SEARCH_TIMEOUT_S:.0f} s")
                yield from self._matching_lines(path, patterns)
        elif not search.roles:
            for path in self.files_of(search):
                yield Hit(file=path, line=1, text="")

    def _matching_lines(self, path: str, patterns: tuple[Pattern, ...]) -> Iterator[Hit]:
        text = self._text(path)
        live = [p.compiled for p in patterns if p.by_line or _may_match(p.compiled, text)]
        if not live:
            return
        for number, line in enumerate(self.source.lines(path), start=1):
            cut = line[:MAX_LINE_CHARS]
            if any(_matches(p, cut) for p in live):
                yield Hit(file=path, line=number, text=cut)

    def _text(self, path: str) -> str:
        if path in self._texts:
            self._texts.move_to_end(path)
            return self._texts[path]
        text = self.source.text(path)
        if "\r" in text:  # `$` must see the end of a line where `lines` sees it
            text = "\n".join(self.source.lines(path))
        self._texts[path] = text
        self._chars += len(text)
        while self._chars > _CACHED_CHARS and len(self._texts) > 1:
            self._chars -= len(self._texts.popitem(last=False)[1])
        return text

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


def compile_patterns(patterns: tuple[str, ...]) -> tuple[Pattern, ...]:
    """Errors: `BadSearch` for too many or too long patterns, and for one that is no regular expression."""
    if len(patterns) > MAX_PATTERNS:
        raise BadSearch(f"it has {len(patterns)} patterns, the limit is {MAX_PATTERNS}")
    found = []
    for pattern in patterns:
        if len(pattern) > MAX_PATTERN_CHARS:
            raise BadSearch(f"a pattern has {len(pattern)} characters, the limit is {MAX_PATTERN_CHARS}")
        try:
            compiled = regex.compile(pattern, regex.VERSION0 | regex.MULTILINE)
        except (regex.error, OverflowError, RecursionError, MemoryError) as error:
            raise BadSearch(f"{pattern!r} is not a regular expression: {error}") from None
        found.append(Pattern(compiled, by_line=_NOT_MONOTONIC.search(pattern) is not None))
    return tuple(found)


def _may_match(pattern: regex.Pattern[str], text: str) -> bool:
    """Whether any line of `text` can match: a match within a line is a match within the text."""
    try:
        return pattern.search(text, timeout=_FILE_TIMEOUT_S) is not None
    except TimeoutError:
        return True


def _matches(pattern: regex.Pattern[str], line: str) -> bool:
    try:
        return pattern.search(line, timeout=_LINE_TIMEOUT_S) is not None
    except TimeoutError:
        raise BadSearch(f"{pattern.pattern!r} takes too long on a line of {len(line)} characters") from None
