"""One Rust file: parsed, walked, its comments and syntax errors counted."""

from __future__ import annotations

import re

from tree_sitter import Node, Query, QueryCursor

from backend_readiness.facts.builder import Builder

# imported for their handlers, which register themselves by node kind
from backend_readiness.facts.languages.rust import expressions as _expressions  # noqa: F401
from backend_readiness.facts.languages.rust import macros as _macros  # noqa: F401
from backend_readiness.facts.languages.rust import operators as _operators  # noqa: F401
from backend_readiness.facts.languages.rust import own_macros as _own_macros  # noqa: F401
from backend_readiness.facts.languages.rust.attribute_names import set_apart
from backend_readiness.facts.languages.rust.items import items
from backend_readiness.facts.languages.rust.paths import add_heads
from backend_readiness.facts.languages.rust.tree import LANGUAGE, Walk
from backend_readiness.facts.languages.text import plain
from backend_readiness.facts.model import Comment

MAX_COMMENT_CHARS = 200
_COMMENTS = Query(LANGUAGE, "[(line_comment) (block_comment)] @comment")
_MARKED = re.compile(r"\b(?:todo|fixme|xxx|hack|stub|mock|not[ _-]?implemented|placeholder|nosec)", re.IGNORECASE)


def facts_of(source: bytes) -> Builder:
    """The facts of one file. Never raises, whatever the bytes: syntax errors are counted, and code nested too deep is left out."""
    builder = Builder("rust", source)
    w = Walk(source, builder)
    root = w.parser.parse(source).root_node
    builder.amend(0, statements=len(root.named_children))
    items(w, root.named_children)
    add_heads(w)
    set_apart(w)
    if root.has_error:
        builder.errors = _count_errors(root)
    _comments(w, root)
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


def _comments(w: Walk, root: Node) -> None:
    """Keep the comments that say that something is unfinished or switched off."""
    if not _MARKED.search(w.text):
        return
    for node in QueryCursor(_COMMENTS).captures(root).get("comment", ()):
        written = w.raw(node)
        if _MARKED.search(written):
            text = plain(written).strip("/*! \n")[:MAX_COMMENT_CHARS]
            w.builder.comments.append(Comment(text, w.line(node.start_byte)))
