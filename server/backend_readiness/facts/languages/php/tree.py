"""The grammar of PHP as the lowering sees it: node kinds, dispatch tables, and the state of one walk.

Handlers are found by integer kind, lines come from byte offsets, and the source is read through a latin-1 view (one character for each
byte), so that offsets of nodes slice it directly. Depth is bounded twice, for expressions and for statements.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable
from itertools import accumulate
from typing import TypeVar

import tree_sitter_php
from tree_sitter import Language, Node

from backend_readiness.facts.builder import MAX_TEXT, Builder
from backend_readiness.facts.languages.text import plain
from backend_readiness.facts.model import Name, Unknown, Value

LANGUAGE = Language(tree_sitter_php.language_php())
ERROR_KIND = 0xFFFF
MAX_DEPTH = 120
MAX_NESTING = 50
MAX_ITEMS = 1_000


def _kinds() -> dict[str, tuple[int, ...]]:
    ids: dict[str, tuple[int, ...]] = {"ERROR": (ERROR_KIND,)}
    for number in range(LANGUAGE.node_kind_count):
        name = LANGUAGE.node_kind_for_id(number)
        if name and LANGUAGE.node_kind_is_named(number) and LANGUAGE.node_kind_is_visible(number):
            ids[name] = (*ids.get(name, ()), number)
    return ids


KINDS = _kinds()
COMMENTS = frozenset(KINDS["comment"])
VARIABLE = frozenset(KINDS["variable_name"])
NAMES = frozenset((*KINDS["name"], *KINDS["qualified_name"], *KINDS["relative_scope"]))


def field(name: str) -> int:
    number = LANGUAGE.field_id_for_name(name)
    if number is None:
        raise LookupError(f"tree-sitter-php has no field {name!r}")
    return number


F_ALIAS, F_ALTERNATIVE, F_ARGUMENT, F_ARGUMENTS, F_ATTRIBUTES = map(field, ("alias", "alternative", "argument", "arguments", "attributes"))
F_BODY, F_CONDITION, F_DEFAULT, F_FUNCTION, F_LEFT = map(field, ("body", "condition", "default_value", "function", "left"))
F_NAME, F_OBJECT, F_OPERATOR, F_PARAMETERS, F_RETURN = map(field, ("name", "object", "operator", "parameters", "return_type"))
F_RIGHT, F_SCOPE, F_TYPE, F_VALUE, F_PREFIX = map(field, ("right", "scope", "type", "value", "prefix"))


class Walk:
    """One walk over one file: where it stands and what it has collected.

    `used` maps the local name of a class to its full name by `use`; `namespace` is that of the file. `classes` are the names of
    the enclosing classes. `doc` is the doc comment that stands before the statement at hand. `outputs` are the values that `echo`
    and `<?=` put into the page: (start, end) of the statement -> value. `shift` and `first_line` place a piece of a larger file.
    """

    __slots__ = (
        "builder", "classes", "depth", "doc", "first_line", "imported", "in_class", "known", "lambda_name", "namespace", "nesting",
        "outputs", "owner", "shift", "starts", "text", "used",
    )  # fmt: skip

    def __init__(self, source: bytes, builder: Builder, *, owner: int = 0, first_line: int = 1, shift: int = 0) -> None:
        self.builder = builder
        self.text = source.decode("latin-1")
        self.starts = [0, *accumulate(len(line) + 1 for line in source.split(b"\n"))]
        self.owner, self.first_line, self.shift = owner, first_line, shift
        self.in_class = False
        self.depth = self.nesting = 0
        self.lambda_name = self.namespace = self.doc = ""
        self.known: dict[str, Name] = {}
        self.used: dict[str, str] = {}
        self.imported: set[str] = set()
        self.classes: list[str] = []
        self.outputs: dict[tuple[int, int], Value] = {}

    def line(self, offset: int) -> int:
        return bisect_right(self.starts, offset) + self.first_line - 1

    def last_line(self, end: int) -> int:
        """The line of the last byte before `end`."""
        return bisect_right(self.starts, end - 1 if end else 0) + self.first_line - 1

    def raw(self, node: Node) -> str:
        """The source of a node in the latin-1 view."""
        return self.text[node.start_byte : node.end_byte]

    def place(self, node: Node) -> tuple[int, int, int, int]:
        """Line, last line, start and end, as facts have them."""
        start, end = node.start_byte, node.end_byte
        return self.line(start), self.last_line(end), start + self.shift, end + self.shift

    def name(self, written: str) -> Name:
        """The one Name of an identifier in this file (latin-1 view)."""
        found = self.known.get(written)
        if found is None:
            found = self.known[written] = self.builder.name(plain(written))
        return found


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
    if node.kind_id in VARIABLE:
        written = w.text[node.start_byte : node.end_byte]
        return w.name("self" if written == "$this" else written)
    if w.depth >= MAX_DEPTH:
        return unknown(w, node)
    w.depth += 1
    lowered = VALUES.get(node.kind_id, other)(w, node)
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


def inner_value(w: Walk, node: Node) -> Value:
    """The value of the one expression inside a wrapper node."""
    children = [child for child in node.named_children if child.kind_id not in COMMENTS]
    return value(w, children[0]) if len(children) == 1 else other(w, node)


def suite(w: Walk, nodes: list[Node]) -> None:
    """Collect the facts of statements; those nested deeper than `MAX_NESTING` are skipped."""
    if w.nesting >= MAX_NESTING:
        return
    w.nesting += 1
    for node in nodes:
        if node.kind_id in COMMENTS:
            written = w.text[node.start_byte : node.end_byte]
            if written.startswith("/**"):
                w.doc = written
            continue
        visit = STATEMENTS.get(node.kind_id)
        if visit is None:
            value(w, node)
        else:
            visit(w, node)
        w.doc = ""
    w.nesting -= 1


def statement(w: Walk, node: Node) -> None:
    """One statement where a list of them is not at hand (the body of an `if` without braces)."""
    suite(w, [node])


def body_nodes(node: Node | None) -> list[Node]:
    """The statements of a block; a single statement is one."""
    if node is None:
        return []
    return node.named_children if node.type in ("compound_statement", "colon_block", "declaration_list") else [node]
