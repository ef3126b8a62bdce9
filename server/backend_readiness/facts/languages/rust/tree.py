"""The grammar of Rust as the lowering sees it: node kinds, dispatch tables, and the state of one walk.

Macros are not expanded. Their arguments are parsed again as a piece of source of its own (see `macros`), so a node's offsets count
from the piece that it was parsed from; `Walk.delta` leads back to the file. Depth is bounded for expressions and for statements.
"""

from __future__ import annotations

from collections.abc import Callable

import tree_sitter_rust
from tree_sitter import Language, Node, Parser

from backend_readiness.facts.builder import MAX_TEXT, Builder
from backend_readiness.facts.languages.source_view import SourceView
from backend_readiness.facts.languages.text import plain
from backend_readiness.facts.model import Name, Unknown, Value

LANGUAGE = Language(tree_sitter_rust.language())
MAX_DEPTH = 120
MAX_NESTING = 50
MAX_ITEMS = 400


def kinds(*names: str) -> frozenset[int]:
    """Every id of these kinds: the grammar writes some kinds with several."""
    wanted = set(names)
    found = frozenset(i for i in range(LANGUAGE.node_kind_count) if LANGUAGE.node_kind_for_id(i) in wanted)
    missing = wanted - {LANGUAGE.node_kind_for_id(i) for i in found}
    if missing:
        raise LookupError(f"tree-sitter-rust has no node kind {sorted(missing)}")
    return found


IDENTIFIERS = kinds("identifier", "type_identifier", "field_identifier", "shorthand_field_identifier", "primitive_type")
EXTRAS = kinds("line_comment", "block_comment")
ATTRIBUTES = kinds("attribute_item")


class Walk(SourceView):
    """One walk over one file.

    `owner` is the symbol that facts belong to, `holder` the class-like symbol whose body is walked (-1: none), `mods` the inline
    modules around, `self_type` what `Self` means, `in_trait` whether that is a trait, `bounds` the traits that type parameters
    are bound to, `heads` the first names of paths, `lets` the names that patterns have bound so far, `parted` those of them that
    a path starts with, `types` the type definitions of each module-like symbol by name. `lambda_name` is for the closure lowered
    next.
    """

    def __init__(self, source: bytes, builder: Builder) -> None:
        super().__init__(source, builder)
        self.parser = Parser(LANGUAGE)
        self.delta = 0
        self.holder = -1
        self.mods: tuple[str, ...] = ()
        self.self_type: Value | None = None
        self.in_trait = False
        self.bounds: dict[str, Value] = {}
        self.heads: set[str] = set()
        self.lets: set[str] = set()
        self.parted: set[str] = set()
        self.types: dict[tuple[int, str], int] = {}
        self.variants: dict[tuple[str, str], Value] = {}  # (enum, variant around one value) -> the type of the value
        self.attributes: list[Node] = []
        self.lambda_name = ""
        self.nesting = 0
        self.pieces = 0

    def start(self, node: Node) -> int:
        return node.start_byte + self.delta

    def end(self, node: Node) -> int:
        return node.end_byte + self.delta

    def name(self, written: str) -> Name:
        """The one Name of an identifier in this file (latin-1 view)."""
        found = self.known.get(written)
        if found is None:
            found = self.known[written] = self.builder.name(plain(written.removeprefix("r#")))
        return found


Lower = Callable[[Walk, Node], Value]
Visit = Callable[[Walk, Node], None]
VALUES: dict[int, Lower] = {}
ITEMS: dict[int, Visit] = {}


def lowers(*names: str) -> Callable[[Lower], Lower]:
    """Register the handler that turns these kinds of nodes into a Value."""

    def register(handler: Lower) -> Lower:
        VALUES.update((number, handler) for number in kinds(*names))
        return handler

    return register


def visits(*names: str) -> Callable[[Visit], Visit]:
    """Register the handler that collects the facts of these kinds of items and statements."""

    def register(handler: Visit) -> Visit:
        ITEMS.update((number, handler) for number in kinds(*names))
        return handler

    return register


def value(w: Walk, node: Node) -> Value:
    """Lower an expression; Unknown where it is nested deeper than `MAX_DEPTH`."""
    number = node.kind_id
    if number in IDENTIFIERS:
        return w.name(w.raw(node))
    if w.depth >= MAX_DEPTH:
        return unknown(w, node)
    w.depth += 1
    lowered = VALUES.get(number, other)(w, node)
    w.depth -= 1
    return lowered


def other(w: Walk, node: Node) -> Value:
    """A node without a shape of its own: the facts inside it count, its value is Unknown."""
    for child in node.named_children:
        statement(w, child)
    return unknown(w, node)


def unknown(w: Walk, node: Node) -> Unknown:
    start = node.start_byte
    return Unknown(plain(w.text[start : min(node.end_byte, start + MAX_TEXT)]))


def statement(w: Walk, node: Node) -> Value | None:
    """Collect the facts of an item or statement; the value of an expression."""
    visit = ITEMS.get(node.kind_id)
    if visit is None:
        return value(w, node) if node.kind_id not in EXTRAS else None
    if w.nesting < MAX_NESTING:
        w.nesting += 1
        visit(w, node)
        w.nesting -= 1
    return None


def without_extras(nodes: list[Node]) -> list[Node]:
    return [node for node in nodes if node.kind_id not in EXTRAS]
