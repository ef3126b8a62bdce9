"""Diesel's `table! { users (id) { id -> Int4, name -> Varchar, } }`: a class of the table's name with a field for each column.

Its base is `diesel.Table`, so that what is done with `users::table` or `users::dsl::users` is known to be done with this table.
"""

from __future__ import annotations

from tree_sitter import Node

from backend_readiness.facts.languages.rust.tree import IDENTIFIERS, MAX_ITEMS, Walk, kinds
from backend_readiness.facts.languages.text import plain
from backend_readiness.facts.model import Assign, Import, Member, Symbol, Value

_TREE = kinds("token_tree")


def add_table(w: Walk, tree: Node) -> bool:
    """Add the class; False when the macro is another one of that name."""
    tokens = [c for c in tree.children[1:-1] if "comment" not in c.type]
    body = tokens[-1] if tokens else None
    if body is None or body.kind_id not in _TREE or w.text[body.start_byte] != "{":
        return False
    names: list[Node] = []
    depth = 0
    for token in tokens[:-1]:
        if token.type == "#":
            depth = 1
        elif token.kind_id in _TREE and depth:
            depth = 0
        elif token.kind_id in _TREE:
            break
        elif token.kind_id in IDENTIFIERS and not depth and token.type == "identifier":
            names.append(token)
    if names and w.raw(names[0]) == "use":
        names = names[-1:]
    name = _after_uses(w, tokens) or (names[-1] if names else None)
    if name is None:
        return False
    start, end = w.start(tree), w.end(tree)
    table = w.name(w.raw(name)).id
    base = Member(w.builder.name("diesel"), w.builder.name("Table").id)
    symbol = w.builder.add_symbol(Symbol("class", table, w.owner, w.line(start), w.last_line(end), start, end, bases=(base,)))
    if not any(i.module == "diesel" and i.local is None and i.name is None for i in w.builder.imports):
        w.builder.imports.append(Import("diesel", None, None, 1))
    for column, kind in _columns(w, body):
        at = w.start(column)
        declared: Value | None = w.builder.name(kind) if kind else None
        w.builder.assigns.append(Assign(w.name(w.raw(column)), None, declared, symbol, w.line(at), w.line(at), at, w.end(column), "field"))
    return True


def _after_uses(w: Walk, tokens: list[Node]) -> Node | None:
    """The table's name: what stands before the parentheses of the key, or before the braces."""
    for position, token in enumerate(tokens):
        opens = token.kind_id in _TREE and w.text[token.start_byte] in "({"
        before = tokens[position - 1] if position else None
        if opens and before is not None and before.kind_id in IDENTIFIERS:
            return before
    return None


def _columns(w: Walk, body: Node) -> list[tuple[Node, str]]:
    """(name, type as written) of `name -> Type,` entries."""
    found: list[tuple[Node, str]] = []
    previous: Node | None = None
    for token in body.children:
        if token.type == "->" and previous is not None and previous.kind_id in IDENTIFIERS:
            following = token.next_named_sibling
            found.append((previous, plain(w.raw(following)) if following is not None and following.kind_id in IDENTIFIERS else ""))
        if token.is_named:
            previous = token
        if len(found) >= MAX_ITEMS:
            break
    return found
