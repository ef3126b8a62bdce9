"""Attributes of Pug as those of EJS: `(action=`/orders/${id}` method="POST", disabled)`."""

from __future__ import annotations

import re
from collections.abc import Iterator

MAX_CHARS = 8_000
_NAME = re.compile(r"[\s,]*[\"']?([\w:@.$*#()\[\]-]{1,80}?)[\"']?\s*(!?=(?!=)|(?=[\s,]|$))\s*", re.S)
_TEXT = re.compile(r"\"([^\"\\]{0,4000})\"|'([^'\\]{0,4000})'")
_TEMPLATE = re.compile(r"`([^`\\]{0,4000})`")
_HOLE = re.compile(r"\$\{([^{}]{0,400})\}")
_JOINS = re.compile(r"\s*(?:[+*/%?:|&<>]|[!=]=|-\s)")
_OPENERS, _CLOSERS = "([{", ")]}"


def end_of_brackets(text: str, start: int) -> int | None:
    """Behind the bracket that closes the one at `start`; None when it stays open. Quotes hide brackets."""
    return next((number + 1 for number, char, depth in _outside_of_quotes(text, start) if depth == 0 and char in _CLOSERS), None)


def as_html(inner: str) -> str:
    """What stands between the brackets, each attribute with a blank before it."""
    found, position = "", 0
    while (name := _NAME.match(inner, position)) is not None and name.end() > position:
        position = name.end()
        if not name[2]:
            found += f" {name[1]}"
            continue
        end = _value_end(inner, position)
        found += f' {name[1]}="{_value(inner[position:end].strip())}"'
        position = end
    return found


def _value_end(inner: str, start: int) -> int:
    """Where an expression ends: at a comma, or at a blank behind which it does not go on."""
    for number, char, depth in _outside_of_quotes(inner, start):
        if depth == 0 and char == ",":
            return number
        if depth == 0 and char.isspace():
            before = inner[start:number].rstrip()
            if before and before[-1] not in "+-*/%?:|&<>=!" and _JOINS.match(inner, number) is None:
                return number
    return len(inner)


def _outside_of_quotes(text: str, start: int) -> Iterator[tuple[int, str, int]]:
    """(place, character, brackets that are open behind it) of what no quotes hold."""
    depth, quote = 0, ""
    for number in range(start, min(len(text), start + MAX_CHARS)):
        char = text[number]
        if quote:
            quote = "" if char == quote and text[number - 1] != "\\" else quote
            continue
        if char in "\"'`":
            quote = char
        depth += (char in _OPENERS) - (char in _CLOSERS)
        yield number, char, depth


def _value(expression: str) -> str:
    text = _TEXT.fullmatch(expression)
    if text is not None:
        return (text[1] if text[1] is not None else text[2]).replace('"', "&quot;").replace("<%", "&lt;%")
    template = _TEMPLATE.fullmatch(expression)
    if template is not None:
        return _HOLE.sub(lambda m: f"<%= {m[1]} %>", template[1].replace('"', "&quot;").replace("<%", "&lt;%"))
    return f"<%= {' '.join(expression.split())} %>"
