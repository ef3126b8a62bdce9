"""The attributes of a tag, lowered: bindings to their expression, plain ones to Lit, those with template output to Concat.

An attribute whose text branches (`action="{% if id %}/edit{% else %}/new{% endif %}"`) is an Alt of its branches.
"""

from __future__ import annotations

import re
from html import unescape
from typing import TYPE_CHECKING

from backend_readiness.facts.languages.markup import bindings, thymeleaf
from backend_readiness.facts.languages.markup.tags import RawAttribute, Tag
from backend_readiness.facts.model import Alt, Attr, Concat, Lit, Value

if TYPE_CHECKING:
    from backend_readiness.facts.languages.markup.page import Island, Page

MAX_BRANCHES = 20
_HANDLER = re.compile(r"on[a-z]{3,20}$", re.I)


def attributes(page: Page, tag: Tag) -> tuple[Attr, ...]:
    found: list[Attr] = []
    for raw in tag.attributes:
        attr = _attribute(page, raw)
        if attr is not None:
            found.append(attr)
    return tuple(found)


def _attribute(page: Page, raw: RawAttribute) -> Attr | None:
    start, end = raw.name
    line = page.line(start)
    island = page.island_at(start)
    if island and island.start == start and island.end >= end and raw.value is None:
        return _bare(page, island, line)
    name = page.text(start, end)
    if not page.dialect.components and _HANDLER.match(name):  # `onClick` of a page is `onclick`
        name = name.lower()
    named = thymeleaf.address(page, name, raw.value) if "th" in name else None
    if named is not None:
        return Attr(named[0], named[1], line)
    value = page.dialect.attribute(page, name, raw.value)
    if value == "plain":
        value = bindings.common(page, name, raw.value)
    if value == "plain":
        value = text_value(page, *raw.value) if raw.value else None
    return Attr(name, value, line)


def _bare(page: Page, island: Island, line: int) -> Attr | None:
    """Output in the place of an attribute: Svelte's `{...rest}` and `{value}`; a server template writes attributes we cannot see."""
    value = page.value(island)
    if not page.dialect.components:
        return None
    code = page.text(island.inner, island.inner_end).strip()
    if code.startswith("..."):
        return Attr("...", value, line)
    return Attr(code, value, line) if code.isidentifier() else None


def text_value(page: Page, start: int, end: int) -> Value:
    """Text with islands, as one value."""
    islands = page.islands_in(start, end)
    if not islands:
        return Lit(unescape(page.text(start, end)))
    branches: list[list[list[Value]]] = [[[]]]  # of each open condition: its options, each a list of parts
    position = start
    for island in islands:
        if island.start > position:
            branches[-1][-1].append(Lit(unescape(page.text(position, island.start))))
        position = max(position, island.end)
        value = page.value(island)
        if island.output and value is not None:
            branches[-1][-1].append(value)
        elif island.flow == "open" and len(branches) < MAX_BRANCHES:
            branches.append([[]])
        elif island.flow == "middle" and len(branches) > 1:
            branches[-1].append([])
        elif island.flow == "close" and len(branches) > 1:
            _join(branches)
    if position < end:
        branches[-1][-1].append(Lit(unescape(page.text(position, end))))
    while len(branches) > 1:
        _join(branches)
    return _concat(branches[0][0])


def _join(branches: list[list[list[Value]]]) -> None:
    options = branches.pop()
    if len(options) == 1:
        options.append([])
    branches[-1][-1].append(Alt(tuple(_concat(option) for option in options)))


def _concat(parts: list[Value]) -> Value:
    if not parts:
        return Lit("")
    return parts[0] if len(parts) == 1 else Concat(tuple(parts))
