"""Comments of Python, and the long runs of them that the grammar's scanner reads again and again.

At each comment or line continuation the scanner looks ahead to the next token, so a run of n such lines costs n²: 60 kB
of them take seconds, 1 MB minutes. Runs longer than `MAX_RUN_LINES` are blanked, byte for byte, in the copy that is parsed.
"""

from __future__ import annotations

import re

from tree_sitter import Node, Query, QueryCursor

from backend_readiness.facts.languages.python.tree import LANGUAGE, Walk
from backend_readiness.facts.languages.text import may_hold, plain
from backend_readiness.facts.model import Comment

MAX_RUN_LINES = 300
MAX_COMMENT_CHARS = 200

_COMMENTS = Query(LANGUAGE, "(comment) @comment")
_MARKED = re.compile(r"\b(?:todo|fixme|xxx|hack|stub|mock|not[ _-]?implemented|placeholder|eslint-disable|nosec)", re.IGNORECASE)
_MARKS = ("todo", "fixme", "xxx", "hack", "stub", "mock", "implemented", "placeholder", "eslint-disable", "nosec")
_COMMENT = re.compile(r"#[^\n]*+")
_RUN = re.compile(rb"(?<![^\r\n])(?:[ \t\x0c]*+(?:#[^\r\n]*+|\\)?+[\r\n])++")
_CONTINUATIONS = re.compile(rb"(?:\\(?:\r\n|\r|\n)[ \t\x0c]*+)++")
_INK = re.compile(rb"[^\s]")


def blank_long_runs(source: bytes) -> tuple[bytes, list[tuple[int, int]]]:
    """The source with its long runs of trivia turned into blanks, and where they stood.

    A line with a triple quote may end a string that only looks like comments: it stays, unless there are very many.
    """
    if source.count(b"#") + source.count(b"\\") <= MAX_RUN_LINES:
        return source, []
    spans = [
        match.span()
        for pattern in (_RUN, _CONTINUATIONS)
        for match in pattern.finditer(source)
        if source.count(b"\n", *match.span()) + source.count(b"\r", *match.span()) > MAX_RUN_LINES
    ]
    if not spans:
        return source, []
    blanked = bytearray(source)
    quoted_left = MAX_RUN_LINES
    for start, end in spans:
        at = start
        for line in source[start:end].splitlines(keepends=True):
            if quoted_left and (b'"""' in line or b"'''" in line):
                quoted_left -= 1
            else:
                blanked[at : at + len(line)] = _INK.sub(b" ", line)
            at += len(line)
    return bytes(blanked), spans


def collect_comments(w: Walk, root: Node, blanked: list[tuple[int, int]]) -> None:
    """Keep the comments that say that something is unfinished or switched off."""
    if not may_hold(w.text, _MARKS) or not _MARKED.search(w.text):
        return
    found = {node.start_byte: w.raw(node) for node in QueryCursor(_COMMENTS).captures(root).get("comment", ())}
    for start, end in blanked:
        found.update((comment.start(), comment.group()) for comment in _COMMENT.finditer(w.text, start, end))
    for offset in sorted(found):
        if _MARKED.search(found[offset]):
            w.builder.comments.append(Comment(plain(found[offset]).lstrip("#").strip()[:MAX_COMMENT_CHARS], w.line(offset)))
