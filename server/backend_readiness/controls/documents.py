"""Documents of the repository by their sections: what they say, not how they are headed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from backend_readiness.controls.context import Context
from backend_readiness.controls.places import is_test
from backend_readiness.model import Evidence, EvidenceKind, RejectedHit, Search

GLOBS = ("**/*.md", "**/*.mdx", "**/*.rst", "**/*.adoc", "**/*.txt")
MAX_FILES = 400
MAX_LINES = 4_000
MAX_REJECTED = 40
_ASIDE = re.compile(
    r"(?i)(^|/)(node_modules|vendor|third_party|\.claude|\.agents|\.cursor|\.github|changelog[^/]*|changes[^/]*|release-?notes[^/]*|history[^/]*|licen[cs]e[^/]*"
    r"|copying[^/]*|code_of_conduct[^/]*|contributing[^/]*|skill\.md|agents\.md|claude\.md|requirements[^/]*\.txt|robots\.txt|plans|templates|blogs?|_?posts)(/|$)"
)
_HEADING = re.compile(r"^(#{1,6})\s+(.+?)\s*#*$")
_UNDERLINE = re.compile(r"^(={3,}|-{3,}|~{3,})\s*$")
_STEP = re.compile(r"(?m)^\s*(?:\d+[.)]|[-*+])\s+\S|`[^`\n]{4,}`|^\s*\$ \S|^(?: {4}|\t)\S")


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """A heading with the text below it, up to the next heading. `line` is that of the heading, or the first of the file."""

    file: str
    heading: str
    line: int
    text: str

    @property
    def words(self) -> int:
        return len(re.findall(r"[A-Za-z]{2,}", re.sub(r"(?s)```.*?```", " ", self.text)))

    @property
    def steps(self) -> int:
        """Items, commands and code in the text."""
        return len(_STEP.findall(self.text)) + 2 * self.text.count("```") // 2

    def line_of(self, pattern: re.Pattern[str]) -> int:
        """The first line that matches, else that of the heading."""
        for number, line in enumerate(self.text.split("\n")):
            if pattern.search(line) is not None:
                return self.line + number
        return self.line


def sections(context: Context) -> Iterator[Section]:
    """Sections of the documents that describe this service, in the order of files."""
    for path in context.snapshot.glob(*GLOBS)[:MAX_FILES]:
        if not _ASIDE.search(path) and not is_test(path):
            yield from _sections_of(path, context.snapshot.lines(path)[:MAX_LINES])


def _sections_of(path: str, lines: tuple[str, ...]) -> Iterator[Section]:
    heading, start, fenced = path.rpartition("/")[2].rpartition(".")[0], 1, False
    kept: list[str] = []
    for number, line in enumerate(lines, 1):
        if line.lstrip().startswith(("```", "~~~")):
            fenced = not fenced
        match = None if fenced else _HEADING.match(line)
        under = not fenced and number < len(lines) and line.strip() and _UNDERLINE.match(lines[number]) is not None
        if match is not None or under:
            if any(k.strip() for k in kept):
                yield Section(file=path, heading=heading, line=start, text="\n".join(kept))
            heading, start, kept = match.group(2) if match is not None else line.strip(), number, []
        kept.append(line)
    if any(k.strip() for k in kept):
        yield Section(file=path, heading=heading, line=start, text="\n".join(kept))


def is_aside(path: str) -> bool:
    """Is the file no document of this service: a change log, a license, instructions for tools?"""
    return _ASIDE.search(path) is not None


def named(section: Section, pattern: re.Pattern[str]) -> bool:
    """Does the heading, or the name of the file, fit?"""
    return pattern.search(section.heading) is not None or pattern.search(section.file.rpartition("/")[2]) is not None


def readme(context: Context) -> Evidence | None:
    """The beginning of the repository's README."""
    found = next(iter(sorted(context.snapshot.glob("README*", "readme*", "Readme*"))), None)
    return context.at(found, 1) if found is not None else None


def absent(context: Context, scope: str, patterns: tuple[str, ...], paths: tuple[str, ...] = GLOBS) -> Evidence | None:
    """The recorded search over documents that found words at most; None when there are too many of them to pass over.

    The place is the README, else the application.
    """
    hits = context.absences.all_hits(patterns, paths)
    if len(hits) > MAX_REJECTED:
        return None
    rejected = tuple(RejectedHit(file=f, line=n, why="the word stands there, not what is asked for") for f, n, _ in hits)
    search = Search(scope=scope, paths=paths, patterns=patterns, files_searched=len(context.snapshot.glob(*paths)), rejected=rejected)
    at = readme(context) or context.at_application()
    return Evidence(kind=EvidenceKind.ABSENCE, file=at.file, line=at.line, end_line=at.end_line, search=search)
