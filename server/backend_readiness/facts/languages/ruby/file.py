"""The Ruby adapter: one file lowered to facts."""

from __future__ import annotations

import re

from tree_sitter import Node, Parser, Query, QueryCursor

from backend_readiness.facts.builder import Builder

# imported for their handlers, which register themselves by node kind
from backend_readiness.facts.languages.ruby import chains as _chains  # noqa: F401
from backend_readiness.facts.languages.ruby import operators as _operators  # noqa: F401
from backend_readiness.facts.languages.ruby import statements as _statements  # noqa: F401
from backend_readiness.facts.languages.ruby import text as _text  # noqa: F401
from backend_readiness.facts.languages.ruby.symbols import suite
from backend_readiness.facts.languages.ruby.tree import LANGUAGE, Walk, without_extras
from backend_readiness.facts.languages.text import plain
from backend_readiness.facts.model import Comment

MAX_COMMENT_CHARS = 200
_COMMENTS = Query(LANGUAGE, "(comment) @comment")
_HEREDOCS = Query(LANGUAGE, "(heredoc_beginning) @begin (heredoc_body) @body")
_MARKED = re.compile(r"\b(?:todo|fixme|xxx|hack|stub|mock|not[ _-]?implemented|placeholder|rubocop:disable|nosec)", re.IGNORECASE)


def extract(source: bytes, path: str) -> Builder:
    """The facts of one Ruby file in a filled Builder of language `ruby`.

    Never raises, whatever the bytes: syntax errors are counted and the facts of the rest still stand; code nested deeper than
    the limits of `ruby.tree` is left out. `path` does not change the facts.
    """
    builder = Builder("ruby", source)
    read_into(builder, source)
    builder.names.discard("")
    return builder


def read_into(builder: Builder, source: bytes) -> Walk:
    """Add the facts of a program to a builder; `source` has the offsets of the builder's file."""
    root = Parser(LANGUAGE).parse(source).root_node
    w = Walk(source, builder)
    if b"<<" in source:
        found = QueryCursor(_HEREDOCS).captures(root)
        begins = sorted(found.get("begin", ()), key=lambda n: n.start_byte)
        bodies = sorted(found.get("body", ()), key=lambda n: n.start_byte)
        w.heredocs = {begin.start_byte: body for begin, body in zip(begins, bodies, strict=False)}
    body = root.named_children
    builder.amend(0, statements=builder.symbols[0].statements + len(without_extras(body)))
    suite(w, body)
    if root.has_error:
        builder.errors += _count_errors(root)
    _collect_comments(w, root)
    return w


def _count_errors(root: Node) -> int:
    count, pending = 0, [root]
    while pending:
        node = pending.pop()
        count += node.is_error or node.is_missing
        pending.extend(child for child in node.children if child.has_error or child.is_missing)
    return count


def _collect_comments(w: Walk, root: Node) -> None:
    """Keep the comments that say that something is unfinished or switched off."""
    if not _MARKED.search(w.text):
        return
    for node in sorted(QueryCursor(_COMMENTS).captures(root).get("comment", ()), key=lambda n: n.start_byte):
        if _MARKED.search(written := w.raw(node)):
            w.builder.comments.append(Comment(plain(written).lstrip("#").strip()[:MAX_COMMENT_CHARS], w.line(node.start_byte)))
