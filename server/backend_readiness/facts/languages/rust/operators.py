"""Literals and operators of Rust."""

from __future__ import annotations

from tree_sitter import Node

from backend_readiness.facts.languages.rust.chains import named_value
from backend_readiness.facts.languages.rust.text import joined, unescape
from backend_readiness.facts.languages.rust.tree import ATTRIBUTES, MAX_ITEMS, Walk, kinds, lowers, other, unknown, value, without_extras
from backend_readiness.facts.languages.text import plain
from backend_readiness.facts.model import (
    Assign,
    Concat,
    Lit,
    Op,
    Seq,
    Unknown,
    Value,
)

BLOCK = kinds("block")
BINARY = kinds("binary_expression")
CONTENT = kinds("string_content")


# ---------------------------------------------------------------- literals


@lowers("string_literal", "raw_string_literal")
def lower_text(w: Walk, node: Node) -> Value:
    raw = node.type == "raw_string_literal"
    if raw:
        parts = [w.raw(c) for c in node.named_children if c.kind_id in CONTENT]
        return Lit(plain("".join(parts)))
    whole = w.raw(node)
    return Lit(unescape(whole[whole.find('"') + 1 : whole.rfind('"')]))


@lowers("char_literal")
def lower_char(w: Walk, node: Node) -> Value:
    return Lit(unescape(w.raw(node).strip("b")[1:-1]))


@lowers("integer_literal", "float_literal", "negative_literal")
def lower_number(w: Walk, node: Node) -> Value:
    written = w.raw(node).replace("_", "")
    for suffix in ("usize", "isize", "u8", "u16", "u32", "u64", "u128", "i8", "i16", "i32", "i64", "i128", "f32", "f64"):
        if written.endswith(suffix) and not written.startswith("0x"):
            written = written.removesuffix(suffix)
            break
    try:
        return Lit(int(written, 0) if "." not in written and "e" not in written.lower().replace("0x", "") else float(written))
    except ValueError:
        return unknown(w, node)


@lowers("boolean_literal")
def lower_boolean(w: Walk, node: Node) -> Value:
    return Lit(w.raw(node) == "true")


@lowers("unit_expression")
def lower_nothing(w: Walk, node: Node) -> Value:
    return Lit(None)


@lowers("self")
def lower_self(w: Walk, node: Node) -> Value:
    return w.name("self")


@lowers("tuple_expression", "array_expression")
def lower_items(w: Walk, node: Node) -> Value:
    length = node.child_by_field_name("length")
    children = [c for c in without_extras(node.named_children) if c != length and c.kind_id not in ATTRIBUTES]
    return Seq(tuple(value(w, c) for c in children[:MAX_ITEMS]))


# ---------------------------------------------------------------- operators


@lowers("reference_expression", "type_cast_expression", "unsafe_block", "const_block", "try_block")
def lower_inside(w: Walk, node: Node) -> Value:
    inner = node.child_by_field_name("value") or next((c for c in reversed(node.named_children) if c.kind_id in BLOCK), None)
    return value(w, inner) if inner is not None else other(w, node)


@lowers("unary_expression")
def lower_unary(w: Walk, node: Node) -> Value:
    inner = without_extras(node.named_children)
    if len(inner) != 1:
        return other(w, node)
    operand = value(w, inner[0])
    sign = w.text[node.start_byte : node.start_byte + 1]
    if sign == "*":
        return operand
    if sign == "-" and isinstance(operand, Lit) and isinstance(operand.value, int | float):
        return Lit(-operand.value)
    return Op("not" if sign == "!" else sign, (operand,))


@lowers("binary_expression", "let_chain")
def lower_binary(w: Walk, node: Node) -> Value:
    """Left-nested operators without recursion along the left side."""
    rights: list[tuple[str, Node]] = []
    while node.kind_id in BINARY:
        left, right, sign = (node.child_by_field_name(f) for f in ("left", "right", "operator"))
        if left is None or right is None or sign is None:
            return other(w, node)
        rights.append((sign.type, right))
        node = left
    if not rights:
        return Op("and", tuple(value(w, c) for c in without_extras(node.named_children)[:MAX_ITEMS]))
    result = value(w, node)
    for position, (sign_text, right) in enumerate(reversed(rights)):
        operand = value(w, right)
        if position % 40 == 39:
            result = Unknown("...")
        if sign_text == "+" and (_is_text(result) or _is_text(operand)):
            result = joined([result, operand])
        else:
            result = Op({"&&": "and", "||": "or"}.get(sign_text, sign_text), (result, operand))
    return result


def _is_text(operand: Value) -> bool:
    return isinstance(operand, Concat) or (isinstance(operand, Lit) and isinstance(operand.value, str))


@lowers("range_expression")
def lower_range(w: Walk, node: Node) -> Value:
    return Op(":", tuple(value(w, c) for c in without_extras(node.named_children)[:2]))


@lowers("assignment_expression", "compound_assignment_expr")
def lower_assignment(w: Walk, node: Node) -> Value:
    left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
    if left is None or right is None:
        return other(w, node)
    bound = named_value(w, right, w.raw(left))
    how = "assign" if node.type == "assignment_expression" else "aug"
    start, end = w.start(node), w.end(node)
    w.builder.assigns.append(Assign(value(w, left), bound, None, w.owner, w.line(start), w.last_line(end), start, end, how))
    return Lit(None)
