"""The state of one walk over a JavaScript or TypeScript tree, and the dispatch by node kind.

Handlers register themselves by the names of the node kinds; `javascript` turns the names into ids for each of the three
grammars. The source is read through a latin-1 view, one character for each byte, so that offsets of nodes slice it
directly; `plain` gives the real text back.

`MAX_DEPTH` bounds everything that recurses, statements and expressions alike: it keeps the walk below the interpreter's
recursion limit and the values shallow enough to be encoded. What lies deeper is Unknown, and counts as one error.
"""

from __future__ import annotations

from collections.abc import Callable

from tree_sitter import Language, Node

from backend_readiness.facts.builder import MAX_TEXT, Builder
from backend_readiness.facts.languages.javascript.text import doc_line
from backend_readiness.facts.languages.text import plain
from backend_readiness.facts.model import Name, Unknown, Value

MAX_DEPTH = 150
MAX_RUN = 60
MAX_ITEMS = 400
MAX_NAME_CHARS = 300
MAX_DIRECTIVES = 5
DIRECTIVES = ("use server", "use client")
ERROR_KIND = 0xFFFF
NOTHING = Unknown("")

Lower = Callable[["Walk", Node], Value]
HANDLERS: dict[str, Lower] = {}


def lowers(*kinds: str) -> Callable[[Lower], Lower]:
    """Register the handler of these kinds of nodes. A statement's handler collects facts and returns `NOTHING`."""

    def register(handler: Lower) -> Lower:
        HANDLERS.update((kind, handler) for kind in kinds)
        return handler

    return register


class Grammar:
    """One grammar with its handlers by kind id."""

    def __init__(self, language: Language) -> None:
        self.language = language
        self.handlers: dict[int, Lower] = {ERROR_KIND: other}
        self.kinds: dict[str, set[int]] = {}
        for number in range(language.node_kind_count):
            name = language.node_kind_for_id(number)
            named = name is not None and language.node_kind_is_named(number)
            self.handlers[number] = HANDLERS.get(name, other) if name and (named or name == "import") else other
            if name and named:
                self.kinds.setdefault(name, set()).add(number)
        self.identifier = language.id_for_node_kind("identifier", True) or ERROR_KIND
        self.comment = language.id_for_node_kind("comment", True) or ERROR_KIND


class Walk:
    """Where the walk stands (`owner`, `element`, `depth`) and what it collects (`builder`).

    `first_line` and `base` place the source in its file. `requires` holds the lowered `require("x")` and `import("x")`
    calls that no name has taken yet: call -> (module, line, owner). `comment` is the doc comment before the current
    statement, `decorators` those before the current declaration. `exporting` is false inside of a namespace, `ambient`
    true where declarations have no bodies (`declare`, `.d.ts`). `own_exports` are names for what the module exports
    (`const orders = module.exports`). `cut` says that something lay too deep.
    """

    __slots__ = (
        "ambient", "base", "builder", "comment", "comment_kind", "cut", "decorators", "depth", "element", "exporting", "first_line",
        "handlers", "identifier", "kinds", "known", "own_exports", "owner", "requires", "text", "words",
    )  # fmt: skip

    def __init__(self, builder: Builder, source: bytes, grammar: Grammar, owner: int, line: int, start: int) -> None:
        self.builder = builder
        self.text = source.decode("latin-1")
        self.handlers = grammar.handlers
        self.kinds = grammar.kinds
        self.identifier = grammar.identifier
        self.comment_kind = grammar.comment
        self.owner = owner
        self.element = -1
        self.depth = 0
        self.first_line = line
        self.base = start
        self.known: dict[str, Name] = {}
        self.words: dict[str, str] = {}
        self.requires: dict[int, tuple[str, int, int]] = {}
        self.own_exports: set[str] = set()
        self.comment = ""
        self.decorators: tuple[Value, ...] = ()
        self.exporting = True
        self.ambient = False
        self.cut = False

    def raw(self, node: Node) -> str:
        """The source of a node in the latin-1 view."""
        return self.text[node.start_byte : node.end_byte]

    def name(self, written: str) -> Name:
        """The one Name of an identifier in this walk (latin-1 view)."""
        found = self.known.get(written)
        if found is None:
            found = self.known[written] = self.builder.name(plain(written[:MAX_NAME_CHARS]))
        return found

    def word(self, node: Node) -> str:
        """A property name, kept in `builder.names`."""
        written = self.text[node.start_byte : node.end_byte]
        found = self.words.get(written)
        if found is None:
            found = self.words[written] = plain(written[:MAX_NAME_CHARS])
            self.builder.names.add(found)
        return found

    def line(self, node: Node) -> int:
        return node.start_point[0] + self.first_line

    def end_line(self, node: Node) -> int:
        return node.end_point[0] + self.first_line

    def take_doc(self) -> str:
        if not self.comment:
            return ""
        text, self.comment = self.comment, ""
        return doc_line(text)


