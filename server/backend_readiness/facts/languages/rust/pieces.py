"""Parts of what a macro is given, parsed on their own."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from tree_sitter import Node

from backend_readiness.facts.languages.rust.tree import Walk

MAX_PIECE_CHARS = 60_000
MAX_PIECES_DEEP = 8
BEFORE_ARGS, AFTER_ARGS = "fn f(){m(", ")}"


@contextmanager
def piece(w: Walk, before: str, inner: str, after: str, start: int) -> Iterator[Node | None]:
    """A part of the walk's text, parsed on its own; None when it is too long or too deep."""
    if len(inner) > MAX_PIECE_CHARS or w.pieces >= MAX_PIECES_DEEP:
        yield None
        return
    saved = w.text, w.delta
    text = before + inner + after
    root = w.parser.parse(text.encode("latin-1")).root_node
    w.text, w.delta, w.pieces = text, w.delta + start - len(before), w.pieces + 1
    try:
        yield root
    finally:
        w.text, w.delta = saved
        w.pieces -= 1


def first(root: Node, kind: str) -> Node | None:
    """The outermost node of a kind."""
    current: list[Node] = [root]
    for _ in range(6):
        found = next((n for n in current if n.type == kind), None)
        if found is not None:
            return found
        current = [c for n in current for c in n.named_children]
    return None


def split(tokens: list[Node]) -> Iterator[list[Node]]:
    """The tokens between commas."""
    part: list[Node] = []
    for token in tokens:
        if token.type == ",":
            if part:
                yield part
            part = []
        else:
            part.append(token)
    if part:
        yield part
