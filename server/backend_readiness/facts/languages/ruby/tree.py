"""The grammar of Ruby as the lowering sees it: node kinds, the dispatch table, and the state of one walk.

In Ruby every statement is an expression: one table, `VALUES`, holds a handler for each kind of node, which records the facts inside and
answers the value. Identifiers that are no local variable are calls, as the language has it, and so is every `a.b`.

The source is read through a latin-1 view, one character for each byte, so that offsets of nodes slice it directly. Depth is bounded
by `MAX_DEPTH` levels of nesting; chains, operators and `elsif` are walked without recursion.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TypeVar

import tree_sitter_ruby
from tree_sitter import Language, Node

from backend_readiness.facts.builder import MAX_TEXT, Builder
from backend_readiness.facts.languages.source_view import SourceView
from backend_readiness.facts.languages.text import plain
from backend_readiness.facts.model import Arg, Block, Call, CallRef, Lit, Unknown, Value

LANGUAGE = Language(tree_sitter_ruby.language())
MAX_DEPTH = 70
MAX_ITEMS = 400
NIL = Lit(None)


def _kinds() -> dict[str, tuple[int, ...]]:
    """Every id of every named kind: the grammar writes some kinds with several."""
    ids: dict[str, tuple[int, ...]] = {"ERROR": (0xFFFF,)}
    for number in range(LANGUAGE.node_kind_count):
        name = LANGUAGE.node_kind_for_id(number)
        if name and LANGUAGE.node_kind_is_named(number) and LANGUAGE.node_kind_is_visible(number):
            ids[name] = (*ids.get(name, ()), number)
    return ids


KINDS = _kinds()


def kinds(*names: str) -> frozenset[int]:
    """The ids that nodes of these kinds carry."""
    return frozenset(number for name in names for number in KINDS[name])


def field(name: str) -> int:
    number = LANGUAGE.field_id_for_name(name)
    if number is None:
        raise LookupError(f"tree-sitter-ruby has no field {name!r}")
    return number


COMMENT = kinds("comment")
EXTRAS = kinds("comment", "heredoc_body", "empty_statement", "uninterpreted")
IDENTIFIER = kinds("identifier")
CONSTANT = kinds("constant")
BLOCKS = kinds("block", "do_block")
F_ALTERNATIVE, F_ARGUMENTS, F_BEGIN, F_BLOCK, F_BODY = (field(n) for n in ("alternative", "arguments", "begin", "block", "body"))
F_CONDITION, F_CONSEQUENCE, F_END, F_KEY, F_LEFT = (field(n) for n in ("condition", "consequence", "end", "key", "left"))
F_METHOD, F_NAME, F_OBJECT, F_OPERAND, F_OPERATOR = (field(n) for n in ("method", "name", "object", "operand", "operator"))
F_PARAMETERS, F_PATTERN, F_RECEIVER, F_RIGHT, F_SCOPE = (field(n) for n in ("parameters", "pattern", "receiver", "right", "scope"))
F_SUPERCLASS, F_VALUE, F_EXCEPTIONS, F_VARIABLE, F_HANDLER = (
    field(n) for n in ("superclass", "value", "exceptions", "variable", "handler")
)


class Walk(SourceView):
    """One walk over one file: where it stands and what it has collected.

    `holder` is the class or module whose body the walk is in, lambdas of it included, else -1; `static` says that methods written here
    are those of the class itself. `locals` are the local variables known so far; `method` is the name of the enclosing method.
    `heredocs` maps where a heredoc begins to its body; `doc` is the comment that stands before the next definition.
    """

    __slots__ = ("doc", "heredocs", "holder", "lambda_name", "locals", "method", "static")

    def __init__(self, source: bytes, builder: Builder) -> None:
        super().__init__(source, builder)
        self.holder = -1
        self.static = False
        self.method = ""
        self.locals: set[str] = set()
        self.doc = ""
        self.lambda_name = ""
        self.heredocs: dict[int, Node] = {}

    def call(self, callee: Value, args: tuple[Arg, ...], start: int, end: int) -> CallRef:
        """Append a call of the current owner."""
        return CallRef(self.builder.add_call(Call(callee, args, self.owner, self.line(start), self.last_line(end), start, end)))

    def block(self, kind: str, subject: Value | None, start: int, end: int, *, empty: bool = False, name: str | None = None) -> None:
        self.builder.blocks.append(Block(kind, subject, self.owner, self.line(start), self.last_line(end), start, end, empty, name))


Lower = Callable[[Walk, Node], Value]
VALUES: dict[int, Lower] = {}
AnyLower = TypeVar("AnyLower", bound=Lower)


def lowers(*names: str) -> Callable[[AnyLower], AnyLower]:
    """Register the handler of these kinds of nodes."""

    def register(handler: AnyLower) -> AnyLower:
        VALUES.update((number, handler) for name in names for number in KINDS[name])
        return handler

    return register


def value(w: Walk, node: Node) -> Value:
    """The value of any node; Unknown where it is nested deeper than `MAX_DEPTH`."""
    if w.depth >= MAX_DEPTH:
        return unknown(w, node)
    w.depth += 1
    lowered = VALUES.get(node.kind_id, other)(w, node)
    w.depth -= 1
    return lowered


def other(w: Walk, node: Node) -> Value:
    """A node without a shape of its own: the facts inside it count, its value is Unknown."""
    for child in node.named_children:
        value(w, child)
    return unknown(w, node)


def unknown(w: Walk, node: Node) -> Unknown:
    start = node.start_byte
    return Unknown(plain(w.text[start : min(node.end_byte, start + MAX_TEXT)]))


def optional(w: Walk, node: Node | None) -> Value | None:
    return value(w, node) if node is not None else None


def without_extras(nodes: Iterable[Node]) -> list[Node]:
    """Named children without comments and the bodies of heredocs."""
    return [node for node in nodes if node.kind_id not in EXTRAS]
