"""A walk over a tree of tree-sitter: dispatch by node kind, where the walk stands, and its limits.

Cost decides the shape: a repository has millions of nodes, so handlers are found by integer kind, identifiers are made once
per file, and lines come from byte offsets. The source is read through a latin-1 view, one character for each byte, so that
offsets of nodes slice it directly; `text.plain` gives the real text back.

Depth is bounded twice: `MAX_DEPTH` for expressions and `MAX_NESTING` for statements. Together they keep the walk far below
the interpreter's recursion limit, and the values shallow enough to be encoded.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TypeVar

from tree_sitter import Language, Node, Parser

from backend_readiness.facts.builder import MAX_TEXT, Builder
from backend_readiness.facts.languages.source_view import SourceView
from backend_readiness.facts.languages.text import plain
from backend_readiness.facts.model import Assign, Name, Return, Symbol, Throw, Unknown, Value

ERROR_KIND = 0xFFFF
MAX_DEPTH = 120
MAX_NESTING = 60
MAX_ITEMS = 400
CHUNK_BYTES = 65_536
MIN_REPORTS, BYTES_PER_REPORT = 2_000, 4  # the parser reports its progress every hundred steps; plain source needs one for 20 bytes


class Grammar:
    """One language: the ids of its node kinds, and the handlers that are registered for them.

    `identifiers` are the kinds that are a plain name, `extras` comments and the like, which may stand anywhere.
    """

    def __init__(self, language: object, identifiers: Iterable[str], extras: Iterable[str]) -> None:
        self.language = Language(language)
        self.kinds = self._all_kinds()
        self.values: dict[int, Lower] = {}
        self.statements: dict[int, Visit] = {}
        self.identifiers = frozenset(n for name in identifiers for n in self.kinds[name])
        self.extra_names = tuple(extras)
        self.extras = frozenset(n for name in self.extra_names for n in self.kinds[name])

    def _all_kinds(self) -> dict[str, tuple[int, ...]]:
        ids: dict[str, tuple[int, ...]] = {"ERROR": (ERROR_KIND,)}
        for number in range(self.language.node_kind_count):
            name = self.language.node_kind_for_id(number)
            if name and self.language.node_kind_is_named(number) and self.language.node_kind_is_visible(number):
                ids[name] = (*ids.get(name, ()), number)
        return ids

    def kind(self, name: str) -> int:
        """The id that nodes of this kind carry. Errors: `LookupError` when the grammar has none."""
        number = self.language.id_for_node_kind(name, True)
        if number is None:
            raise LookupError(f"the grammar has no node kind {name!r}")
        return number

    def set_of(self, *names: str) -> frozenset[int]:
        return frozenset(n for name in names for n in self.kinds[name])

    def field(self, name: str) -> int:
        number = self.language.field_id_for_name(name)
        if number is None:
            raise LookupError(f"the grammar has no field {name!r}")
        return number

    def lowers(self, *names: str) -> Callable[[AnyLower], AnyLower]:
        """Register the handler that turns these kinds of nodes into a Value."""

        def register(handler: AnyLower) -> AnyLower:
            self.values.update((number, handler) for name in names for number in self.kinds[name])
            return handler

        return register

    def visits(self, *names: str) -> Callable[[Visit], Visit]:
        """Register the handler that collects the facts of these kinds of statements."""

        def register(handler: Visit) -> Visit:
            self.statements.update((number, handler) for name in names for number in self.kinds[name])
            return handler

        return register

    def root(self, source: bytes) -> Node:
        """The tree of a file. Errors: `ValueError` for source that the parser finds too many ways to read (long rows of
        annotations take it quadratic time and more): its steps are bounded by the size of the file, so the outcome is the same
        on every machine."""
        budget = [MIN_REPORTS + len(source) // BYTES_PER_REPORT]

        def is_spent(_offset: int, _has_error: bool) -> bool:
            budget[0] -= 1
            return budget[0] < 0

        tree = Parser(self.language).parse(lambda at, _point: source[at : at + CHUNK_BYTES], progress_callback=is_spent)
        return tree.root_node


class Walk(SourceView):
    """One walk over one file: where it stands (`owner`) and what it has collected (`builder`).

    `holder` is the class or object whose body the walk is directly in, -1 elsewhere. `lambda_name` is the name that the lambda
    about to be lowered is bound to, `doc` the first line of the documentation comment that stands before the next declaration.
    """

    __slots__ = ("doc", "extras", "holder", "identifiers", "lambda_name", "names", "nesting", "statements", "values", "words")

    def __init__(self, source: bytes, builder: Builder, grammar: Grammar) -> None:
        super().__init__(source, builder)
        self.values = grammar.values
        self.statements = grammar.statements
        self.identifiers = grammar.identifiers
        self.extras = grammar.extras
        self.holder = -1
        self.nesting = 0
        self.lambda_name = ""
        self.doc = ""
        self.words: dict[str, Value] = {}  # what each identifier means, those that are literals (`true`) included

    def name(self, written: str) -> Name:
        """The one Name of an identifier in this file (latin-1 view)."""
        found = self.known.get(written)
        if found is None:
            found = self.known[written] = self.builder.name(plain(written).strip("`"))
        return found

    # ------------------------------------------------------------ facts

    def begin(self, kind: str, name: str, node: Node, start: int, decorators: tuple[Value, ...] = ()) -> int:
        """Add a symbol below the current owner; `start` leaves its annotations out of its span."""
        end = node.end_byte
        return self.builder.add_symbol(
            Symbol(kind, name, self.owner, self.line(start), self.last_line(end), start, end, decorators=decorators)
        )

    def assign(self, target: Value, bound: Value | None, declared: Value | None, kind: str, start: int, end: int) -> None:
        self.builder.assigns.append(Assign(target, bound, declared, self.owner, self.line(start), self.last_line(end), start, end, kind))

    def returns(self, returned: Value | None, node: Node) -> None:
        start, end = node.start_byte, node.end_byte
        self.builder.returns.append(Return(returned, self.owner, self.line(start), self.last_line(end), start))

    def throws(self, thrown: Value | None, node: Node) -> None:
        self.builder.throws.append(Throw(thrown, self.owner, self.line(node.start_byte), node.start_byte))


Lower = Callable[[Walk, Node], Value]
Visit = Callable[[Walk, Node], None]
AnyLower = TypeVar("AnyLower", bound=Lower)


def value(w: Walk, node: Node) -> Value:
    """Lower an expression; Unknown where it is nested deeper than `MAX_DEPTH`."""
    number = node.kind_id
    if number in w.identifiers:
        written = w.text[node.start_byte : node.end_byte]
        found = w.words.get(written)
        if found is None:
            found = w.words[written] = w.name(written)
        return found
    if w.depth >= MAX_DEPTH:
        return unknown(w, node)
    w.depth += 1
    lowered = w.values.get(number, other)(w, node)
    w.depth -= 1
    return lowered


def other(w: Walk, node: Node) -> Value:
    """A node without a shape of its own: the facts inside it count, its value is Unknown."""
    for child in node.named_children:
        visit = w.statements.get(child.kind_id)
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
    children = parts(w, node)
    return value(w, children[0]) if len(children) == 1 else other(w, node)


def suite(w: Walk, nodes: Iterable[Node]) -> None:
    """Collect the facts of statements; those nested deeper than `MAX_NESTING` are skipped."""
    if w.nesting >= MAX_NESTING:
        return
    w.nesting += 1
    for node in nodes:
        # as `statement`, without its frame: the walk must stay shallow
        visit = w.statements.get(node.kind_id)
        if visit is None:
            value(w, node)
        else:
            visit(w, node)
    w.nesting -= 1


def statement(w: Walk, node: Node) -> None:
    visit = w.statements.get(node.kind_id)
    if visit is None:
        value(w, node)
    else:
        visit(w, node)


def parts(w: Walk, node: Node | None) -> list[Node]:
    """The named children without comments."""
    return [child for child in node.named_children if child.kind_id not in w.extras] if node is not None else []


def count_errors(root: Node) -> int:
    """The syntax errors of a tree; only the branches that have one are looked at."""
    count = 0
    pending = [root] if root.has_error else []
    while pending:
        node = pending.pop()
        count += node.is_error or node.is_missing
        pending.extend(child for child in node.children if child.has_error or child.is_missing)
    return count
