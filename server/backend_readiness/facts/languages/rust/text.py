"""Texts of Rust: escapes of literals and the fields of `format!`."""

from __future__ import annotations

import re

from backend_readiness.facts.builder import Builder
from backend_readiness.facts.languages.text import plain
from backend_readiness.facts.model import Arg, Concat, Lit, Unknown, Value

_ESCAPE = re.compile(r"\\(?:u\{([0-9a-fA-F_]{1,8})\}|x([0-9a-fA-F]{2})|\r?\n\s*|(.))", re.DOTALL)
_SIMPLE = {"n": "\n", "t": "\t", "r": "\r", "0": "\0"}
_FIELD = re.compile(r"\{\{|\}\}|\{\s*(\w*)\s*(?::[^{}]*)?\}")
MAX_PARTS = 60


def unescape(text: str) -> str:
    """The text of a string literal (latin-1 view) with its escapes decoded."""
    return plain(text) if "\\" not in text else _ESCAPE.sub(_decoded, plain(text))


def _decoded(match: re.Match[str]) -> str:
    code = match.group(1) or match.group(2)
    if code:
        number = int(code.replace("_", "") or "0", 16)
        return chr(number) if number < 0x110000 else ""
    return _SIMPLE.get(match.group(3), match.group(3)) if match.group(3) else ""


def formatted(builder: Builder, args: tuple[Arg, ...]) -> Value:
    """The text of `format!(template, values...)`; a template that is no literal keeps nothing of itself."""
    if not args or not isinstance(args[0].value, Lit) or not isinstance(args[0].value.value, str):
        return Unknown("format!")
    template = args[0].value.value
    positional = [a.value for a in args[1:] if a.name is None]
    named = {a.name: a.value for a in args[1:] if a.name is not None}
    parts: list[Value] = []
    at = automatic = 0
    for match in _FIELD.finditer(template):
        if match.start() > at:
            parts.append(Lit(template[at : match.start()]))
        at = match.end()
        key = match.group(1)
        if key is None:
            parts.append(Lit(match.group()[0]))
        elif key == "" or key.isdecimal():
            position = automatic if key == "" else int(key)
            automatic += key == ""
            parts.append(positional[position] if position < len(positional) else Unknown(match.group()))
        else:
            parts.append(named.get(key) or builder.name(key))
    if at < len(template):
        parts.append(Lit(template[at:]))
    return joined(parts)


def joined(parts: list[Value]) -> Value:
    """Text put together, adjacent literals joined."""
    found: list[Value] = []
    for part in parts:
        last = found[-1] if found else None
        if isinstance(part, Lit) and isinstance(part.value, str) and isinstance(last, Lit) and isinstance(last.value, str):
            found[-1] = Lit(last.value + part.value)
        else:
            found.extend(part.parts if isinstance(part, Concat) else (part,))
    if len(found) == 1 and isinstance(found[0], Lit):
        return found[0]
    return Concat(tuple(found[:MAX_PARTS])) if found else Lit("")


def has_fields(value: Value) -> bool:
    """Does a literal name values in braces (`"{user} failed"`)?"""
    return (
        isinstance(value, Lit)
        and isinstance(value.value, str)
        and any((m.group(1) or "0").isidentifier() for m in _FIELD.finditer(value.value))
    )