def value(w: Walk, node: Node) -> Value:
    """Lower an expression, or collect the facts of a statement; Unknown where it is nested deeper than `MAX_DEPTH`."""
    number = node.kind_id
    if number == w.identifier:
        written = w.text[node.start_byte : node.end_byte]
        return w.known.get(written) or w.name(written)
    if w.depth >= MAX_DEPTH:
        w.cut = True
        return unknown(w, node)
    w.depth += 1
    lowered = w.handlers[number](w, node)
    w.depth -= 1
    return lowered


def unknown(w: Walk, node: Node) -> Unknown:
    start = node.start_byte
    return Unknown(plain(w.text[start : min(node.end_byte, start + MAX_TEXT)]))


def other(w: Walk, node: Node) -> Value:
    """A node without a shape of its own, or one that did not parse: the facts inside it count, its value is Unknown."""
    for child in node.named_children:
        value(w, child)
    return unknown(w, node)


def statements(w: Walk, nodes: list[Node]) -> int:
    """Collect the facts of statements, each with the doc comment before it. Returns how many there are."""
    count = 0
    comment = ""
    for node in nodes:
        if node.kind_id == w.comment_kind:
            written = w.raw(node)
            comment = written if written.startswith("/**") else ""
            continue
        w.comment = comment
        comment = ""
        value(w, node)
        count += 1
    w.comment = ""
    return count


def directive(w: Walk, nodes: list[Node]) -> str:
    """The directive among the first statements that says where the code runs (`use server`, `use client`), else ""."""
    for node in nodes[:MAX_DIRECTIVES]:
        if node.type == "expression_statement" and w.text[node.start_byte + 1 : node.start_byte + 5] == "use ":
            written = w.text[node.start_byte + 1 : node.start_byte + 11]
            if written in DIRECTIVES:
                w.builder.names.add(written)
                return written
    return ""


def inner(w: Walk, node: Node) -> Node | None:
    """The first named child that is no comment."""
    for child in node.named_children:
        if child.kind_id != w.comment_kind:
            return child
    return None


@lowers("statement_block", "program", "class_static_block", "labeled_statement", "with_statement")
def block(w: Walk, node: Node) -> Value:
    statements(w, node.named_children)
    return NOTHING


@lowers("comment", "html_comment", "empty_statement", "debugger_statement", "break_statement", "continue_statement", "hash_bang_line",
        "statement_identifier", "jsx_text", "html_character_reference", "regex_pattern", "regex_flags", "escape_sequence",
        "string_fragment", "accessibility_modifier", "override_modifier", "type_parameters", "optional_chain")  # fmt: skip
def nothing(w: Walk, node: Node) -> Value:
    return NOTHING


@lowers("expression_statement")
def expression_statement(w: Walk, node: Node) -> Value:
    found = inner(w, node)
    return value(w, found) if found is not None else NOTHING
