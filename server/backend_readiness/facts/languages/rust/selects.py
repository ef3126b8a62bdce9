"""Macros that wait for one of several things: `select! { Some(order) = orders.recv() => pack(order).await, _ = stop => break }`.

What an arm waits for is bound as by `let`, and its body is read like any other.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from tree_sitter import Node

from backend_readiness.facts.languages.rust.expressions import block_value
from backend_readiness.facts.languages.rust.pieces import first, piece
from backend_readiness.facts.languages.rust.tree import MAX_ITEMS, Walk, kinds

NAMES = frozenset(("select", "select_biased"))
_TREE = kinds("token_tree")
_LET, _BODY = ("fn f(){let ", ";}"), ("fn f(){", ";}")


def read_select(w: Walk, tree: Node) -> bool:
    """The arms of such a macro; False where nothing in it is one."""
    found = False
    for head, body in list(_arms(w, [c for c in tree.children[1:-1] if "comment" not in c.type]))[:MAX_ITEMS]:
        found = True
        if any(t.type == "=" for t in head):
            _read(w, head, _LET)
        if body:
            _read(w, body, _BODY)
    return found


def _arms(w: Walk, tokens: list[Node]) -> Iterator[tuple[list[Node], list[Node]]]:
    """(what is waited for, what then runs) of each arm, without its condition."""
    at = 0
    while (arrow := _next(tokens, at, lambda t: t.type == "=>")) is not None:
        head = tokens[at:arrow]
        biased = _next(head, 0, lambda t: t.type == ";")
        head = head[biased + 1 :] if biased is not None else head
        head = head[: _next(head, 0, lambda t: t.type == ",")]
        block = arrow + 1 < len(tokens) and tokens[arrow + 1].kind_id in _TREE and w.text[tokens[arrow + 1].start_byte] == "{"
        comma = _next(tokens, arrow, lambda t: t.type == ",")
        end = arrow + 2 if block else comma if comma is not None else len(tokens)
        yield head, tokens[arrow + 1 : end]
        at = end + 1 if end < len(tokens) and tokens[end].type == "," else end


def _next(tokens: list[Node], start: int, fits: Callable[[Node], bool]) -> int | None:
    return next((i for i in range(start, len(tokens)) if fits(tokens[i])), None)


def _read(w: Walk, tokens: list[Node], around: tuple[str, str]) -> None:
    start, end = tokens[0].start_byte, tokens[-1].end_byte
    with piece(w, around[0], w.text[start:end], around[1], start) as root:
        body = first(root, "block") if root is not None and not root.has_error else None
        if body is not None:
            block_value(w, body)
