"""Blocks of extension members (`extension(IEndpointRouteBuilder app) { ... }`), which the grammar does not know.

The braces of a block are taken away, byte for byte, and its head becomes the declaration of a constructor without a body, so that its
members are read as those of the class around; what it is about is then the first parameter of each of them, as `this T x` says it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from backend_readiness.facts.languages.markup.brackets import Brackets

if TYPE_CHECKING:
    from tree_sitter import Node

NAME = "extension"
MAX_BLOCKS = 200
_HEAD = re.compile(
    rb"(?<=[{};\]/>\r\n])[ \t]*extension[ \t]*(<[^<>(){};]{1,200}>)?[ \t]*\([^(){};=]{1,300}\)"
    rb"([^(){};=]{0,400}|\s{0,40}where\b[^{};]{0,400})\{"
)


@dataclass(slots=True)
class Block:
    """`start`..`end` are the bytes between the braces; `receiver` the list with the one parameter, once its head was read."""

    start: int
    end: int
    receiver: Node | None = None


def without_blocks(source: bytes) -> tuple[bytes, list[Block]]:
    """The same number of bytes and lines without the braces of such blocks, and where these stand."""
    if b"extension" not in source:
        return source, []
    found: list[Block] = []
    changed = bytearray(source)
    brackets = Brackets(source)
    for head in list(_HEAD.finditer(source))[:MAX_BLOCKS]:
        opened = head.end() - 1
        end = brackets.end(opened)
        if source[end - 1 : end] != b"}":
            continue
        for start, stop in (head.span(1), head.span(2)):
            _blank(changed, start, stop)
        changed[opened], changed[end - 1] = ord(";"), ord(" ")
        found.append(Block(opened + 1, end - 1))
    return bytes(changed), found


def _blank(text: bytearray, start: int, end: int) -> None:
    for at in range(max(start, 0), max(end, 0)):
        if text[at] not in b"\r\n":
            text[at] = 32


def begins(blocks: list[Block], at: int) -> Block | None:
    """The block whose head ends at byte `at`."""
    return next((b for b in blocks if b.start - 3 <= at <= b.start + 1), None)


def around(blocks: list[Block], at: int) -> Block | None:
    """The block in which byte `at` stands, when its head was read."""
    return next((b for b in blocks if b.start <= at < b.end and b.receiver is not None), None)
