"""The body of a class: the way into it, which expressions (anonymous classes) and declarations share."""

from __future__ import annotations

from tree_sitter import Node

from backend_readiness.facts.languages.jvm.text import doc_line
from backend_readiness.facts.languages.jvm.tree import MAX_NESTING, Walk, statement


def class_body(w: Walk, symbol: int, body: Node | None) -> int:
    """Collect the facts of the members under `symbol`; answers their number. Too deep inside others they are skipped."""
    outer = w.owner, w.holder, w.doc
    w.owner = w.holder = symbol
    count = _members(w, body)
    w.owner, w.holder, w.doc = outer
    return count


def _members(w: Walk, body: Node | None) -> int:
    if body is None or w.nesting >= MAX_NESTING:
        return 0
    w.nesting += 1
    w.doc = ""
    count = declarations(w, body)
    w.nesting -= 1
    return count


def declarations(w: Walk, parent: Node) -> int:
    """Collect the facts of what stands in a file or body, with the documentation comment before each; answers their number."""
    count = 0
    for child in parent.named_children:
        if child.kind_id in w.extras:
            w.doc = doc_line(w.text[child.start_byte : min(child.end_byte, child.start_byte + 400)])
            continue
        statement(w, child)
        count += 1
        w.doc = ""
    return count
