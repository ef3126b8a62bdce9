"""Attributes that hold code in any markup: DOM events, Vue in the page, Alpine, htmx `hx-on`, AngularJS.

The name alone says it; the value is lowered as an expression, or, for an event, as a handler.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Literal

from backend_readiness.facts.languages.markup.script import names_of
from backend_readiness.facts.model import Assign, Seq, Value

if TYPE_CHECKING:
    from backend_readiness.facts.languages.markup.page import Page

Span = tuple[int, int]
_EVENT = re.compile(
    r"(?:@|v-on:|x-on:|hx-on[:-]|on[a-z]+$|(?:data-|x-)?ng-(?:click|submit|change|blur|focus|key\w+|mouse\w+|dblclick|init)$|x-init$)"
)
_EXPRESSION = re.compile(
    r"(?::|v-(?:bind|model|if|else-if|show|html|text|on|memo)(?:$|[:.])|x-(?:bind|data|show|model|if|text|html|effect|modelable)(?:$|[:.])"
    r"|(?:data-|x-)?ng-(?:model|if|show|hide|href|src|class|disabled|bind|bind-html|value|options)$|v-[a-z][\w-]*(?:$|[:.]))"
)
_LOOP = re.compile(r"(?:v-for|x-for|(?:data-|x-)?ng-repeat)$")
_SLOT = re.compile(r"(?:v-slot|slot-scope|#)")
_NO_CODE = frozenset({"v-cloak", "v-pre", "v-once", "v-else", "x-cloak", "x-ignore", "x-ref", "ng-app", "data-ng-app", "ng-cloak"})
_IN = re.compile(rb"\s(?:in|of)\s")
_FILTER = re.compile(rb"(?<!\|)\|(?!\|)")


def common(page: Page, name: str, span: Span | None) -> Value | Literal["plain"] | None:
    """The value of a binding by its name alone, or "plain"."""
    if name in _NO_CODE:
        return "plain"
    if _LOOP.match(name) and span:
        return loop(page, span)
    if _EVENT.match(name):
        return page.handler(*span) if span else None
    if _EXPRESSION.match(name):
        if span:
            return page.expression(*span)
        same = re.fullmatch(r":([A-Za-z][\w-]*)", name)  # `:id` means `:id="id"`
        return page.builder.name(_camel(same[1])) if same else None
    return "plain"


def slot(page: Page, name: str, span: Span | None) -> Value | Literal["plain"] | None:
    """`v-slot:item="{ order }"`, `#item="{ order }"`: the names it brings in, as a pattern."""
    if not _SLOT.match(name):
        return "plain"
    return page.expression(*span) if span else None


def loop(page: Page, span: Span) -> Value | None:
    """`(item, index) in items`: an Assign of kind `for`; the value is what is iterated."""
    start, end = span
    split = _IN.search(page.source, start, end)
    if not split:
        return page.expression(start, end)
    stop = end
    if page.dialect.language != "vue" and (bar := _FILTER.search(page.source, split.end(), end)):  # AngularJS filters
        stop = bar.start()
    iterated = page.expression(split.end(), stop)
    left = page.source[start : split.start()].strip()
    begin = page.source.index(left, start) if left else start
    finish = begin + len(left)
    if left.startswith(b"(") and left.endswith(b")"):
        begin, finish = begin + 1, finish - 1
    bind(page, page.expression_list(begin, finish), iterated, span)
    return iterated


def bind(page: Page, pattern: Value | None, iterated: Value | None, span: Span) -> None:
    """Note that the first part of the pattern takes each item of what is iterated."""
    target = pattern.items[0] if isinstance(pattern, Seq) and pattern.items else pattern
    if target is None or not any(True for _ in names_of(target)):
        return
    page.builder.assigns.append(
        Assign(
            target=target,
            value=iterated,
            type=None,
            owner=page.owner,
            line=page.line(span[0]),
            end_line=page.line(span[1]),
            start=page.base + span[0],
            end=page.base + span[1],
            kind="for",
        )
    )


def _camel(name: str) -> str:
    first, *rest = name.split("-")
    return first + "".join(part.capitalize() for part in rest)
