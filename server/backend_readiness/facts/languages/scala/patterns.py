"""Patterns: `case req @ GET -> Root / "users" / LongVar(id)`.

Choices the model leaves open: an infix pattern is an Op, those of one operator flat, and so are alternatives (`|`); `C(a, b)` is an
Index of C by its parts, since no function of the repository runs; `x @ p` and `x: T` are p and x.
"""

from __future__ import annotations

from tree_sitter import Node

from backend_readiness.facts.languages.jvm.tree import MAX_DEPTH, MAX_ITEMS, Walk, parts, unknown, value
from backend_readiness.facts.languages.scala.grammar import F_LEFT, F_NAME, F_OPERATOR, F_PATTERN, F_RIGHT, F_TYPE, GRAMMAR, INFIX_PATTERN
from backend_readiness.facts.model import Index, Op, Seq, Value

CAPTURE = GRAMMAR.set_of("capture_pattern")
TYPED = GRAMMAR.set_of("typed_pattern")
CLASS = GRAMMAR.set_of("case_class_pattern")
ALTERNATIVE = GRAMMAR.set_of("alternative_pattern")
TUPLE = GRAMMAR.set_of("tuple_pattern")
MAX_PATTERN_NODES = 600


def pattern(w: Walk, node: Node) -> Value:
    """The shape that a pattern asks for. Names in it are those that it binds or compares with."""
    if w.depth >= MAX_DEPTH:
        return unknown(w, node)
    w.depth += 1
    found = _pattern(w, node)
    w.depth -= 1
    return found


def _pattern(w: Walk, node: Node) -> Value:
    number = node.kind_id
    if number in CAPTURE or number in TYPED:
        inner = node.child_by_field_id(F_PATTERN)
        return pattern(w, inner) if inner is not None else unknown(w, node)
    if number in INFIX_PATTERN:
        return _infix(w, node)
    if number in CLASS:
        written = node.child_by_field_id(F_TYPE)
        inner_parts = [pattern(w, child) for child in parts(w, node) if child != written][:MAX_ITEMS]
        base = value(w, written) if written is not None else unknown(w, node)
        return Index(base, inner_parts[0] if len(inner_parts) == 1 else Seq(tuple(inner_parts)))
    if number in ALTERNATIVE:
        return Op("|", tuple(pattern(w, child) for child in parts(w, node)[:MAX_ITEMS]))
    if number in TUPLE:
        held = parts(w, node)
        if len(held) == 1:
            return pattern(w, held[0])
        return Seq(tuple(pattern(w, child) for child in parts(w, node)[:MAX_ITEMS]))
    return value(w, node)


def _infix(w: Walk, node: Node) -> Value:
    links: list[tuple[str, Node]] = []
    inner = node
    while inner.kind_id in INFIX_PATTERN:
        left, operator, right = (inner.child_by_field_id(f) for f in (F_LEFT, F_OPERATOR, F_RIGHT))
        if left is None or operator is None or right is None:
            return unknown(w, node)
        links.append((w.raw(operator), right))
        inner = left
    result = pattern(w, inner)
    run = 0
    for sign, right in reversed(links[-MAX_ITEMS:]):
        given = pattern(w, right)
        if type(result) is Op and result.op == sign:
            result = Op(sign, (*result.operands, given))
        else:
            run += 1
            result = Op(sign, (result, given)) if run < MAX_DEPTH else unknown(w, node)
    return result


def bind(w: Walk, node: Node) -> None:
    """The names that a pattern gives a value to, each with the type that is written for it."""
    pending = [node]
    for _ in range(MAX_PATTERN_NODES):
        if not pending:
            return
        current = pending.pop()
        number = current.kind_id
        if number in CAPTURE:
            name, inner = current.child_by_field_id(F_NAME), current.child_by_field_id(F_PATTERN)
            if name is not None:
                w.assign(w.name(w.raw(name)), None, None, "let", current.start_byte, current.end_byte)
            pending.extend([inner] if inner is not None else [])
        elif number in TYPED:
            inner, declared = current.child_by_field_id(F_PATTERN), current.child_by_field_id(F_TYPE)
            if inner is not None and inner.kind_id in w.identifiers:
                typed = value(w, declared) if declared is not None else None
                w.assign(w.name(w.raw(inner)), None, typed, "let", current.start_byte, current.end_byte)
        elif number in w.identifiers:
            written = w.raw(current)
            if written[:1].islower():  # one that begins in upper case is compared with
                w.assign(w.name(written), None, None, "let", current.start_byte, current.end_byte)
        else:
            skipped = current.child_by_field_id(F_TYPE) if number in CLASS else current.child_by_field_id(F_OPERATOR)
            pending.extend(child for child in parts(w, current) if child != skipped)
