"""Operators and choices of Python. A chained comparison is `Op("and", pairs)`; a run of one operator is one flat Op."""

from __future__ import annotations

from tree_sitter import Node

from backend_readiness.facts.languages.python import text
from backend_readiness.facts.languages.python.tree import (
    F_ARGUMENT,
    F_LEFT,
    F_OPERATOR,
    F_OPERATORS,
    F_RIGHT,
    MAX_DEPTH,
    MAX_ITEMS,
    Walk,
    kind,
    lowers,
    other,
    unknown,
    value,
    without_extras,
)
from backend_readiness.facts.languages.ternaries import chosen_by
from backend_readiness.facts.languages.text import is_text, join_text
from backend_readiness.facts.model import Alt, Lit, Op, Value

CONDITIONAL = kind("conditional_expression")
BINARY = frozenset((kind("binary_operator"), kind("boolean_operator")))
FLAT = frozenset(("+", "or", "and", "|"))


@lowers("binary_operator", "boolean_operator")
def lower_operators(w: Walk, node: Node) -> Value:
    """Left-nested operators without recursion; equal neighbours share one flat value."""
    groups: list[tuple[str, list[Node]]] = []
    lower = value
    while node.kind_id in BINARY:
        left, right, operator = (node.child_by_field_id(f) for f in (F_LEFT, F_RIGHT, F_OPERATOR))
        if left is None or right is None or operator is None:
            lower = other
            break
        sign = operator.type
        if groups and groups[-1][0] == sign and sign in FLAT:
            groups[-1][1].append(right)
        else:
            groups.append((sign, [right]))
        node = left
    base = w.depth
    room = max(1, MAX_DEPTH - base)
    fits = len(groups) <= room
    if fits:
        w.depth += len(groups)
    result = lower(w, node)
    if not fits:
        result = unknown(w, node)
    for distance in range(len(groups) - 1, -1, -1):
        sign, rights = groups[distance]
        if distance and distance % room == 0:
            result = unknown(w, node)
        w.depth = base + distance % room
        result = _operation(sign, result, [value(w, right) for right in reversed(rights)])
    w.depth = base
    return result


def _operation(sign: str, left: Value, rights: list[Value]) -> Value:
    if sign == "or":
        return choice([left, *rights], fallback=True)
    if sign == "+" and (is_text(left) or any(is_text(right) for right in rights)):
        return join_text([left, *rights])
    if sign == "%" and is_text(left):
        return text.percent(left, rights[0])
    return Op(sign, (left, *rights)[:MAX_ITEMS])


def choice(options: list[Value], *, fallback: bool = False) -> Value:
    """An Alt of the options, those of a nested Alt put in its place."""
    flat: list[Value] = []
    for option in options:
        flat.extend(option.options if type(option) is Alt else (option,))
    return Alt(tuple(flat[:MAX_ITEMS]), fallback and all(o.fallback for o in options if type(o) is Alt))


@lowers("conditional_expression")
def lower_conditional(w: Walk, node: Node) -> Value:
    options: list[Value] = []
    tests: list[Value] = []
    while True:
        parts = without_extras(node.named_children)
        if node.kind_id != CONDITIONAL or len(parts) != 3:
            options.append(value(w, node) if node.kind_id != CONDITIONAL else other(w, node))
            return chosen_by(tests, choice(options))
        options.append(value(w, parts[0]))
        tests.append(value(w, parts[1]))
        node = parts[2]


@lowers("comparison_operator")
def lower_comparison(w: Walk, node: Node) -> Value:
    operands = [value(w, child) for child in without_extras(node.named_children)]
    signs = [child.type for child in node.children_by_field_id(F_OPERATORS)]
    if len(operands) != len(signs) + 1:
        return unknown(w, node)
    pairs = tuple(Op(sign, (operands[i], operands[i + 1])) for i, sign in enumerate(signs[:MAX_ITEMS]))
    return pairs[0] if len(pairs) == 1 else Op("and", pairs)


@lowers("not_operator")
def lower_not(w: Walk, node: Node) -> Value:
    argument = node.child_by_field_id(F_ARGUMENT)
    return Op("not", (value(w, argument),)) if argument is not None else other(w, node)


@lowers("unary_operator")
def lower_unary(w: Walk, node: Node) -> Value:
    argument, operator = node.child_by_field_id(F_ARGUMENT), node.child_by_field_id(F_OPERATOR)
    if argument is None or operator is None:
        return other(w, node)
    operand = value(w, argument)
    if operator.type == "-" and isinstance(operand, Lit) and isinstance(operand.value, int | float):
        return Lit(-operand.value)
    return Op(operator.type, (operand,))
