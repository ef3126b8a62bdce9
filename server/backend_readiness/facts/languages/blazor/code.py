"""The C# of a component: pieces of one file, each parsed by itself and lowered by one walk of C# at its true places."""

from __future__ import annotations

from tree_sitter import Node, Parser, Range

from backend_readiness.facts.builder import Builder

# imported for its handlers, which register themselves by node kind
from backend_readiness.facts.languages.csharp import source_file as _source_file  # noqa: F401
from backend_readiness.facts.languages.csharp.tree import LANGUAGE, Walk, kinds, parts, statements, value
from backend_readiness.facts.languages.csharp.types import written_type
from backend_readiness.facts.languages.markup.brackets import Brackets
from backend_readiness.facts.model import Value

MAX_BLOCKS = 20
MAX_EXPRESSIONS = 4_000
MAX_EXPRESSION_BYTES = 20_000
_ASSIGNMENT, _TYPE = kinds("assignment_expression"), kinds("class_declaration")
_BEFORE_VALUE, _BEFORE_MEMBERS = b"_=", b"class A"
_DEPTH = 6


class Code:
    """The walk over one file; `component` is the class that owns what it finds."""

    def __init__(self, source: bytes, builder: Builder, component: int) -> None:
        self._source = source
        self._walk = Walk(source, builder)
        self._walk.owner = component
        self._walk.in_type = True
        self._left = MAX_EXPRESSIONS
        self._parser = Parser(LANGUAGE)

    def expression(self, start: int, end: int) -> Value | None:
        """The expression that stands there; None: nothing, or too much."""
        node = self._assigned(start, end)
        return value(self._walk, node) if node is not None else None

    def type(self, start: int, end: int) -> Value | None:
        node = self._assigned(start, end)
        return written_type(self._walk, node) if node is not None else None

    def members(self, opened: list[int]) -> None:
        """Collect the members of the class between braces that open at these places."""
        brackets = Brackets(self._source)
        behind = 0
        for start in opened[:MAX_BLOCKS]:
            if start < max(behind, len(_BEFORE_MEMBERS)):
                continue  # inside of another, or without room for a head before the brace
            end = brackets.end(start)
            behind = end
            root = self._parsed(_BEFORE_MEMBERS, start, end, b"")
            declared = next((c for c in root.named_children if c.kind_id in _TYPE), None)
            body = declared.child_by_field_name("body") if declared is not None else None
            self._walk.builder.errors += root.has_error
            if body is None:
                continue
            self._walk.in_class = True
            statements(self._walk, parts(body))
            self._walk.in_class = False

    def _assigned(self, start: int, end: int) -> Node | None:
        """What is written there, as the right side of an assignment."""
        if self._left <= 0 or start < len(_BEFORE_VALUE) or end - start > MAX_EXPRESSION_BYTES or not self._source[start:end].strip():
            return None
        self._left -= 1
        node: Node | None = self._parsed(_BEFORE_VALUE, start, end, b";")
        for _ in range(_DEPTH):
            if node is None or node.kind_id in _ASSIGNMENT:
                break
            node = node.named_children[0] if node.named_children else None
        return parts(node)[-1] if node is not None and node.kind_id in _ASSIGNMENT and len(parts(node)) > 1 else None

    def _parsed(self, head: bytes, start: int, end: int, tail: bytes) -> Node:
        """The tree of a piece with a head before it and a tail behind it; its offsets are those of the file."""
        first = start - len(head)
        code = b" " * first + head + self._source[start:end] + tail
        self._parser.included_ranges = [Range((0, 0), (2**31, 0), first, len(code))]
        return self._parser.parse(code).root_node
