"""Walks the tags and islands of a page in order and records its elements.

Tags need not balance: an end tag closes the innermost element of its name, `<li>` ends an open `<li>`, a branch of a condition that
leaves a tag open gives it back at `else`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from html import unescape
from typing import TYPE_CHECKING

import msgspec

from backend_readiness.facts.builder import MAX_TEXT
from backend_readiness.facts.languages.markup import script as embedded
from backend_readiness.facts.languages.markup.attributes import attributes
from backend_readiness.facts.languages.markup.tags import COMMENT, RAW_TEXT, Tag, tags
from backend_readiness.facts.model import Attr, Element, Lit

if TYPE_CHECKING:
    from backend_readiness.facts.languages.markup.page import Page

VOID = frozenset(["area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source", "track", "wbr"])
_ENDED_BY = {
    "li": {"li"},
    "option": {"option"},
    "dt": {"dd", "dt"},
    "dd": {"dd", "dt"},
    "tr": {"td", "th", "tr"},
    "td": {"td", "th"},
    "th": {"td", "th"},
    **{name: {"p"} for name in ("div", "form", "ul", "ol", "table", "p", "h1", "h2", "h3", "h4", "section", "fieldset", "pre", "hr")},
}
_MARKUP_SCRIPT = re.compile(rb"\btype\s*=\s*[\"']?(?:text/html|[\w/+.-]{0,40}template)", re.IGNORECASE)
_CODE_TYPES = re.compile(r"(?:module|(?:text|application)/(?:java|ecma|type|babel|jsx|x-java)[\w-]*|text/babel|jsx|)$", re.IGNORECASE)
MAX_CHUNK = 400


@dataclass(slots=True)
class Frame:
    """An element whose end is not reached yet."""

    element: int
    key: str
    text: list[str] = field(default_factory=list)
    length: int = 0


def collect(page: Page, *, markup: bool = True) -> None:
    """Record the elements and islands of the page; not `markup`: a template of something else, where only islands count."""
    page.dialect.prepare(page)
    walk = _Walk(page)
    if markup:
        for tag in tags(_masked(page), is_markup_script=_MARKUP_SCRIPT):
            walk.tag(tag)
    walk.finish()
    page.finish()


def _masked(page: Page) -> bytes:
    """The source with islands overwritten: output by a word, anything else by spaces, so that tags and attributes hold together."""
    masked = bytearray(page.source.replace(b"\0", b" "))
    for island in page.islands:
        masked[island.start : island.end] = (b"_" if island.output else b" ") * (island.end - island.start)
    return bytes(masked)


class _Walk:
    def __init__(self, page: Page) -> None:
        self._page = page
        self._stack: list[Frame] = []
        self._open: dict[str, int] = {}
        self._next_island = 0
        self._position = 0

    def tag(self, tag: Tag) -> None:
        self._advance(tag.start)
        self._text(self._position, tag.start)
        self._position = tag.end if tag.body_end is None else tag.body_end
        self._page.builder.errors += tag.broken
        if tag.name == COMMENT:
            self._comment(tag)
        elif tag.closing:
            self._close(tag)
        else:
            self._open_tag(tag)

    def finish(self) -> None:
        self._advance(len(self._page.source))
        while self._stack:
            self._pop(len(self._page.source), len(self._page.source))

    # ------------------------------------------------------------ islands and text

    def _advance(self, until: int) -> None:
        """Lower the islands before `until`, and follow their branches."""
        page = self._page
        page.depth = len(self._stack)
        while self._next_island < len(page.islands) and page.islands[self._next_island].start < until:
            island = page.islands[self._next_island]
            self._next_island += 1
            page.value(island)
            if page.cut_to is not None:
                while len(self._stack) > page.cut_to:
                    self._pop(island.start, island.start)
                page.cut_to, page.depth = None, len(self._stack)

    def _text(self, start: int, end: int) -> None:
        if not self._stack or end <= start or self._stack[-1].length >= MAX_TEXT:
            return
        page, frame = self._page, self._stack[-1]
        end = min(end, start + MAX_CHUNK)
        parts, position = [], start
        for island in page.islands_in(start, end):
            parts.append(unescape(page.text(position, max(position, island.start))))
            if island.output:
                parts.append(page.text(island.start, min(island.end, island.start + MAX_CHUNK)))
            position = max(position, island.end)
        parts.append(unescape(page.text(position, max(position, end))))
        text = " ".join("".join(parts).split())
        if text:
            frame.text.append(text)
            frame.length += len(text)

    def _comment(self, tag: Tag) -> None:
        """A server renders what a comment holds, but a user never sees it: only its control flow counts."""
        for island in self._page.islands_in(tag.start, tag.end):
            island.lowered = island.lowered or island.output

    # ------------------------------------------------------------ elements

    def _key(self, name: str) -> str:
        return name if self._page.dialect.components else name.lower()

    def _open_tag(self, tag: Tag) -> None:
        page = self._page
        key = self._key(tag.name)
        ends = _ENDED_BY.get(key, ())
        while self._stack and self._stack[-1].key in ends:
            self._pop(tag.start, tag.start)
        attrs = attributes(page, tag)
        self._advance(tag.end)
        element = page.builder.add_element(
            Element(
                tag=tag.name,
                attrs=attrs,
                text="",
                owner=page.owner,
                parent=self._stack[-1].element if self._stack else -1,
                line=page.line(tag.start),
                end_line=page.line(tag.end - 1),
                close_line=page.line(tag.end - 1),
                start=page.base + tag.start,
                end=page.base + tag.end,
            )
        )
        if key in VOID or tag.self_closing:
            return
        self._stack.append(Frame(element, key))
        self._open[key] = self._open.get(key, 0) + 1
        if tag.body_end is not None:
            self._body(tag, attrs)

    def _body(self, tag: Tag, attrs: tuple[Attr, ...]) -> None:
        """Raw text: a script is code, a style is nothing, a text area has text."""
        assert tag.body_end is not None
        name = tag.name.lower()
        page = self._page
        if name == "script":
            grammar = script_grammar(attrs, typed=getattr(page.dialect, "typed", False))
            if grammar is not None:
                embedded.script(page, tag.end, tag.body_end, grammar)
        elif name in RAW_TEXT and name != "style":
            self._text(tag.end, tag.body_end)
        self._advance(tag.body_end)

    def _close(self, tag: Tag) -> None:
        key = self._key(tag.name)
        if not self._open.get(key):
            if key not in VOID and key != "p":  # a block ends the paragraph that it stands in
                self._page.builder.errors += 1
            return
        while self._pop(tag.start, tag.end) != key:
            continue

    def _pop(self, start: int, end: int) -> str:
        frame = self._stack.pop()
        self._open[frame.key] -= 1
        elements = self._page.builder.elements
        elements[frame.element] = msgspec.structs.replace(
            elements[frame.element],
            text=" ".join(frame.text)[:MAX_TEXT],
            end=self._page.base + end,
            close_line=self._page.line(max(0, end - 1)),
        )
        return frame.key


def script_grammar(attrs: tuple[Attr, ...], *, typed: bool = False) -> embedded.Grammar | None:
    """The grammar of a `<script>` by its `type` and `lang`, or `typed`; None: data or a template, not code."""
    said = {attr.name.lower(): str(attr.value.value) for attr in attrs if isinstance(attr.value, Lit)}
    kind, lang = said.get("type", "").strip(), said.get("lang", "").lower()
    if not _CODE_TYPES.match(kind) and kind != "None":
        return None
    if lang in ("tsx", "jsx"):
        return "tsx" if lang == "tsx" else "javascript"
    return "typescript" if typed or lang in ("ts", "typescript") or "typescript" in kind.lower() else "javascript"
