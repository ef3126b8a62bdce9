"""Templates of Elixir: EEx, HEEx, and HEEx in a `~H` sigil. The code of a page is one Elixir program, read as such at its true places.

`<%= x %>` puts text out, and so does `{x}` in HEEx, in text and as the value of an attribute. Loops, conditions and blocks are those of
the Elixir adapter. Components keep their names as tags: `.form`, `.link`, `Layouts.app`.
"""

from __future__ import annotations

import re
from pathlib import PurePosixPath
from typing import Literal

from tree_sitter import Parser, Range

from backend_readiness.facts.builder import Builder

# imported for their handlers, which register themselves
from backend_readiness.facts.languages.elixir import calls as _calls  # noqa: F401
from backend_readiness.facts.languages.elixir import functions as _functions  # noqa: F401
from backend_readiness.facts.languages.elixir import modules as _modules  # noqa: F401
from backend_readiness.facts.languages.elixir.tree import LANGUAGE, Walk, inner, value
from backend_readiness.facts.languages.markup.elements import collect
from backend_readiness.facts.languages.markup.page import Island, Page
from backend_readiness.facts.model import Arg, CallRef, Name, Unknown, Value

MAX_CODE = 60_000
MAX_REPEATED = 100_000_000
_OPENER = re.compile(rb"<%(?!%)(!--|==|[=#|/])?|<!--|<(?:script|style)\b|\{", re.IGNORECASE)
_BRACE = re.compile(rb"[{}]")
_BLANK = bytes(byte if byte == 10 else 32 for byte in range(256))
_MARKUP = frozenset({"", "html", "xhtml", "xml", "svg"})
_WORD = re.compile(r"@?[a-z_]\w*[?!]?")
_OPENS = re.compile(rb"(?:->|\bdo)\s*$")  # what follows stands inside
_RAW = re.compile(r"(?:Phoenix\.HTML\.)?raw\b")


class Heex:
    """One page that a walk reads; `braces`: `{x}` puts text out."""

    language = "heex"
    components = False

    def __init__(self, walk: Walk, *, braces: bool = True) -> None:
        self._walk = walk
        self._braces = braces

    def looks_like(self, source: bytes, name: str) -> int:
        return 0

    def islands(self, source: bytes) -> list[Island]:
        found: list[Island] = []
        absent: set[bytes] = set()
        budget = 4 * len(source) + MAX_CODE
        position = 0
        while match := _OPENER.search(source, position):
            opener = match[0].lower()
            position = match.end()
            if opener == b"{":
                if not self._braces or budget <= 0:
                    continue
                end = _closing(source, match.end())
                if end < 0:
                    budget -= MAX_CODE
                    continue
                found.append(Island(match.start(), end + 1, match.end(), end, "{", output=True))
                position = end + 1
                continue
            closer = {b"<!--": b"-->", b"<%!--": b"--%>", b"<script": b">", b"<style": b"</style"}.get(opener, b"%>")
            end = -1 if closer in absent else source.find(closer, match.end())
            if end < 0:
                absent.add(closer)
                continue
            if opener == b"<script":
                position = self._script(source, end, absent, found)
            elif opener.startswith(b"<%"):
                position = end + len(closer)
                word = "#" if match[1] == b"!--" else (match[1] or b"").decode()
                found.append(Island(match.start(), position, match.end(), end, word, word in ("=", "==")))
            else:
                position = end
        return found

    def _script(self, source: bytes, tag_end: int, absent: set[bytes], found: list[Island]) -> int:
        """Braces in a script are its own; code between `<%` and `%>` is not."""
        end = -1 if b"</script" in absent else source.find(b"</script", tag_end)
        if end < 0:
            absent.add(b"</script")
            return tag_end
        position = tag_end
        while (start := source.find(b"<%=", position, end)) >= 0:
            close = source.find(b"%>", start, end)
            if close < 0:
                break
            position = close + 2
            found.append(Island(start, position, start + 3, close, "=", True))
        return end

    def prepare(self, page: Page) -> None:
        """Read all code of the page as one program."""
        self._walk.repeated += page.base
        if not page.islands or self._walk.repeated > MAX_REPEATED:
            return
        program = bytearray(page.source.translate(_BLANK))
        wanted: dict[int, int] = {}
        for island in page.islands:
            code = page.source[island.inner : island.inner_end]
            if island.word != "#" and code.strip():
                program[island.inner : island.inner_end] = code
                program[island.end - 1] = ord(
                    " " if _OPENS.search(code) else "\n"
                )  # in a function the grammar takes no `;` at the end of a line
                if island.output:
                    wanted[page.base + island.inner + len(code) - len(code.lstrip())] = page.base + island.inner_end
        walk = self._walk
        outer = walk.text, walk.wanted
        walk.text, walk.wanted = walk.text[: page.base] + program.decode("latin-1"), wanted
        code, base = bytes(program), page.base
        parser = Parser(LANGUAGE)
        if base:
            parser.included_ranges = [Range((0, 0), (2**31, 0), base, base + len(code))]
        for node in inner(parser.parse(lambda offset, _: code[max(0, offset - base) :][:MAX_CODE], encoding="utf8").root_node):
            value(walk, node)
        walk.text, walk.wanted = outer

    def attribute(self, page: Page, name: str, span: tuple[int, int] | None) -> Value | Literal["plain"] | None:
        island = page.island_at(span[0]) if span is not None else None
        if span is not None and island is not None and (island.start, island.end) == span and island.word == "{":
            return page.value(island)
        return "plain"

    def lower(self, page: Page, island: Island) -> Value | None:
        if not island.output:
            return None
        code = page.source[island.inner : island.inner_end]
        text = code.decode("utf-8", "replace").strip()
        at = page.base + island.inner + len(code) - len(code.lstrip())
        lowered = self._walk.kept.pop(at, None)
        if lowered is None:
            lowered = page.builder.name(text) if _WORD.fullmatch(text) else Unknown(text[:80])
        if _RAW.match(text):
            return CallRef(page.call(Name("raw_output"), (Arg(lowered),), island.start, island.end))
        return lowered


def _closing(source: bytes, start: int) -> int:
    """Where the brace that was opened before `start` closes, or -1. As in HEEx itself, braces in texts count."""
    depth = 1
    for match in _BRACE.finditer(source, start, start + MAX_CODE):
        depth += 1 if match[0] == b"{" else -1
        if depth == 0:
            return match.start()
    return -1


def extract(source: bytes, path: str) -> Builder:
    """The facts of one template in a Builder of language `heex` or `eex`. Templates of other text than markup have no elements."""
    braces = path.endswith(".heex")
    builder = Builder("heex" if braces else "eex", source)
    dialect = Heex(Walk(source, builder), braces=braces)
    name = PurePosixPath(PurePosixPath(path).stem).suffix.lstrip(".").lower()
    collect(Page(builder, source, dialect), markup=name in _MARKUP)
    builder.names.discard("")
    return builder


def sigil_into(walk: Walk, source: bytes, start: int) -> None:
    """Add the elements and the code of a `~H` sigil, whose text stands at `start` in the file that the walk reads."""
    collect(Page(walk.builder, source, Heex(walk), owner=walk.owner, first_line=walk.line(start), base=start))
