"""One Elixir file: parsed, walked, its comments and syntax errors counted."""

from __future__ import annotations

import re

from tree_sitter import Node, Parser, Query, QueryCursor

from backend_readiness.facts.builder import Builder

# imported for their handlers, which register themselves
from backend_readiness.facts.languages.elixir import calls as _calls  # noqa: F401
from backend_readiness.facts.languages.elixir import functions as _functions  # noqa: F401
from backend_readiness.facts.languages.elixir import modules as _modules  # noqa: F401
from backend_readiness.facts.languages.elixir.tree import LANGUAGE, Walk, inner, value
from backend_readiness.facts.languages.text import plain
from backend_readiness.facts.model import Comment

MAX_COMMENT_CHARS = 200
_COMMENTS = Query(LANGUAGE, "(comment) @comment")
_MARKED = re.compile(r"\b(?:todo|fixme|xxx|hack|stub|mock|not[ _-]?implemented|placeholder|nosec)", re.IGNORECASE)


def facts_of(source: bytes) -> Builder:
    """The facts of one file. Never raises, whatever the bytes: syntax errors are counted, and code nested too deep is left out."""
    builder = Builder("elixir", source)
    w = Walk(source, builder)
    root = Parser(LANGUAGE).parse(source).root_node
    for node in inner(root):
        value(w, node)
    if root.has_error:
        builder.errors = _count_errors(root)
    if _MARKED.search(w.text):
        for node in QueryCursor(_COMMENTS).captures(root).get("comment", ()):
            if _MARKED.search(w.raw(node)):
                builder.comments.append(Comment(plain(w.raw(node)).lstrip("# ").strip()[:MAX_COMMENT_CHARS], w.line(node.start_byte)))
    builder.names.discard("")
    return builder


def _count_errors(root: Node) -> int:
    count = 0
    pending = [root]
    while pending:
        node = pending.pop()
        count += node.is_error or node.is_missing
        pending.extend(child for child in node.children if child.has_error or child.is_missing)
    return count
