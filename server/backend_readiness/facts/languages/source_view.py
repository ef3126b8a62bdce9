"""The source of one file as a walk sees it: a latin-1 view, its lines, and names that are made once.

One character of the view stands for each byte, so that offsets of nodes slice it directly; `text.plain` gives the real text back.
"""

from __future__ import annotations

from bisect import bisect_right

from tree_sitter import Node

from backend_readiness.facts.builder import Builder
from backend_readiness.facts.languages.text import line_starts, plain
from backend_readiness.facts.model import Name


class SourceView:
    """Base of the state of a walk: what it reads, what it has collected (`builder`), where it stands (`owner`) and how deep."""

    __slots__ = ("builder", "depth", "known", "owner", "starts", "text")

    def __init__(self, source: bytes, builder: Builder) -> None:
        self.builder = builder
        self.text = source.decode("latin-1")
        self.starts = line_starts(source)
        self.owner = 0
        self.depth = 0
        self.known: dict[str, Name] = {}

    def line(self, offset: int) -> int:
        return bisect_right(self.starts, offset)

    def last_line(self, end: int) -> int:
        """The line of the last byte before `end`."""
        return bisect_right(self.starts, end - 1 if end else 0)

    def raw(self, node: Node) -> str:
        """The source of a node in the latin-1 view."""
        return self.text[node.start_byte : node.end_byte]

    def name(self, written: str) -> Name:
        """The one Name of an identifier in this file (latin-1 view)."""
        found = self.known.get(written)
        if found is None:
            found = self.known[written] = self.builder.name(plain(written))
        return found
