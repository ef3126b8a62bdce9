"""Assignments, operators and choices of Ruby.

`x ||= y` is an assignment of `y`, since it is how values are kept; other operators with `=` are of kind `aug`.
"""

from __future__ import annotations

from tree_sitter import Node

from backend_readiness.facts.languages.ruby.text import is_text, join_text
from backend_readiness.facts.languages.ruby.tree import (
    CONSTANT,
    F_ALTERNATIVE,
    F_ARGUMENTS,
    F_BODY,
    F_CONDITION,
    F_CONSEQUENCE,
    F_HANDLER,
    F_LEFT,
    F_METHOD,
    F_OPERAND,
    F_OPERATOR,
    F_RECEIVER,
    F_RIGHT,
    IDENTIFIER,
    MAX_DEPTH,
    MAX_ITEMS,
    NIL,
    Walk,
    kinds,
    lowers,
    optional,
    other,
    unknown,
    value,
    without_extras,
)
from backend_readiness.facts.model import Alt, Arg, Assign, CallRef, Lit, Op, Seq, Value

BINARY = kinds("binary")
CALL = kinds("call")
PATTERNS = kinds("left_assignment_list", "destructured_left_assignment", "rest_assignment")
CONDITIONAL = kinds("conditional")
LAMBDAS = kinds("lambda", "call")
_NAMES = {"&&": "and", "||": "or"}


def target(w: Walk, node: Node, depth: int = 0) -> Value:
    """The target of an assignment; identifiers become local variables."""
    if node.kind_id in IDENTIFIER:
        written = w.raw(node)
        w.locals.add(written)
        return w.name(written)
    if node.kind_id in PATTERNS:
        if depth > 10:
            return unknown(w, node)
        return Seq(tuple(target(w, child, depth + 1) for child in without_extras(node.named_children)[:MAX_ITEMS]))
    if node.kind_id in CALL and node.child_by_field_id(F_ARGUMENTS) is None:
        receiver, method = node.child_by_field_id(F_RECEIVER), node.child_by_field_id(F_METHOD)
        if receiver is not None and method is not None:
            return w.builder.member(value(w, receiver), w.name(w.raw(method)).id)
    return value(w, node)


def _kind_of(w: Walk, node: Node) -> str:
    if node.kind_id in CONSTANT:
        return "field" if w.owner == w.holder else "const"
    return "let" if node.kind_id in IDENTIFIER or node.kind_id in PATTERNS else "assign"


@lowers("assignment", "operator_assignment")
def lower_assignment(w: Walk, node: Node) -> Value:
    left, right, operator = node.child_by_field_id(F_LEFT), node.child_by_field_id(F_RIGHT), node.child_by_field_id(F_OPERATOR)
    if left is None or right is None:
        return other(w, node)
    if right.kind_id in LAMBDAS:
        w.lambda_name = w.raw(left).lstrip("@")[:80]
    bound = value(w, right)
    w.lambda_name = ""
    sign = operator.type if operator is not None else "="
    how = _kind_of(w, left) if sign in ("=", "||=") else "aug"
    written = target(w, left)
    start, end = node.start_byte, node.end_byte
    w.builder.assigns.append(Assign(written, bound, None, w.owner, w.line(start), w.last_line(end), start, end, how))
    return bound


@lowers("binary")
def lower_binary(w: Walk, node: Node) -> Value:
    """Left-nested operators without recursion."""
    links: list[tuple[str, Node]] = []
    current = node
    while current.kind_id in BINARY:
        left, right, operator = (current.child_by_field_id(f) for f in (F_LEFT, F_RIGHT, F_OPERATOR))
        if left is None or right is None or operator is None:
            break
        links.append((operator.type, right))
        current = left
    room = max(1, MAX_DEPTH - w.depth)
    result = value(w, current) if current.kind_id not in BINARY and len(links) <= room else unknown(w, current)
    for count, (sign, right) in enumerate(reversed(links)):
        if count and count % room == 0:
            result = unknown(w, right)
        added = value(w, right)
        if sign == "<<" and isinstance(result, CallRef):  # `user.roles << role`
            result = w.call(w.builder.member(result, "<<"), (Arg(added),), node.start_byte, right.end_byte)
        else:
            result = _operation(sign, result, added)
    return result


def _operation(sign: str, left: Value, right: Value) -> Value:
    if sign in ("||", "or"):
        both = [o for side in (left, right) for o in (side.options if isinstance(side, Alt) else (side,))]
        return Alt(tuple(both[:MAX_ITEMS]))
    if sign == "+" and (is_text(left) or is_text(right)):
        return join_text([left, right])
    if sign == "%" and is_text(left):
        return (
            join_text([left, *(right.items if isinstance(right, Seq) else (right,))])
            if not isinstance(left, Lit)
            else _percent(left, right)
        )
    return Op(_NAMES.get(sign, sign), (left, right))


def _percent(template: Lit, operand: Value) -> Value:
    """`"/%s/%d" % [a, b]`: the operands at their places."""
    pieces = str(template.value).replace("%d", "%s").split("%s")
    given = operand.items if isinstance(operand, Seq) else (operand,)
    parts: list[Value] = [Lit(pieces[0])]
    for number, piece in enumerate(pieces[1:]):
        parts += [given[number] if number < len(given) else Lit("%s"), Lit(piece)]
    return join_text(parts)


@lowers("unary")
def lower_unary(w: Walk, node: Node) -> Value:
    operator, operand = node.child_by_field_id(F_OPERATOR), node.child_by_field_id(F_OPERAND)
    if operator is None or operand is None:
        return other(w, node)
    found = value(w, operand)
    sign = operator.type
    if sign == "-" and isinstance(found, Lit) and isinstance(found.value, int | float):
        return Lit(-found.value)
    return Op("not" if sign == "!" else sign, (found,))


@lowers("conditional")
def lower_conditional(w: Walk, node: Node) -> Value:
    chosen: list[Value] = []
    current: Node | None = node
    while current is not None and current.kind_id in CONDITIONAL:
        optional(w, current.child_by_field_id(F_CONDITION))
        chosen.append(optional(w, current.child_by_field_id(F_CONSEQUENCE)) or NIL)
        current = current.child_by_field_id(F_ALTERNATIVE)
    chosen.append(optional(w, current) or NIL)
    return Alt(tuple(chosen[:MAX_ITEMS]))


@lowers("rescue_modifier")
def lower_rescue_modifier(w: Walk, node: Node) -> Value:
    body, handler = optional(w, node.child_by_field_id(F_BODY)), node.child_by_field_id(F_HANDLER)
    if handler is not None:
        w.block("catch", None, handler.start_byte, handler.end_byte)
    return Alt((body or NIL, optional(w, handler) or NIL))
