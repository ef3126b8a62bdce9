"""The HTML between PHP tags, read as a template whose islands are the PHP code."""

from __future__ import annotations

import re
from bisect import bisect_left
from typing import Literal

from backend_readiness.facts.languages.markup.elements import collect
from backend_readiness.facts.languages.markup.page import Island, Page
from backend_readiness.facts.languages.php.tree import Walk
from backend_readiness.facts.model import Value

_OPEN = re.compile(rb"<\?(php\b|=|(?!xml))", re.IGNORECASE)


class _Inline:
    """The dialect of one file: its code is already lowered, so an output only looks its value up."""

    language = "php"
    suffixes: tuple[str, ...] = ()
    components = False

    def __init__(self, outputs: dict[tuple[int, int], Value]) -> None:
        self._outputs = sorted(outputs.items(), key=lambda item: item[0])
        self._starts = [span[0] for span, _ in self._outputs]

    def looks_like(self, source: bytes, name: str) -> int:
        return 0

    def islands(self, source: bytes) -> list[Island]:
        found: list[Island] = []
        position = 0
        while match := _OPEN.search(source, position):
            end = source.find(b"?>", match.end())
            stop = len(source) if end < 0 else end
            position = min(len(source), stop + 2)
            at = bisect_left(self._starts, match.start())
            output = at < len(self._starts) and self._starts[at] < stop
            found.append(Island(match.start(), position, match.end(), stop, output=output))
        return found

    def prepare(self, page: Page) -> None:
        """All code is lowered."""

    def attribute(self, page: Page, name: str, span: tuple[int, int] | None) -> Value | Literal["plain"] | None:
        return "plain"

    def lower(self, page: Page, island: Island) -> Value | None:
        at = bisect_left(self._starts, island.start)
        return self._outputs[at][1] if at < len(self._starts) and self._starts[at] < island.inner_end else None


def collect_markup(w: Walk, source: bytes) -> None:
    """Add the elements of the page to the facts of the file."""
    collect(Page(w.builder, source, _Inline(w.outputs)))
