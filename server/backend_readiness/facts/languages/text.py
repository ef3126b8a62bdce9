"""Texts, as every language lowers them."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import accumulate

from backend_readiness.facts.model import Concat, Lit, Value

MAX_LITERAL_CHARS = 20_000
MAX_PARTS = 400


def line_starts(source: bytes) -> list[int]:
    """The offset of each line, and one past the end."""
    return [0, *accumulate(map((1).__add__, map(len, source.split(b"\n"))))]


def may_hold(text: str, words: Iterable[str]) -> bool:
    """Does one of the words, in lower case, stand anywhere in the text? A fraction of what an alternation costs."""
    lowered = text.lower()
    return any(word in lowered for word in words)


def plain(text: str) -> str:
    """Undo the latin-1 view of the source (one character for each byte): real text, invalid UTF-8 replaced."""
    return text if text.isascii() else text.encode("latin-1").decode("utf-8", "replace")


def is_text(value: Value) -> bool:
    return type(value) is Concat or (type(value) is Lit and isinstance(value.value, str))


def join_text(parts: Iterable[Value]) -> Value:
    """A Lit when every part is text, else a flat Concat with adjacent literals joined; at most `MAX_PARTS` parts."""
    joined: list[Value] = []
    run: list[str] = []
    for part in parts:
        for piece in part.parts if type(part) is Concat else (part,):
            if type(piece) is Lit and isinstance(piece.value, str):
                run.append(piece.value)
                continue
            if run:
                joined.append(Lit("".join(run)[:MAX_LITERAL_CHARS]))
                run = []
            joined.append(piece)
    if run or not joined:
        joined.append(Lit("".join(run)[:MAX_LITERAL_CHARS]))
    if len(joined) == 1 and is_text(joined[0]):
        return joined[0]
    return Concat(tuple(joined[:MAX_PARTS]))
