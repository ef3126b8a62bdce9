"""Attributes of Thymeleaf that give the address of a link or form: `th:action="@{/orders/{id}(id=${order.id})}"` is `action`, and so
is one that is put together (`th:action="'/orders/' + ${order.id}"`).

An event whose code is put together (`th:onclick="'remove(' + ${order.id} + ')'"`) is a call of the function that its text begins with.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from backend_readiness.facts.languages.text import join_text
from backend_readiness.facts.model import CallRef, Lit, Name, Value

if TYPE_CHECKING:
    from backend_readiness.facts.languages.markup.page import Page

ADDRESSES = frozenset({"action", "href", "formaction", "method", "src"})
MAX_CHARS = 1_000
_NAME = re.compile(r"(?:data-th-|th:)(\w+)$")
_LINK = re.compile(r"\s*@\{(.*)\}\s*", re.DOTALL)
_PARAMETERS = re.compile(r"\((?:[^()]|\([^()]{0,200}\)){0,400}\)$")
_PIECE = re.compile(r"(?:__)?[$*]\{([^{}]{0,200})\}(?:__)?|\{(\w{1,80})\}|'([^']{0,500})'|\s*\+\s*")
_TERM = re.compile(
    r"\s*(?:(?:__)?[$*]\{(?P<name>[^{}]{0,200})\}(?:__)?|'(?P<text>[^']{0,500})'|@\{(?P<link>[^{}]{0,500})\}|\|(?P<filled>[^|]{0,500})\||\+)\s*"
)
_EVENT = re.compile(r"on[a-z]{3,20}$")
_CALLED = re.compile(r"\s*['|]\s*(?:javascript:\s*)?(?:return\s+)?([A-Za-z_$][\w$]{0,80})\s*\(")
_WORD = re.compile(r"(\w+)\W*$")


def address(page: Page, name: str, span: tuple[int, int] | None) -> tuple[str, Value] | None:
    """The plain name of the attribute and its value; None for any other attribute."""
    found = _NAME.match(name)
    if found is None or span is None or not (found.group(1) in ADDRESSES or _EVENT.match(found.group(1))):
        return None
    text = page.text(*span)[:MAX_CHARS]
    if found.group(1) not in ADDRESSES:
        called = _CALLED.match(text)
        return (found.group(1), CallRef(page.call(page.builder.name(called.group(1)), (), *span))) if called is not None else None
    link = _LINK.fullmatch(text)
    if link is None and found.group(1) == "method":
        return ("method", Lit(text.strip("'"))) if "{" not in text else None
    if link is None:
        return (found.group(1), _put_together(page, text)) if text.strip() else None
    return found.group(1), _value(page, _PARAMETERS.sub("", link.group(1).strip()))


def _put_together(page: Page, text: str) -> Value:
    """`'/orders/' + ${order.id}`, `|/orders/${order.id}|`; a name for what is chosen or computed."""
    parts: list[Value] = []
    at = 0
    while at < len(text):
        term = _TERM.match(text, at)
        if term is None:
            return Name("value")
        at = term.end()
        if term["text"] is not None:
            parts.append(Lit(term["text"]))
        elif term["name"] is not None:
            parts.append(_value(page, f"${{{term['name']}}}"))
        elif term["link"] is not None or term["filled"] is not None:
            parts.append(_value(page, _PARAMETERS.sub("", term["link"] or term["filled"] or "")))
    return join_text(parts) if parts else Name("value")


def _value(page: Page, inner: str) -> Value:
    """Text with parameters: `${order.id}`, `__${order.id}__` and `{id}` are the name at their end."""
    parts: list[Value] = []
    at = 0
    for piece in _PIECE.finditer(inner):
        parts.append(Lit(inner[at : piece.start()]))
        at = piece.end()
        expression, parameter, quoted = piece.groups()
        if quoted is not None:
            parts.append(Lit(quoted))
        elif expression is not None or parameter is not None:
            word = _WORD.search(expression or parameter or "")
            parts.append(Name(page.builder.name(word.group(1)).id) if word is not None else Name("value"))
    parts.append(Lit(inner[at:]))
    return join_text(p for p in parts if p != Lit(""))
