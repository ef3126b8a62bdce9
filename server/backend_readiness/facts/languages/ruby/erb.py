"""ERB templates: the code of a page is one Ruby program with markup between, and is read as such at its true places.

Loops, conditions and blocks are those of the Ruby adapter. The value of an output is the outermost call that stands in it.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from pathlib import PurePosixPath
from typing import Literal

from backend_readiness.facts.builder import Builder
from backend_readiness.facts.languages.markup.elements import collect
from backend_readiness.facts.languages.markup.page import Island, Page
from backend_readiness.facts.languages.ruby.file import read_into
from backend_readiness.facts.model import Arg, CallRef, Name, Unknown, Value

_OPENER = re.compile(rb"<%(?!%)(==|[=#-])?")
_BLANK = bytes(byte if byte == 10 else 32 for byte in range(256))
_MARKUP = frozenset({"", "html", "xhtml", "turbo_stream", "xml", "svg"})


class Erb:
    language = "erb"
    components = False

    def __init__(self) -> None:
        self._calls: list[tuple[int, int, int]] = []

    def looks_like(self, source: bytes, name: str) -> int:
        return 0

    def islands(self, source: bytes) -> list[Island]:
        found: list[Island] = []
        position = 0
        while match := _OPENER.search(source, position):
            end = source.find(b"%>", match.end())
            if end < 0:
                break
            position = end + 2
            inner_end = end - 1 if source[end - 1 : end] == b"-" and end > match.end() else end
            word = (match[1] or b"").decode()
            found.append(Island(match.start(), position, match.end(), inner_end, word, word in ("=", "==")))
        return found

    def prepare(self, page: Page) -> None:
        """Read all code of the page as one program."""
        program = bytearray(page.source.translate(_BLANK))
        for island in page.islands:
            code = page.source[island.inner : island.inner_end]
            if island.word != "#" and not code.lstrip().startswith(b"#"):
                program[island.inner : island.inner_end] = code
                program[island.end - 1] = ord(";")
        if page.islands:
            read_into(page.builder, bytes(program))
            self._calls = sorted((call.start, -call.end, number) for number, call in enumerate(page.builder.calls))

    def attribute(self, page: Page, name: str, span: tuple[int, int] | None) -> Value | Literal["plain"] | None:
        return "plain"

    def lower(self, page: Page, island: Island) -> Value | None:
        if not island.output:
            return None
        at = bisect_left(self._calls, (island.inner, -len(page.source), -1))
        first = self._calls[at] if at < len(self._calls) else None
        inside = first is not None and first[0] < island.inner_end
        value: Value = (
            CallRef(first[2]) if first is not None and inside else Unknown(page.text(island.inner, island.inner_end).strip()[:80])
        )
        if island.word == "==":
            return CallRef(page.call(Name("raw_output"), (Arg(value),), island.start, island.end))
        return value


def extract(source: bytes, path: str) -> Builder:
    """The facts of one template in a Builder of language `erb`. Templates of other text than markup have no elements."""
    builder = Builder("erb", source)
    inner = PurePosixPath(PurePosixPath(path).stem).suffix.lstrip(".").lower()
    collect(Page(builder, source, Erb()), markup=inner in _MARKUP)
    builder.names.discard("")
    return builder
