"""The grammar of Python as the lowering sees it: node kinds, dispatch tables, and the state of one walk.

Cost decides the shape: a repository has millions of nodes, so handlers are found by integer kind, identifiers are
made once per file, and lines come from byte offsets. The source is read through a latin-1 view, one character for
each byte, so that offsets of nodes slice it directly; `languages.text.plain` gives the real text back.

Depth is bounded twice: `MAX_DEPTH` for expressions and `MAX_NESTING` for statements. Together they keep the walk far
below the interpreter's recursion limit, and the values shallow enough to be encoded.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import tree_sitter_python
from tree_sitter import Language, Node

from backend_readiness.facts.builder import MAX_TEXT, Builder
from backend_readiness.facts.languages.source_view import SourceView
from backend_readiness.facts.languages.text import plain
from backend_readiness.facts.model import Unknown, Value

LANGUAGE = Language(tree_sitter_python.language())
ERROR_KIND = 0xFFFF
MAX_DEPTH = 150
MAX_NESTING = 60
MAX_ITEMS = 400


def _kinds() -> dict[str, tuple[int, ...]]:
    """Every id of every named kind: the grammar writes some kinds (`block`, `lambda`) with several."""
    ids: dict[str, tuple[int, ...]] = {"ERROR": (ERROR_KIND,)}
    for number in range(LANGUAGE.node_kind_count):
        name = LANGUAGE.node_kind_for_id(number)
        if name and LANGUAGE.node_kind_is_named(number) and LANGUAGE.node_kind_is_visible(number):
            ids[name] = (*ids.get(name, ()), number)
    return ids


KINDS = _kinds()


def kind(name: str) -> int:
    """The id that nodes of this kind carry."""
    number = LANGUAGE.id_for_node_kind(name, True)
    if number is None:
        raise LookupError(f"tree-sitter-python has no node kind {name!r}")
    return number


def field(name: str) -> int:
    number = LANGUAGE.field_id_for_name(name)
    if number is None:
        raise LookupError(f"tree-sitter-python has no field {name!r}")
    return number


IDENTIFIER = kind("identifier")
EXTRAS = frozenset((kind("comment"), kind("line_continuation")))

F_ALIAS = field("alias")
F_ALTERNATIVE = field("alternative")
F_ARGUMENT = field("argument")
F_BODY = field("body")
F_CAUSE = field("cause")
F_CONDITION = field("condition")
F_CONSEQUENCE = field("consequence")
F_DEFINITION = field("definition")
F_EXPRESSION = field("expression")
F_GUARD = field("guard")
F_KEY = field("key")
F_LEFT = field("left")
F_MODULE_NAME = field("module_name")
F_NAME = field("name")
F_OPERATOR = field("operator")
F_OPERATORS = field("operators")
F_PARAMETERS = field("parameters")
F_RETURN_TYPE = field("return_type")
F_RIGHT = field("right")
F_SUBJECT = field("subject")
F_SUPERCLASSES = field("superclasses")
F_TYPE = field("type")
F_VALUE = field("value")


class Walk(SourceView):
    """One walk over one file: where it stands (`owner` and its scope) and what it has collected (`builder`).

    `receiver` is the written name of the first parameter of the enclosing method when that is not `self` (`cls`).
    `rebound` holds the names that `global` and `nonlocal` take from an outer scope. `lambda_name` is the
    name that the lambda about to be lowered is bound to.
    """

    __slots__ = ("in_class", "lambda_name", "nesting", "rebound", "receiver")

    def __init__(self, source: bytes, builder: Builder) -> None:
        super().__init__(source, builder)
        self.in_class = False
        self.receiver: str | None = None
        self.rebound: frozenset[str] = frozenset()
        self.nesting = 0
        self.lambda_name = ""


Lower = Callable[[Walk, Node], Value]
Visit = Callable[[Walk, Node], None]
VALUES: dict[int, Lower] = {}
STATEMENTS: dict[int, Visit] = {}


AnyLower = TypeVar("AnyLower", bound=Lower)


def lowers(*names: str) -> Callable[[AnyLower], AnyLower]:
    """Register the handler that turns these kinds of nodes into a Value."""

    def register(handler: AnyLower) -> AnyLower:
        VALUES.update((number, handler) for name in names for number in KINDS[name])
        return handler

    return register


def visits(*names: str) -> Callable[[Visit], Visit]:
    """Register the handler that collects the facts of these kinds of statements."""

    def register(handler: Visit) -> Visit:
        STATEMENTS.update((number, handler) for name in names for number in KINDS[name])
        return handler

    return register


def value(w: Walk, node: Node) -> Value:
    """Lower an expression; Unknown where it is nested deeper than `MAX_DEPTH`."""
    number = node.kind_id
    if number == IDENTIFIER:
        written = w.text[node.start_byte : node.end_byte]
        if written == w.receiver:
            return w.name("self")
        return w.known.get(written) or w.name(written)
    if w.depth >= MAX_DEPTH:
        return unknown(w, node)
    w.depth += 1
    lowered = VALUES.get(number, other)(w, node)
    w.depth -= 1
    return lowered


def other(w: Walk, node: Node) -> Value:
    """A node without a shape of its own: the facts inside it count, its value is Unknown."""
    for child in node.named_children:
        visit = STATEMENTS.get(child.kind_id)
        if visit is None:
            value(w, child)
        elif w.nesting < MAX_NESTING:
            w.nesting += 1
            visit(w, child)
            w.nesting -= 1
    return unknown(w, node)


def unknown(w: Walk, node: Node) -> Unknown:
    start = node.start_byte
    return Unknown(plain(w.text[start : min(node.end_byte, start + MAX_TEXT)]))


def inner_value(w: Walk, node: Node) -> Value:
    """The value of the one expression inside a wrapper node."""
    children = without_extras(node.named_children)
    return value(w, children[0]) if len(children) == 1 else other(w, node)


def suite(w: Walk, nodes: list[Node]) -> None:
    """Collect the facts of statements; those nested deeper than `MAX_NESTING` are skipped."""
    if w.nesting >= MAX_NESTING:
        return
    w.nesting += 1
    for node in nodes:
        # as `statement`, without its frame: the walk must stay shallow
        visit = STATEMENTS.get(node.kind_id)
        if visit is None:
            value(w, node)
        else:
            visit(w, node)
    w.nesting -= 1


def statement(w: Walk, node: Node) -> None:
    visit = STATEMENTS.get(node.kind_id)
    if visit is None:
        value(w, node)
    else:
        visit(w, node)


def without_extras(nodes: list[Node]) -> list[Node]:
    """Named children without comments and line continuations."""
    return [node for node in nodes if node.kind_id not in EXTRAS]


def suite_nodes(node: Node | None) -> list[Node]:
    """The statements of a block, comments left out."""
    return without_extras(node.named_children) if node is not None else []
