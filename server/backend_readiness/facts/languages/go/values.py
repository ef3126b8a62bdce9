"""Expressions of Go.

`&x`, `*x`, `(x)` and conversions such as `[]byte(x)` are transparent. `x.(T)` is `Op("as", (x, T))`, as is `make(T)` with
`Lit(None)` for the value; `new(T)` is `T{}`. `<-c` is an element of the channel.
"""

from __future__ import annotations

from tree_sitter import Node

from backend_readiness.facts.languages.go import text
from backend_readiness.facts.languages.go.tree import MAX_DEPTH, MAX_ITEMS, Walk, lowers, other, parts, unknown, value
from backend_readiness.facts.languages.go.types import lower_type
from backend_readiness.facts.model import Index, Lit, Op, Seq, Value

_WORDS = {"&&": "and", "||": "||"}
_FLAT = {"+", "&&", "||"}


@lowers("interpreted_string_literal", "raw_string_literal", "rune_literal")
def lower_string(w: Walk, node: Node) -> Value:
    return text.string(w.raw(node))


@lowers("int_literal", "float_literal")
def lower_number(w: Walk, node: Node) -> Value:
    return text.number(w.raw(node)) or unknown(w, node)


@lowers("true", "false", "nil")
def lower_constant(w: Walk, node: Node) -> Value:
    return Lit({"true": True, "false": False, "nil": None}[node.type])


@lowers("type_identifier", "package_identifier", "field_identifier")
def lower_name(w: Walk, node: Node) -> Value:
    return w.name(w.raw(node))


@lowers("literal_element", "parenthesized_expression", "variadic_argument")
def lower_inner(w: Walk, node: Node) -> Value:
    inner = parts(node)
    return value(w, inner[0]) if len(inner) == 1 else other(w, node)


@lowers("expression_list")
def lower_list(w: Walk, node: Node) -> Value:
    return Seq(tuple(value(w, child) for child in parts(node)[:MAX_ITEMS]))


@lowers("unary_expression")
def lower_unary(w: Walk, node: Node) -> Value:
    operand, operator = node.child_by_field_name("operand"), node.child_by_field_name("operator")
    if operand is None or operator is None:
        return other(w, node)
    lowered = value(w, operand)
    sign = operator.type
    if sign in ("&", "*", "+"):
        return lowered
    if sign == "-" and type(lowered) is Lit and isinstance(lowered.value, int | float):
        return Lit(-lowered.value)
    if sign == "<-":
        return Index(lowered, Lit(None))
    return Op("not" if sign == "!" else sign, (lowered,))


@lowers("binary_expression")
def lower_binary(w: Walk, node: Node) -> Value:
    """Left-nested operators without recursion; equal neighbours share one flat value."""
    groups: list[tuple[str, list[Node]]] = []
    while node.type == "binary_expression":
        left, right, operator = (node.child_by_field_name(f) for f in ("left", "right", "operator"))
        if left is None or right is None or operator is None:
            break
        if groups and groups[-1][0] == operator.type and operator.type in _FLAT:
            groups[-1][1].append(right)
        else:
            groups.append((operator.type, [right]))
        node = left
    result = value(w, node) if node.type != "binary_expression" else other(w, node)
    room = max(1, MAX_DEPTH - w.depth)
    for count, (sign, rights) in enumerate(reversed(groups), 1):
        if count % room == 0:
            result = unknown(w, node)
        operands = [result, *(value(w, right) for right in reversed(rights))]
        if sign == "+" and any(text.is_text(o) for o in operands):
            result = text.join_text(operands)
        else:
            result = Op(_WORDS.get(sign, sign), tuple(operands[:MAX_ITEMS]))
    return result


@lowers("type_assertion_expression")
def lower_assertion(w: Walk, node: Node) -> Value:
    operand, wanted = node.child_by_field_name("operand"), node.child_by_field_name("type")
    if operand is None or wanted is None:
        return other(w, node)
    return Op("as", (value(w, operand), lower_type(w, wanted) or unknown(w, wanted)))


@lowers(
    "slice_type", "map_type", "array_type", "pointer_type", "struct_type", "interface_type", "function_type", "qualified_type",
    "generic_type", "channel_type", "parenthesized_type",
)  # fmt: skip
def lower_type_value(w: Walk, node: Node) -> Value:
    return lower_type(w, node) or unknown(w, node)
