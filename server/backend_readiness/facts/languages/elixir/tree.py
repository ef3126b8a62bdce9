"""The grammar of Elixir as the lowering sees it, and the state of one walk.

Everything in Elixir is a call: `defmodule`, `def`, `if` are told apart by their names (`FORMS`), the rest by node kinds (`VALUES`).
Names of modules are written in full (`Shop.Accounts.User`): aliases are lexical, so the walk puts them in place.
"""

from __future__ import annotations

from collections.abc import Callable

import tree_sitter_elixir
from tree_sitter import Language, Node

from backend_readiness.facts.builder import MAX_TEXT, Builder
from backend_readiness.facts.languages.source_view import SourceView
from backend_readiness.facts.languages.text import plain
from backend_readiness.facts.model import Unknown, Value

LANGUAGE = Language(tree_sitter_elixir.language())
MAX_DEPTH = 100
MAX_ITEMS = 400
_VERBS = ("get", "post", "put", "patch", "delete", "head", "options", "connect", "trace", "match")
ROUTING = frozenset(
    (*_VERBS, "live", "live_session", "socket", "resources", "resource", "scope", "forward", "pipe_through", "pipeline", "plug")
)  # what modules that route call by the names of Phoenix and Plug


class Walk(SourceView):
    """One walk over one file.

    `module` is the symbol of the enclosing module (0: none) and `module_name` its full name; `aliases` maps short names to full ones;
    `scope` is what a routing scope puts before names of modules; `uses` are the modules that the enclosing one uses, with what they are
    asked for (`:router`). `defined` are the functions of the module by name and number of parameters. The values of expressions that begin
    and end within a span of `wanted` (start to end) are noted in `kept` by that start: those are the outputs of a template.
    `repeated` are the bytes before templates in sigils that were copied to read them. `quoting`: the walk is in code that a macro gives.
    """

    def __init__(self, source: bytes, builder: Builder) -> None:
        super().__init__(source, builder)
        self.module = 0
        self.module_name = ""
        self.aliases: dict[str, str] = {}
        self.scope = ""
        self.uses: list[str] = []
        self.passed_on: list[str] = []
        self.quoting = False
        self.defined: dict[tuple[int, str, int], int] = {}
        self.lambda_name = ""
        self.piped: Value | None = None
        self.wanted: dict[int, int] = {}
        self.kept: dict[int, Value] = {}
        self.repeated = 0

    def owner_is_body(self) -> bool:
        """Is the walk in the body of a module, or in a block of it, and in no function?"""
        owner = self.owner
        while owner > 0 and self.builder.symbols[owner].kind == "lambda":
            owner = self.builder.symbols[owner].parent
        return owner == self.module and owner > 0

    def module_of(self, written: str) -> str:
        """The full name of a module as written: `__MODULE__`, an alias, or the name itself."""
        first, dot, rest = written.partition(".")
        if first == "__MODULE__":
            return self.module_name + dot + rest
        if first == "Elixir":
            return rest
        if first in self.aliases:
            meant = self.aliases[first] + dot + rest
            own = meant.partition(".")[0] == self.scope.partition(".")[0]
            return f"{self.scope}.{meant}" if self.scope and not own else meant  # `alias Live.Orders` in `scope "/", ShopWeb`
        return f"{self.scope}.{written}" if self.scope else written


Lower = Callable[[Walk, Node], Value]
VALUES: dict[str, Lower] = {}
FORMS: dict[str, Lower] = {}


def lowers(*kinds: str) -> Callable[[Lower], Lower]:
    """Register the handler of these kinds of nodes."""

    def register(handler: Lower) -> Lower:
        VALUES.update(dict.fromkeys(kinds, handler))
        return handler

    return register


def forms(*names: str) -> Callable[[Lower], Lower]:
    """Register the handler of calls of these names."""

    def register(handler: Lower) -> Lower:
        FORMS.update(dict.fromkeys(names, handler))
        return handler

    return register


def value(w: Walk, node: Node) -> Value:
    """Lower an expression; Unknown where it is nested deeper than `MAX_DEPTH`."""
    if node.type == "identifier":
        written = w.raw(node)
        return w.name(w.module_name if written == "__MODULE__" else written)
    if w.depth >= MAX_DEPTH:
        return unknown(w, node)
    w.depth += 1
    lowered = VALUES.get(node.type, other)(w, node)
    w.depth -= 1
    if w.wanted and node.end_byte <= w.wanted.get(node.start_byte, -1):
        w.kept[node.start_byte] = lowered
    return lowered


def other(w: Walk, node: Node) -> Value:
    """A node without a shape of its own: the facts inside it count, its value is Unknown."""
    for child in inner(node):
        value(w, child)
    return unknown(w, node)


def unknown(w: Walk, node: Node) -> Unknown:
    start = node.start_byte
    return Unknown(plain(w.text[start : min(node.end_byte, start + MAX_TEXT)]))


def inner(node: Node | None) -> list[Node]:
    """The named children without comments."""
    return [c for c in node.named_children if c.type != "comment"] if node is not None else []


def child(node: Node | None, kind: str) -> Node | None:
    """The first child of a kind."""
    return next((c for c in node.named_children if c.type == kind), None) if node is not None else None
