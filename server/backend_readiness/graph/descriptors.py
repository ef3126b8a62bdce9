"""Deployment descriptors of web applications (`web.xml`): servlets and filters with the classes that they name, and their paths."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

MAX_CHARS = 400_000
MAX_ITEMS = 400
_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
_BLOCK = re.compile(r"<(servlet|filter)>(.*?)</\1>", re.DOTALL)
_MAPPING = re.compile(r"<(servlet|filter)-mapping>(.*?)</\1-mapping>", re.DOTALL)
_PATTERN = re.compile(r"<url-pattern>\s*([^<>\s]{1,300})\s*</url-pattern>")
_CONTEXT = re.compile(r"<param-name>\s*([\w.\-]{1,200})\s*</param-name>\s*<param-value>\s*([^<>]{0,300}?)\s*</param-value>")


@dataclass(frozen=True, slots=True)
class Deployed:
    """One mapping. `kind` is `servlet` or `filter`; `names`: its name, class and values of parameters."""

    kind: str
    name: str
    cls: str
    names: frozenset[str]
    document: str  # a page that answers (`<jsp-file>`), or nothing
    patterns: tuple[str, ...]
    line: int


def deployed(text: str) -> Iterator[Deployed]:
    """The mappings of a descriptor, in its order."""
    text = _COMMENT.sub(lambda m: "\n" * m.group().count("\n"), text[:MAX_CHARS])
    blocks: dict[tuple[str, str], str] = {}
    for count, block in enumerate(_BLOCK.finditer(text)):
        if count < MAX_ITEMS:
            blocks[block.group(1), _element(block.group(2), f"{block.group(1)}-name")] = block.group(2)
    for count, found in enumerate(_MAPPING.finditer(text)):
        if count >= MAX_ITEMS:
            return
        kind, inner = found.group(1), found.group(2)
        name = _element(inner, f"{kind}-name")
        block_text = blocks.get((kind, name), "")
        cls = _element(block_text, f"{kind}-class")
        values = [v for _, v in _CONTEXT.findall(block_text)]
        yield Deployed(
            kind, name, cls, frozenset(v for v in (name, cls, *values) if v), _element(block_text, "jsp-file"),
            tuple(_PATTERN.findall(inner)), text.count("\n", 0, found.start(2) + len(inner) - len(inner.lstrip())) + 1,
        )  # fmt: skip


def parameters(text: str) -> dict[str, str]:
    """All parameters that a descriptor sets, by name; the first of each."""
    found: dict[str, str] = {}
    for name, value in _CONTEXT.findall(_COMMENT.sub("", text[:MAX_CHARS])):
        found.setdefault(name, value)
    return found


def _element(text: str, name: str) -> str:
    found = re.search(rf"<{name}>\s*([^<>]{{1,300}}?)\s*</{name}>", text)
    return found.group(1) if found is not None else ""
