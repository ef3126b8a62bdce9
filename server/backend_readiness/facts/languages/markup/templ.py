"""Templates of templ for Go: elements in functions of Go, `templ Orders(list []Order) { <form action={ path }>...</form> }`.

What stands outside of these functions is Go and says nothing here. `{ x }` is an output; of an attribute that is put together the written
texts are kept (`fmt.Sprintf("/orders/%d", id)`, `"/orders/" + id`). `@Row(order)` is a call. `if`, `for` and `switch` are lines that are
no markup.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Literal

from backend_readiness.facts.languages.markup.braces import Braces
from backend_readiness.facts.languages.markup.page import Island
from backend_readiness.facts.languages.text import join_text
from backend_readiness.facts.model import Lit, Unknown, Value

if TYPE_CHECKING:
    from backend_readiness.facts.languages.markup.page import Page

_TEMPL = re.compile(rb"^templ[ \t]+(?:\([^()\n]{1,80}\)[ \t]*)?(\w{1,80})[^\n]*\{[ \t]*\r?$", re.MULTILINE)
_END = re.compile(rb"^\}", re.MULTILINE)
_PIECE = re.compile(rb"=\{|^[ \t]*(?:\}[ \t]*)?(?:if|for|else|switch|case|default)\b[^\n]*$|^[ \t]*@[^\n]*$|<script\b", re.MULTILINE)
_SCRIPT_END = re.compile(rb"</script", re.IGNORECASE)
_TEXT = re.compile(r'"((?:[^"\\]|\\.)*)"|`([^`]*)`')
_DRAWN = re.compile(rb"[ \t]*@((?:\w{1,80}\.)?\w{1,80})\(")
_VERB = re.compile(r"%[+#-]?\d*[sdvqtx]")
_FORMATS = re.compile(r"\bSprintf\(\s*$")
_WRAPS = re.compile(r"(?:templ\.(?:URL|SafeURL)|string)\(")


class Templ:
    language = "templ"
    components = False

    def looks_like(self, source: bytes, name: str) -> int:
        return 0

    def islands(self, source: bytes) -> list[Island]:
        found: list[Island] = []
        braces = Braces(source)
        position = 0
        while match := _TEMPL.search(source, position):
            found.append(Island(position, match.end(), match.start(1), match.end(1), "templ"))
            end = _END.search(source, match.end())
            stop = end.start() if end is not None else len(source)
            found.extend(_pieces(source, match.end(), stop, braces))
            found.append(Island(stop, min(len(source), stop + 1), stop, stop, "end"))
            position = min(len(source), stop + 1)
        if position < len(source):
            found.append(Island(position, len(source), position, position, "#"))
        return found

    def prepare(self, page: Page) -> None:
        return None

    def attribute(self, page: Page, name: str, span: tuple[int, int] | None) -> Value | Literal["plain"] | None:
        if span is not None:
            island = page.island_at(span[0])
            if island is not None and island.start == span[0] and island.end == span[1]:
                return page.value(island)
        return "plain"

    def lower(self, page: Page, island: Island) -> Value | None:
        if island.word == "templ":
            name = page.text(island.inner, island.inner_end)
            page.open("templ", "", None, island, page.symbol("function", name, (), island.inner, island.end))
        elif island.word == "end" and page.is_open("templ"):
            page.close("templ", island)
        elif island.word == "@":
            drawn = _DRAWN.match(page.source, island.inner, island.inner_end)
            if drawn is not None:
                *before, last = drawn[1].decode().split(".")
                names = page.builder.name(before[0] if before else last)
                page.call(page.builder.member(names, last) if before else names, (), island.start, island.end)
        return _value(page.text(island.inner, island.inner_end)) if island.output else None


def _pieces(source: bytes, start: int, stop: int, braces: Braces) -> list[Island]:
    found: list[Island] = []
    while match := _PIECE.search(source, start, stop):
        start = match.end()
        if match[0] == b"<script":
            end = _SCRIPT_END.search(source, start, stop)
            start = end.end() if end is not None else stop
        elif match[0] == b"={":
            end_at = braces.end(match.start() + 1)
            if match.end() < end_at <= stop:
                found.append(Island(match.start() + 1, end_at, match.end(), end_at - 1, "", True))
                start = end_at
        else:
            found.append(Island(match.start(), match.end(), match.start(), match.end(), "@" if b"@" in match[0][:40].lstrip()[:1] else "#"))
    return found


def _value(code: str) -> Value:
    """The texts that an expression puts together, with what is not known between them."""
    code = _WRAPS.sub("(", code.strip())
    parts: list[Value] = []
    position = 0
    formats = False
    for match in _TEXT.finditer(code):
        between = code[position : match.start()].strip(" \n\t()+,")
        text = match[1] if match[1] is not None else match[2] or ""
        if formats:
            break  # what is filled in
        formats = bool(_FORMATS.search(code[: match.start()]))
        if between and not formats:
            parts.append(Unknown(between[:80]))
        for number, piece in enumerate(_VERB.split(text) if formats else (text,)):
            parts.extend([Unknown("%")] if number else [])
            parts.extend([Lit(piece)] if piece else [])
        position = match.end()
    if not parts:
        return Unknown(code[:80])
    if not formats and code[position:].strip(" \n\t()+,"):
        parts.append(Unknown(code[position:].strip(" \n\t()+,")[:80]))
    return join_text(parts)


DIALECT = Templ()
