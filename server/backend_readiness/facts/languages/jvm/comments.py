"""Comments that say that something is unfinished or switched off."""

from __future__ import annotations

from tree_sitter import Node, Query, QueryCursor

from backend_readiness.facts.languages.jvm.text import MARKED
from backend_readiness.facts.languages.jvm.tree import Grammar, Walk
from backend_readiness.facts.languages.text import plain
from backend_readiness.facts.model import Comment

MAX_COMMENT_CHARS = 200
MAX_LINES = 400


def collect_comments(w: Walk, grammar: Grammar, root: Node) -> None:
    """Keep the marked lines of comments, which are the extras of the grammar."""
    if not MARKED.search(w.text):
        return
    query = Query(grammar.language, f"[{' '.join(f'({name})' for name in grammar.extra_names)}] @comment")
    for node in sorted(QueryCursor(query).captures(root).get("comment", ()), key=lambda n: n.start_byte):
        raw = w.raw(node)
        if not MARKED.search(raw):
            continue
        first = w.line(node.start_byte)
        for number, line in enumerate(raw.split("\n")[:MAX_LINES]):
            if MARKED.search(line):
                w.builder.comments.append(Comment(plain(line).strip("/* \t\r")[:MAX_COMMENT_CHARS], first + number))
