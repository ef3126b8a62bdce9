"""Patterns over the lines of files, in time linear in the text whatever the pattern holds.

Patterns come from cards and hooks, from agents, and in `validate` from a report that anyone may have written. RE2 runs them;
what it does not know (look-arounds, back-references, `\\Z`) is refused. `\\w`, `\\d` and `\\b` mean ASCII. A pattern sees each
line alone, without its line end and cut at `MAX_LINE_CHARS`. Everyone who records a search and everyone who runs it again
matches here, so that they cannot disagree.
"""

from __future__ import annotations

import importlib.metadata
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cache, cached_property
from importlib.abc import FileLoader
from itertools import accumulate
from typing import Protocol
from zlib import crc32

import re2  # type: ignore[import-untyped]  # it ships no types; `Pattern` names what is used

MAX_PATTERNS = 60
MAX_PATTERN_CHARS = 300
MAX_LINE_CHARS = 2_000
_MAX_MEMORY_BYTES = 64 * 1024 * 1024
_BLOCK_BYTES = 1024 * 1024
# The ends of the whole text: a pattern sees lines.
_ENDS_OF_TEXT = ("\\A", "\\z", "\\C")


class BadSearch(ValueError):
    """A search that cannot be run; the message says why."""


class Match(Protocol):
    def start(self) -> int: ...


class Pattern(Protocol):
    def search(self, text: bytes, pos: int = 0) -> Match | None: ...


class Lines(Protocol):
    """What is asked of a snapshot."""

    def text(self, path: str) -> str: ...


def compile_patterns(patterns: tuple[str, ...]) -> Pattern | None:
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
    return compile_together(patterns) if patterns else None


def compile_together(patterns: Iterable[str]) -> Pattern:
    """One pattern out of patterns that were each found good, however many. Errors: `BadSearch` when they are too large together."""
    return _compile("|".join(f"(?:{pattern})" for pattern in patterns))


def may_match(source: Lines, path: str, pattern: Pattern) -> bool:
    """False when no line of the file matches: a match within a line would be a match within the text."""
    return pattern.search(_bytes(source, path)) is not None


def matching_lines(source: Lines, path: str, pattern: Pattern) -> Iterator[tuple[int, str]]:
    """(number, text) of each line that matches, cut at `MAX_LINE_CHARS`."""
    data = _bytes(source, path)
    found = pattern.search(data)
    if found is None:
        return
    start, number = 0, 1  # of the line where the search goes on
    while found is not None and found.start() < len(data):
        # The leftmost match of the text starts in the first line that can match; whether that line does, it must say alone.
        number += data.count(b"\n", start, found.start())
        cut = _line_at(data, found.start())
        if pattern.search(cut.encode("utf-8", "replace")) is not None:
            yield number, cut
        start = data.find(b"\n", found.start()) + 1
        number += 1
        if start == 0:
            return
        found = pattern.search(data, start)


def _line_at(data: bytes, position: int) -> str:
    """The line around a place without its end, cut at `MAX_LINE_CHARS`: a character takes four bytes at most."""
    start, end = data.rfind(b"\n", 0, position) + 1, data.find(b"\n", position)
    line = data[start : min(end if end >= 0 else len(data), start + 4 * MAX_LINE_CHARS)]
    return line.decode("utf-8", "replace")[:MAX_LINE_CHARS]


class Block:
    """The texts of some files one after the other: searched at once, which for many small files costs a fraction of one by one.

    They are read when they are first searched. Errors: then as `text` of the source.
    """

    def __init__(self, source: Lines, paths: Sequence[str]) -> None:
        self.source = source
        self.paths = tuple(paths)

    @cached_property
    def data(self) -> bytes:
        texts = [_bytes(self.source, path) for path in self.paths]
        texts = [text if text.endswith(b"\n") or not text else text + b"\n" for text in texts]
        self._starts = [0, *accumulate(len(text) for text in texts)]
        return b"".join(texts)

    @property
    def held_bytes(self) -> int:
        """What it keeps in memory."""
        return len(self.data) if "data" in self.__dict__ else 0

    def matching_lines(self, pattern: Pattern) -> Iterator[tuple[str, int, str]]:
        """(file, number, text) of each line that matches, as `matching_lines` of each file in turn."""
        at, end, number, counted = 0, 0, 1, 0
        path = ""
        while (found := pattern.search(self.data, at)) is not None:
            if found.start() >= end:
                file = bisect_right(self._starts, found.start()) - 1
                if file >= len(self.paths):
                    return
                path, counted, end = self.paths[file], self._starts[file], self._starts[file + 1]
                number = 1
            number += self.data.count(b"\n", counted, found.start())
            cut = _line_at(self.data, found.start())
            if pattern.search(cut.encode("utf-8", "replace")) is not None:
                yield path, number, cut
            at = counted = self.data.find(b"\n", found.start()) + 1
            number += 1


def blocks(source: Lines, paths: Iterable[str], size_of: Callable[[str], int]) -> Iterator[Block]:
    """The files in their order, in blocks of some size.

    Where one ends depends on the names of the files, so that a file that grows or goes moves no others into another block.
    """
    held: list[str] = []
    size = 0
    for path in paths:
        held.append(path)
        size += size_of(path)
        if size >= _BLOCK_BYTES or (size >= _BLOCK_BYTES // 8 and crc32(path.encode("utf-8", "replace")) % 16 == 0):
            yield Block(source, held)
            held, size = [], 0
    if held:
        yield Block(source, held)


@cache
def version() -> str:
    """Identity of what decides about a match: this module and RE2."""
    loader = __spec__.loader
    source = loader.get_data(__file__) if isinstance(loader, FileLoader) else b""
    return f"{crc32(source)} {importlib.metadata.version('google-re2')}"


def _bytes(source: Lines, path: str) -> bytes:
    text = source.text(path)
    if "\r" in text:  # `$` must see the end of a line where `lines` sees it
        text = text.replace("\r\n", "\n").removesuffix("\r")
    return text.encode("utf-8", "replace")


def _compile(pattern: str) -> Pattern:
    options = re2.Options()
    options.log_errors = False
    options.max_mem = _MAX_MEMORY_BYTES
    options.never_capture = True
    try:
        compiled: Pattern = re2.compile(f"(?m){pattern}".encode("utf-8", "replace"), options)
    except re2.error as error:
        reason = error.args[0].decode("utf-8", "replace") if error.args and isinstance(error.args[0], bytes) else str(error)
        raise BadSearch(f"{pattern!r} is not a regular expression that RE2 takes: {reason}") from None
    return compiled
