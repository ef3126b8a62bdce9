"""Splits markup into tags, in one pass and in linear time.

Not tree-sitter-html: that grammar drops the elements around an unclosed `<form>`, calls `<Input>` a void element and gives up at deep
nesting, while templates open a tag in one branch and close it in another. A reader of tags, as browsers have it, never fails.

It reads the *masked* text, in which template tags are overwritten byte by byte, so offsets are those of the file.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

_TAG = re.compile(rb"<(?:(/)?(\.?[A-Za-z][^\s/>]*)|(!--)|[!?])")
_NAME = re.compile(rb"[\s/]*([^\s=>/<\"'][^\s=>/<]*|=[^\s=>/<]*)?")
_EQUALS = re.compile(rb"\s*=\s*")
_UNQUOTED = re.compile(rb"[^\s>]*")
_QUOTES = re.compile(rb"[\"']+")
RAW_TEXT = frozenset({"script", "style", "textarea", "title"})
COMMENT = "!--"
MAX_ATTRIBUTES = 500


@dataclass(frozen=True, slots=True)
class RawAttribute:
    """Spans of the name and the value (without quotes); `value` None: the attribute has none."""

    name: tuple[int, int]
    value: tuple[int, int] | None


@dataclass(frozen=True, slots=True)
class Tag:
    """An opening or closing tag; `body_end` is where the raw text after `<script>` and its like ends, else None."""

    name: str
    start: int
    end: int
    closing: bool = False
    self_closing: bool = False
    attributes: tuple[RawAttribute, ...] = ()
    body_end: int | None = None
    broken: bool = False


class _Finder:
    """`bytes.find` that remembers what stands nowhere ahead, so hostile text is not searched again and again."""

    def __init__(self, text: bytes) -> None:
        self._text = text
        self._lower: bytes | None = None
        self._absent: set[bytes] = set()

    def find(self, needle: bytes, position: int) -> int:
        if needle in self._absent:
            return -1
        found = self._text.find(needle, position)
        if found < 0:
            self._absent.add(needle)
        return found

    def find_end_tag(self, name: str, position: int) -> int:
        needle = b"</" + name.lower().encode()
        if needle in self._absent:
            return -1
        if self._lower is None:
            self._lower = self._text.lower()
        found = self._lower.find(needle, position)
        if found < 0:
            self._absent.add(needle)
        return found


def tags(text: bytes, *, is_markup_script: re.Pattern[bytes]) -> Iterator[Tag]:
    """Every tag of the text in order, and every comment as a tag of the name `COMMENT`.

    `is_markup_script` matches the attributes of a `<script>` whose content is markup (`type="text/template"`): its tags are read too.
    """
    finder = _Finder(text)
    position = 0
    while match := _TAG.search(text, position):
        if match[3]:
            end = finder.find(b"-->", match.end())
            position = len(text) if end < 0 else end + 3
            yield Tag(COMMENT, match.start(), position, broken=end < 0)
            continue
        if not match[2]:
            end = finder.find(b">", match.end())
            position = match.end() if end < 0 else end + 1
            continue
        name = match[2].decode("utf-8", "replace")
        if "<" in name:  # `<div<p>`: the second one is the tag
            position = match.start() + 1 + match[2].index(b"<") + (1 if match[1] else 0)
            yield Tag(name.split("<")[0], match.start(), position, closing=bool(match[1]), broken=True)
            continue
        if match[1]:
            end = finder.find(b">", match.end())
            position = match.end() if end < 0 else end + 1
            yield Tag(name, match.start(), position, closing=True, broken=end < 0)
            continue
        tag = _opening(text, name, match.start(), match.end(), finder)
        position = tag.end
        if (
            name.lower() in RAW_TEXT
            and not tag.self_closing
            and not (name.lower() == "script" and is_markup_script.search(text, tag.start, tag.end))
        ):
            body_end = finder.find_end_tag(name, position)
            position = len(text) if body_end < 0 else body_end
            tag = Tag(name, tag.start, tag.end, False, False, tag.attributes, position, tag.broken or body_end < 0)
        yield tag


def _opening(text: bytes, name: str, start: int, position: int, finder: _Finder) -> Tag:
    attributes: list[RawAttribute] = []
    while True:
        match = _NAME.match(text, position)
        assert match is not None  # every part of the pattern is optional
        if not match[1]:
            position = match.end()
            following = text[position : position + 1]
            if following == b">":
                closed = text[position - 1 : position] == b"/"
                return Tag(name, start, position + 1, self_closing=closed, attributes=tuple(attributes))
            if following in (b'"', b"'"):  # a quote that belongs to nothing
                quotes = _QUOTES.match(text, position)
                position = quotes.end() if quotes else position + 1
                continue
            return Tag(name, start, position, attributes=tuple(attributes), broken=True)
        position = match.end()
        value: tuple[int, int] | None = None
        if equals := _EQUALS.match(text, position):
            position = equals.end()
            quote = text[position : position + 1]
            if quote in (b'"', b"'"):
                closing = finder.find(quote, position + 1)
                if closing < 0:  # an open quote: the value ends with the tag, as far as we can tell
                    stop = finder.find(b">", position + 1)
                    stop = len(text) if stop < 0 else stop
                    attributes.append(RawAttribute(match.span(1), (position + 1, stop)))
                    return Tag(name, start, min(stop + 1, len(text)), attributes=tuple(attributes), broken=True)
                value, position = (position + 1, closing), closing + 1
            else:
                unquoted = _UNQUOTED.match(text, position)
                assert unquoted is not None
                end = unquoted.end()
                if text[end - 1 : end + 1] == b"/>" and end > position:
                    end -= 1
                value, position = (position, end), end
        if len(attributes) < MAX_ATTRIBUTES:
            attributes.append(RawAttribute(match.span(1), value))
