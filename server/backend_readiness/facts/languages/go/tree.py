"""The grammar of Go as the lowering sees it: node kinds, dispatch tables, and the state of one walk.

The source is read through a latin-1 view, one character for each byte, so that offsets of nodes slice it directly.
Depth is bounded twice: `MAX_DEPTH` for expressions and types, `MAX_NESTING` for statements. Together they keep the walk
below the interpreter's recursion limit.
"""

from __future__ import annotations

from collections.abc import Callable

import tree_sitter_go
from tree_sitter import Language, Node

from backend_readiness.facts.builder import MAX_TEXT, Builder
from backend_readiness.facts.languages.source_view import SourceView
from backend_readiness.facts.languages.text import plain
from backend_readiness.facts.model import Unknown, Value

LANGUAGE = Language(tree_sitter_go.language())
MAX_DEPTH = 120
MAX_NESTING = 50
MAX_ITEMS = 400
COMMENT = "comment"


class Walk(SourceView):
    """One walk over one file. `receiver` is the name of the enclosing method's receiver, which facts write `self`.

    `renamed`: names that a block of its own (`{ ... }`) declares anew, and what facts call them there; `declaring` those of the
    declaration at hand, None outside of such a block.
    """

    __slots__ = ("declaring", "lambda_name", "nesting", "receiver", "renamed", "results", "types")

    def __init__(self, source: bytes, builder: Builder) -> None:
        super().__init__(source, builder)
        self.receiver: str | None = None
        self.results: tuple[str, ...] = ()
        self.nesting = 0
        self.lambda_name = ""
        self.types: dict[str, int] = {}
        self.renamed: dict[str, str] = {}
        self.declaring: dict[str, str] | None = None


Lower = Callable[[Walk, Node], Value]
Visit = Callable[[Walk, Node], None]
VALUES: dict[str, Lower] = {}
STATEMENTS: dict[str, Visit] = {}


def lowers(*names: str) -> Callable[[Lower], Lower]:
    """Register the handler that turns these kinds of nodes into a Value."""

    def register(handler: Lower) -> Lower:
        VALUES.update(dict.fromkeys(names, handler))
        return handler

    return register


def visits(*names: str) -> Callable[[Visit], Visit]:
    """Register the handler that collects the facts of these kinds of statements."""

    def register(handler: Visit) -> Visit:
        STATEMENTS.update(dict.fromkeys(names, handler))
        return handler

    return register


def value(w: Walk, node: Node) -> Value:
    """Lower an expression; Unknown where it is nested deeper than `MAX_DEPTH`."""
    kind = node.type
    if kind == "identifier":
        written = w.text[node.start_byte : node.end_byte]
        written = w.renamed.get(written, written) if w.renamed else written
        return w.name("self") if written == w.receiver else w.name(written)
    if w.depth >= MAX_DEPTH:
        return unknown(w, node)
    w.depth += 1
    lowered = VALUES.get(kind, other)(w, node)
    w.depth -= 1
    return lowered


def other(w: Walk, node: Node) -> Value:
    """A node without a shape of its own: the facts inside it count, its value is Unknown."""
    for child in node.named_children:
        if child.type in STATEMENTS:
            statement(w, child)
        elif child.type != COMMENT:
            value(w, child)
    return unknown(w, node)


def unknown(w: Walk, node: Node) -> Unknown:
    start = node.start_byte
    return Unknown(plain(w.text[start : min(node.end_byte, start + MAX_TEXT)]))


def statement(w: Walk, node: Node) -> None:
    """Collect the facts of a statement, unless it is nested deeper than `MAX_NESTING`."""
    if w.nesting >= MAX_NESTING:
        return
    w.nesting += 1
    visit = STATEMENTS.get(node.type)
    if visit is not None:
        visit(w, node)
    elif node.type != COMMENT:
        value(w, node)
    w.nesting -= 1


def parts(node: Node | None) -> list[Node]:
    """Named children without comments."""
    return [child for child in node.named_children if child.type != COMMENT] if node is not None else []


def body_of(node: Node | None) -> list[Node]:
    """The statements of a block."""
    found = parts(node)
    return parts(found[0]) if len(found) == 1 and found[0].type == "statement_list" else found


def block_statements(w: Walk, node: Node | None) -> None:
    for child in body_of(node):
        statement(w, child)
