"""EJS templates (also underscore's and lodash's).

The scriptlets of a page (`<% if (user) { %>`) are one JavaScript program with markup between: it is read as such, with the markup blanked
out, so loops, conditions and functions are those of the JavaScript adapter. `<%= x %>` is an output, `<%- x %>` a Call of `raw_output`,
`<%- include('x') %>` goes to `template`.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Literal

from backend_readiness.facts.languages.javascript.scripts import extract_into
from backend_readiness.facts.languages.markup.page import Flow, Island
from backend_readiness.facts.model import Arg, CallRef, Lit, Name, Value

if TYPE_CHECKING:
    from backend_readiness.facts.languages.markup.page import Page

_OPENER = re.compile(rb"<%(?!%)([=_#-]?)")
_INCLUDE = re.compile(rb"\s*include(?:\s*\(|\s+)")
_OLD_INCLUDE = re.compile(rb"\s*include\s+([\w./-]+)\s*$")
_GOES_ON = (b"{", b"}", b";", b":", b",", b"(")
_BLANK = bytes(byte if byte == 10 else 32 for byte in range(256))
_EVIDENCE = re.compile(rb"<%[=_#-]?\s")


class Ejs:
    language = "ejs"
    components = False

    def looks_like(self, source: bytes, name: str) -> int:
        return 80 if _EVIDENCE.search(source) else 0

    def islands(self, source: bytes) -> list[Island]:
        found: list[Island] = []
        position = 0
        while match := _OPENER.search(source, position):
            end = source.find(b"%>", match.end())
            if end < 0:
                break
            position = end + 2
            inner_end = end - 1 if source[end - 1 : end] in (b"-", b"_") and end > match.end() else end
            word = match[1].decode()
            include = bool(_INCLUDE.match(source, match.end(), inner_end)) and word != "#"
            output = word in ("=", "-") and not include
            flow: Flow = "" if output or include or word == "#" else _flow(source[match.end() : inner_end].strip())
            found.append(Island(match.start(), position, match.end(), inner_end, "include" if include else word, output, flow))
        return found

    def prepare(self, page: Page) -> None:
        """Read all scriptlets as one program."""
        program = bytearray(page.source.translate(_BLANK)) if page.islands else bytearray()
        for island in page.islands:
            if island.word in ("", "_"):
                code = page.source[island.inner : island.inner_end]
                program[island.inner : island.inner_end] = code
                if code.strip() and not code.rstrip().endswith(_GOES_ON):
                    program[island.end - 1] = ord(";")
        if program.strip():
            extract_into(page.builder, bytes(program), grammar="javascript", owner=page.owner, line=page.first_line, start=page.base)

    def attribute(self, page: Page, name: str, span: tuple[int, int] | None) -> Value | Literal["plain"] | None:
        return "plain"

    def lower(self, page: Page, island: Island) -> Value | None:
        if island.word == "include":
            _include(page, island)
            return None
        if island.output:
            value = page.expression(island.inner, island.inner_end)
            if island.word == "-" and value is not None:
                return CallRef(page.call(Name("raw_output"), (Arg(value),), island.start, island.end))
            return value
        if island.flow == "open":
            page.open("{", "", None, island)
        elif island.flow == "middle" and page.is_open("{"):
            page.middle("", None, island)
        elif island.flow == "close" and page.is_open("{"):
            page.close("{", island)
        return None


def _include(page: Page, island: Island) -> None:
    old = _OLD_INCLUDE.match(page.source, island.inner, island.inner_end)
    if old:
        page.include(Lit(old[1].decode("utf-8", "replace")))
        return
    value = page.expression(island.inner, island.inner_end)
    if isinstance(value, CallRef):
        call = page.builder.calls[value.call]
        page.include(call.args[0].value if call.args else None)


def _flow(code: bytes) -> Flow:
    opens, closes = code.endswith((b"{", b":")), code.startswith(b"}")
    if opens and closes:
        return "middle"
    return "open" if opens else "close" if closes else ""


DIALECT = Ejs()
