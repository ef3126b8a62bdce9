"""Astro components: TypeScript between two lines of `---`, then markup with `{x}` in text and in attributes.

The code ahead and each `<script>` are code of the module. Braces that hold tags (`{orders.map((order) => <li>...</li>)}`) are no output by
themselves: their tags are elements, and the braces inside of those are outputs.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Literal

from backend_readiness.facts.languages.markup import script as embedded
from backend_readiness.facts.languages.markup.braces import Braces, past
from backend_readiness.facts.languages.markup.page import Island
from backend_readiness.facts.model import Value

if TYPE_CHECKING:
    from backend_readiness.facts.languages.markup.page import Page

_AHEAD = re.compile(rb"\s*(?:<!--[^>]{0,4000}-->\s*)?---[ \t]*\r?\n")
_BEHIND = re.compile(rb"^---[ \t]*\r?$|(?<=\n)---", re.MULTILINE)
_OPENER = re.compile(rb"<!--|<script\b|<style\b|\{", re.IGNORECASE)
_CLOSERS = {b"<!--": b"-->", b"<script": b"</script", b"<style": b"</style"}
_TAG = re.compile(rb"<[A-Za-z>]")
_CODE = "---"


class Astro:
    language = "astro"
    components = True
    typed = True  # scripts are TypeScript without saying so

    def looks_like(self, source: bytes, name: str) -> int:
        return 0

    def islands(self, source: bytes) -> list[Island]:
        found: list[Island] = []
        ahead = _AHEAD.match(source)
        behind = _BEHIND.search(source, ahead.end()) if ahead else None
        position = 0
        if ahead and behind:
            found.append(Island(ahead.start(), behind.end(), ahead.end(), behind.start(), word=_CODE))
            position = behind.end()
        lower, braces = source.lower(), Braces(source)
        absent: set[bytes] = set()
        while match := _OPENER.search(source, position):
            opener = match[0].lower()
            position = match.end()
            if opener == b"{":
                end = braces.end(match.start())
                if end >= 0 and not _TAG.search(source, match.end(), end):
                    found.append(Island(match.start(), end, match.end(), end - 1, output=True))
                    position = end
                continue
            position = past(lower, _CLOSERS[opener], match.end(), absent)
        return found

    def prepare(self, page: Page) -> None:
        for island in page.islands[:1]:
            if island.word == _CODE:
                embedded.script(page, island.inner, island.inner_end, "typescript")

    def attribute(self, page: Page, name: str, span: tuple[int, int] | None) -> Value | Literal["plain"] | None:
        """`action={actions.like}` has the value of its braces."""
        island = page.island_at(span[0]) if span is not None else None
        if island and span is not None and island.start == span[0] and island.end == span[1]:
            return page.value(island)
        return "plain"

    def lower(self, page: Page, island: Island) -> Value | None:
        start = island.inner
        if island.word == _CODE:
            return None
        if page.source[start : island.inner_end].lstrip().startswith(b"..."):
            start = page.source.index(b"...", start) + 3
        return page.expression(start, island.inner_end)


DIALECT = Astro()
