"""The grammar of C# as the lowering sees it: node kinds, dispatch tables, and the state of one walk.

Handlers are found by integer kind, identifiers are made once per file, and lines come from byte offsets. The source is
read through a latin-1 view, one character for each byte, so that offsets of nodes slice it directly.

Depth is bounded twice: `MAX_DEPTH` for expressions and `MAX_NESTING` for statements and types. Together they keep the walk
below the interpreter's recursion limit, and the values shallow enough to be encoded.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import tree_sitter_c_sharp
from tree_sitter import Language, Node

from backend_readiness.facts.builder import MAX_TEXT, Builder
from backend_readiness.facts.languages.csharp.extension_blocks import Block
from backend_readiness.facts.languages.source_view import SourceView
from backend_readiness.facts.languages.text import plain
from backend_readiness.facts.model import Name, Unknown, Value

LANGUAGE = Language(tree_sitter_c_sharp.language())
ERROR_KIND = 0xFFFF
MAX_DEPTH = 100
MAX_NESTING = 50
MAX_ITEMS = 400


def _kinds() -> dict[str, tuple[int, ...]]:
    """Every id of every named kind: the grammar writes some kinds with several."""
    ids: dict[str, tuple[int, ...]] = {"ERROR": (ERROR_KIND,)}
    for number in range(LANGUAGE.node_kind_count):
        name = LANGUAGE.node_kind_for_id(number)
        if name and LANGUAGE.node_kind_is_named(number) and LANGUAGE.node_kind_is_visible(number):
            ids[name] = (*ids.get(name, ()), number)
    return ids


KINDS = _kinds()


def kinds(*names: str) -> frozenset[int]:
    """The ids that nodes of these kinds carry. Errors: `KeyError` for a kind that the grammar does not have."""
    return frozenset(number for name in names for number in KINDS[name])


IDENTIFIER = kinds("identifier")
EXTRAS = kinds(
    "comment", "preproc_region", "preproc_endregion", "preproc_pragma", "preproc_nullable", "preproc_line", "preproc_define",
    "preproc_undef", "preproc_warning", "preproc_error",
)  # fmt: skip


def _anonymous(name: str) -> frozenset[int]:
    number = LANGUAGE.id_for_node_kind(name, False)
    return frozenset((number,)) if number is not None else frozenset()


THIS, BASE = _anonymous("this"), _anonymous("base")
RECEIVERS = THIS | BASE


class Walk(SourceView):
    """One walk over one file: where it stands (`owner` and its scope) and what it has collected (`builder`).

    `locals` holds the names that the functions around declare, innermost last; a name outside of them that is assigned to in a
    class is a member of it. `binding` is what `?.` binds to; `wanted` the type that `new()` makes; `lambda_name` the name that
    the lambda about to be lowered is bound to; `blocks` those of extension members.
    """

    __slots__ = ("binding", "blocks", "in_class", "in_type", "lambda_name", "listed", "locals", "nesting", "wanted")

    def __init__(self, source: bytes, builder: Builder) -> None:
        super().__init__(source, builder)
        self.in_class = False  # directly in the body of a type
        self.in_type = False  # anywhere inside of a type
        self.locals: list[set[str]] = [set()]
        self.binding: Value | None = None
        self.wanted: Value | None = None
        self.listed: Value | None = None
        self.lambda_name = ""
        self.nesting = 0
        self.blocks: list[Block] = []

    def name(self, written: str) -> Name:
        """The one Name of an identifier in this file (latin-1 view). The `@` of a verbatim identifier is no part of it."""
        found = self.known.get(written)
        if found is None:
            found = self.known[written] = self.builder.name(plain(written.removeprefix("@")))
        return found

    def is_local(self, name: str) -> bool:
        return any(name in scope for scope in self.locals)

    def declare(self, name: str) -> None:
        self.locals[-1].add(name)


Lower = Callable[[Walk, Node], Value]
Visit = Callable[[Walk, Node], None]
VALUES: dict[int, Lower] = {}
STATEMENTS: dict[int, Visit] = {}
AnyLower = TypeVar("AnyLower", bound=Lower)
AnyVisit = TypeVar("AnyVisit", bound=Visit)


def lowers(*names: str) -> Callable[[AnyLower], AnyLower]:
    """Register the handler that turns these kinds of nodes into a Value."""

    def register(handler: AnyLower) -> AnyLower:
        VALUES.update((number, handler) for name in names for number in KINDS[name])
        return handler

    return register


def visits(*names: str) -> Callable[[AnyVisit], AnyVisit]:
    """Register the handler that collects the facts of these kinds of statements and declarations."""

    def register(handler: AnyVisit) -> AnyVisit:
        STATEMENTS.update((number, handler) for name in names for number in KINDS[name])
        return handler

    return register


def value(w: Walk, node: Node) -> Value:
    """Lower an expression; Unknown where it is nested deeper than `MAX_DEPTH`."""
    number = node.kind_id
    if number in IDENTIFIER:
        written = w.text[node.start_byte : node.end_byte]
        return w.known.get(written) or w.name(written)
    if number in RECEIVERS:
        return w.name("self" if number in THIS else "super")
    if w.depth >= MAX_DEPTH:
        return unknown(w, node)
    w.depth += 1
    lowered = VALUES.get(number, other)(w, node)
    w.depth -= 1
    return lowered


def other(w: Walk, node: Node) -> Value:
    """A node without a shape of its own: the facts inside it count, its value is Unknown."""
    for child in node.named_children:
        if child.kind_id in STATEMENTS:
            statement(w, child)
        else:
            value(w, child)
    return unknown(w, node)


def unknown(w: Walk, node: Node) -> Unknown:
    start = node.start_byte
    return Unknown(plain(w.text[start : min(node.end_byte, start + MAX_TEXT)]))


def inner(w: Walk, node: Node) -> Value:
    """The value of the one expression inside a wrapper node."""
    children = parts(node)
    return value(w, children[0]) if len(children) == 1 else other(w, node)


def statement(w: Walk, node: Node) -> None:
    """Collect the facts of a statement; one nested deeper than `MAX_NESTING` is skipped."""
    visit = STATEMENTS.get(node.kind_id)
    if visit is None:
        value(w, node)
    elif w.nesting < MAX_NESTING:
        w.nesting += 1
        visit(w, node)
        w.nesting -= 1


def statements(w: Walk, nodes: list[Node]) -> None:
    for node in nodes:
        statement(w, node)


def parts(node: Node | None) -> list[Node]:
    """Named children without comments and directives; `this` and `base`, which have no name in the grammar, when they stand alone."""
    if node is None:
        return []
    found = [child for child in node.named_children if child.kind_id not in EXTRAS]
    return found or [child for child in node.children if child.kind_id in RECEIVERS]
