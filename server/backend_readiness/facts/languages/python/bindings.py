"""Expressions of Python that bind names on the way: loops of comprehensions, walrus, `as`; and `yield`.

A comprehension is a Seq of its one element, a dict one a Record with a computed key.
"""

from __future__ import annotations

from tree_sitter import Node

from backend_readiness.facts.languages.python.chains import named_value
from backend_readiness.facts.languages.python.literals import pair
from backend_readiness.facts.languages.python.tree import (
    EXTRAS,
    F_ALIAS,
    F_BODY,
    F_LEFT,
    F_NAME,
    F_RIGHT,
    F_VALUE,
    Walk,
    inner_value,
    kind,
    lowers,
    other,
    unknown,
    value,
    without_extras,
)
from backend_readiness.facts.model import Arg, Assign, Block, CallRef, Name, Record, Return, Seq, Value

PAIR = kind("pair")
FOR_CLAUSE = kind("for_in_clause")


@lowers("list_comprehension", "set_comprehension", "generator_expression", "dictionary_comprehension")
def lower_comprehension(w: Walk, node: Node) -> Value:
    body = node.child_by_field_id(F_BODY)
    start, end = node.start_byte, node.end_byte
    w.builder.blocks.append(Block("comprehension", None, w.owner, w.line(start), w.last_line(end), start, end))
    for child in node.named_children:
        number = child.kind_id
        if number == FOR_CLAUSE:
            loop_target(w, child)
        elif child != body and number not in EXTRAS:
            inner_value(w, child)
    if body is None:
        return unknown(w, node)
    if body.kind_id == PAIR:
        return Record((), (pair(w, body),))
    return Seq((value(w, body),))


def loop_target(w: Walk, node: Node) -> Value | None:
    """Record `for left in right` (a statement or a clause) as an Assign; answers what is iterated."""
    left, right = node.child_by_field_id(F_LEFT), node.child_by_field_id(F_RIGHT)
    iterated = value(w, right) if right is not None else None
    if left is not None:
        assign(w, left, iterated, None, "for", left.start_byte, (right or left).end_byte)
    return iterated


def assign(w: Walk, target: Node, bound: Value | None, annotation: Value | None, how: str, start: int, end: int) -> None:
    """Append an Assign whose target is still a node."""
    written = value(w, target)
    if how == "let" and _decorates(w, written, bound):
        return
    w.builder.assigns.append(Assign(written, bound, annotation, w.owner, w.line(start), w.last_line(end), start, end, how))


def _decorates(w: Walk, written: Value, bound: Value | None) -> bool:
    """Is a function of the scope wrapped under its own name (`show = login_required(show)`)? Then that decorates it, and binds nothing."""
    if not isinstance(bound, CallRef) or not isinstance(written, Name):
        return False
    call = w.builder.calls[bound.call]
    if len(call.args) != 1 or call.args[0] != Arg(written) or call.callee == written:
        return False
    symbols = w.builder.symbols
    last = next((n for n in range(len(symbols) - 1, 0, -1) if symbols[n].name == written.id and symbols[n].parent == w.owner), None)
    if last is None or symbols[last].kind != "function":
        return False
    w.builder.amend(last, decorators=(call.callee, *symbols[last].decorators))
    return True


@lowers("named_expression")
def lower_walrus(w: Walk, node: Node) -> Value:
    name, bound = node.child_by_field_id(F_NAME), node.child_by_field_id(F_VALUE)
    if name is None or bound is None:
        return other(w, node)
    lowered = named_value(w, bound, w.raw(name))
    assign(w, name, lowered, None, "walrus", node.start_byte, node.end_byte)
    return lowered


@lowers("as_pattern")
def lower_as(w: Walk, node: Node) -> Value:
    """`value as target` of a `with` item, which may hide in parentheses; in a `case` there is no target node."""
    alias = node.child_by_field_id(F_ALIAS)
    children = without_extras(node.named_children)
    if not children:
        return unknown(w, node)
    lowered = value(w, children[0])
    if alias is None or not alias.named_children:
        return lowered
    assign(w, alias.named_children[0], lowered, None, "with", node.start_byte, node.end_byte)
    return lowered


@lowers("yield")
def lower_yield(w: Walk, node: Node) -> Value:
    children = without_extras(node.named_children)
    yielded = value(w, children[0]) if children else None
    start, end = node.start_byte, node.end_byte
    w.builder.returns.append(Return(yielded, w.owner, w.line(start), w.last_line(end), start))
    return unknown(w, node)
