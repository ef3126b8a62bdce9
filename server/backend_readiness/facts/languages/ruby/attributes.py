"""Attributes of Haml and Slim as HTML: `{action: orders_path, data: {id: 1}}`, `href="/x" class=name`."""

from __future__ import annotations

import re

END = "<% end %>"
MAX_CHARS = 8_000
_PAIRS = {"(": ")", "[": "]", "{": "}"}
_KEY = re.compile(r"\s*(?:[:](\w[\w-]{0,80})\s*=>|[\"']([\w:@.-]{1,80})[\"']\s*(?:=>|:)|(\w[\w-]{0,80}):(?!:))\s*")
_TEXT = re.compile(r"\"((?:[^\"\\#]|\\.|#(?!\{)){0,2000})\"|'((?:[^'\\]|\\.){0,2000})'|:(\w{1,80})")
_NAMED = re.compile(r"\s*\*?([\w:@.-]{1,80})\s*==?\s*(?=\S)")


def balanced(text: str) -> int:
    """How many brackets are still open at the end of a text; quotes hide them."""
    depth, quote = 0, ""
    for number, char in enumerate(text[:MAX_CHARS]):
        if quote:
            quote = "" if char == quote and text[number - 1] != "\\" else quote
        elif char in "\"'" and (number == 0 or text[number - 1] != "\\"):
            quote = char if char == '"' or not text[number - 1 : number].isalpha() else ""
        elif char in "([{":
            depth += 1
        elif char in ")]}":
            depth -= 1
    return depth


def words_end(text: str, start: int) -> int:
    """Where a value that begins at `start` ends: behind its brackets or quotes, or before the next blank outside of them."""
    depth, quote = 0, ""
    for number in range(start, min(len(text), start + MAX_CHARS)):
        char = text[number]
        if quote:
            quote = "" if char == quote and text[number - 1] != "\\" else quote
            if not quote and not depth and number + 1 < len(text) and text[number + 1].isspace():
                return number + 1
        elif char in "\"'":
            quote = char
        elif char in _PAIRS:
            depth += 1
        elif char in ")]}":
            depth -= 1
            if depth < 0:
                return number
            if depth == 0 and text[start] in _PAIRS:
                return number + 1
        elif char.isspace() and not depth:
            return number
    return len(text)


def hash_attributes(inner: str, prefix: str = "", depth: int = 0) -> str:
    """The pairs of a Ruby hash as attributes; a hash in it continues the name (`data: {id: 1}` is `data-id`)."""
    found = ""
    for part in _parts(inner.replace("\n", " ")):
        key = _KEY.match(part)
        if key is None:
            continue
        name = next(g for g in key.groups() if g is not None)
        value = part[key.end() :].strip()
        full = f"{prefix}{name.replace('_', '-') if prefix else name}"
        if value.startswith("{") and value.endswith("}") and depth < 3:
            found += hash_attributes(value[1:-1], f"{full}-", depth + 1)
        else:
            found += _attribute(full, value)
    return found


def pair_attributes(inner: str) -> str:
    """Pairs `name="text"` and `name=expression` as attributes."""
    found, position = "", 0
    inner = inner.replace("\n", " ")
    while (match := _NAMED.match(inner, position)) is not None:
        end = words_end(inner, match.end())
        found += _attribute(match[1], inner[match.end() : end].strip())
        position = max(end, match.end() + 1)
    return found


def _attribute(name: str, value: str) -> str:
    text = _TEXT.fullmatch(value)
    if text is not None:
        written = next(g for g in text.groups() if g is not None)
        return f' {name}="{written}"'.replace("<%", "&lt;%") if '"' not in written else f" {name}='{written}'"
    if value in ("true", ""):
        return f" {name}"
    return f' {name}="<%= {value} %>"' if value not in ("nil", "false") else ""


def _parts(inner: str) -> list[str]:
    """What stands between the commas that no bracket or quote hides."""
    found, depth, quote, last = [], 0, "", 0
    for number, char in enumerate(inner[:MAX_CHARS]):
        if quote:
            quote = "" if char == quote and inner[number - 1] != "\\" else quote
        elif char in "\"'":
            quote = char
        elif char in _PAIRS:
            depth += 1
        elif char in ")]}":
            depth -= 1
        elif char == "," and not depth:
            found.append(inner[last:number])
            last = number + 1
    return [*found, inner[last:]]
