"""Literals, operators, choices, types and lambdas of Java.

Choices the model leaves open: `int[]` is `Index(Name("[]"), int)`; a cast is transparent; `o instanceof Foo foo` is an Op and
declares `foo`; an assignment inside an expression is its value.
"""

from __future__ import annotations

from tree_sitter import Node

from backend_readiness.facts.languages.java.grammar import (
    F_ALTERNATIVE,
    F_BODY,
    F_CONDITION,
    F_CONSEQUENCE,
    F_LEFT,
    F_NAME,
    F_OPERAND,
    F_OPERATOR,
    F_PARAMETERS,
    F_RIGHT,
    F_TYPE,
    F_VALUE,
    GRAMMAR,
)
from backend_readiness.facts.languages.java.parameters import parameters
from backend_readiness.facts.languages.jvm import text
from backend_readiness.facts.languages.jvm.tree import MAX_DEPTH, MAX_ITEMS, Walk, other, parts, suite, unknown, value
from backend_readiness.facts.languages.text import is_text, join_text
from backend_readiness.facts.model import Alt, Func, Index, Lit, Name, Op, Param, Seq, Value

ANNOTATIONS = GRAMMAR.set_of("annotation", "marker_annotation")
BINARY = GRAMMAR.kind("binary_expression")
TERNARY = GRAMMAR.kind("ternary_expression")
BLOCK = GRAMMAR.kind("block")
ARRAY_INITIALIZER = GRAMMAR.kind("array_initializer")
TRUE, FALSE, NULL = Lit(True), Lit(False), Lit(None)
FLAT = frozenset(("+", "&&", "||"))


@GRAMMAR.lowers("string_literal")
def lower_string(w: Walk, node: Node) -> Value:
    raw = w.raw(node)
    if raw.startswith('"""'):
        return Lit(text.text_block(raw[3:].removesuffix('"""')))
    return Lit(text.decode(raw[1:].removesuffix('"')))


@GRAMMAR.lowers("character_literal")
def lower_character(w: Walk, node: Node) -> Value:
    return Lit(text.decode(w.raw(node)[1:].removesuffix("'")))


@GRAMMAR.lowers(
    "decimal_integer_literal",
    "hex_integer_literal",
    "octal_integer_literal",
    "binary_integer_literal",
    "decimal_floating_point_literal",
    "hex_floating_point_literal",
)
def lower_number(w: Walk, node: Node) -> Value:
    return text.number(w.raw(node)) or unknown(w, node)


@GRAMMAR.lowers("true")
def lower_true(w: Walk, node: Node) -> Value:
    return TRUE


@GRAMMAR.lowers("false")
def lower_false(w: Walk, node: Node) -> Value:
    return FALSE


@GRAMMAR.lowers("null_literal")
def lower_null(w: Walk, node: Node) -> Value:
    return NULL


# ---------------------------------------------------------------- types


@GRAMMAR.lowers("integral_type", "floating_point_type", "boolean_type", "void_type")
def lower_primitive(w: Walk, node: Node) -> Value:
    return w.name(w.raw(node))


@GRAMMAR.lowers("generic_type")
def lower_generic(w: Walk, node: Node) -> Value:
    children = parts(w, node)
    if len(children) != 2:
        return value(w, children[0]) if children else unknown(w, node)
    base = value(w, children[0])
    keys = [value(w, child) for child in parts(w, children[1])[:MAX_ITEMS]]
    if not keys:
        return base  # `new ArrayList<>()`
    return Index(base, keys[0] if len(keys) == 1 else Seq(tuple(keys)))


@GRAMMAR.lowers("array_type")
def lower_array_type(w: Walk, node: Node) -> Value:
    children = parts(w, node)
    return Index(Name("[]"), value(w, children[0])) if children else unknown(w, node)


@GRAMMAR.lowers("annotated_type", "wildcard")
def lower_annotated_type(w: Walk, node: Node) -> Value:
    found: Value = Name("Object")
    for child in parts(w, node):
        lowered = value(w, child)
        if child.kind_id not in ANNOTATIONS:
            found = lowered
    return found


# ---------------------------------------------------------------- operators


@GRAMMAR.lowers("binary_expression")
def lower_operators(w: Walk, node: Node) -> Value:
    """Left-nested operators without recursion; equal neighbours share one flat value."""
    groups: list[tuple[str, list[Node]]] = []
    while node.kind_id == BINARY:
        left, right, operator = (node.child_by_field_id(f) for f in (F_LEFT, F_RIGHT, F_OPERATOR))
        if left is None or right is None or operator is None:
            return other(w, node)
        sign = operator.type
        if groups and groups[-1][0] == sign and sign in FLAT:
            groups[-1][1].append(right)
        else:
            groups.append((sign, [right]))
        node = left
    base = w.depth
    room = max(1, MAX_DEPTH - base)
    if len(groups) <= room:
        w.depth += len(groups)
        result = value(w, node)
    else:
        result = unknown(w, node)
    for distance in range(len(groups) - 1, -1, -1):
        sign, rights = groups[distance]
        if distance and distance % room == 0:
            result = unknown(w, node)
        w.depth = base + distance % room
        lowered = [value(w, right) for right in reversed(rights)]
        if sign == "+" and (is_text(result) or any(is_text(r) for r in lowered)):
            result = join_text([result, *lowered])
        else:
            result = Op(sign, (result, *lowered)[:MAX_ITEMS])
    w.depth = base
    return result


@GRAMMAR.lowers("unary_expression")
def lower_unary(w: Walk, node: Node) -> Value:
    operand, operator = node.child_by_field_id(F_OPERAND), node.child_by_field_id(F_OPERATOR)
    if operand is None or operator is None:
        return other(w, node)
    lowered = value(w, operand)
    if operator.type == "-" and isinstance(lowered, Lit) and isinstance(lowered.value, int | float):
        return Lit(-lowered.value)
    return Op("not" if operator.type == "!" else operator.type, (lowered,))


@GRAMMAR.lowers("update_expression")
def lower_update(w: Walk, node: Node) -> Value:
    children = parts(w, node)
    return Op("++", (value(w, children[0]),)) if children else unknown(w, node)


@GRAMMAR.lowers("ternary_expression")
def lower_ternary(w: Walk, node: Node) -> Value:
    found: list[Value] = []
    while node.kind_id == TERNARY:
        condition, yes, no = (node.child_by_field_id(f) for f in (F_CONDITION, F_CONSEQUENCE, F_ALTERNATIVE))
        if condition is None or yes is None or no is None:
            return other(w, node)
        value(w, condition)
        found.append(value(w, yes))
        node = no
    found.append(value(w, node))
    return choice(found)


def choice(found: list[Value]) -> Value:
    """An Alt of the options, those of a nested Alt put in its place."""
    flat: list[Value] = []
    for option in found:
        flat.extend(option.options if type(option) is Alt else (option,))
    return flat[0] if len(flat) == 1 else Alt(tuple(flat[:MAX_ITEMS]))


@GRAMMAR.lowers("instanceof_expression")
def lower_instanceof(w: Walk, node: Node) -> Value:
    left, right, name = node.child_by_field_id(F_LEFT), node.child_by_field_id(F_RIGHT), node.child_by_field_id(F_NAME)
    if left is None or right is None:
        return other(w, node)
    tested, written = value(w, left), value(w, right)
    if name is not None:
        w.assign(w.name(w.raw(name)), tested, written, "let", name.start_byte, name.end_byte)
    return Op("instanceof", (tested, written))


@GRAMMAR.lowers("cast_expression")
def lower_cast(w: Walk, node: Node) -> Value:
    inner, written = node.child_by_field_id(F_VALUE), node.child_by_field_id(F_TYPE)
    if written is not None:
        value(w, written)
    return value(w, inner) if inner is not None else unknown(w, node)


@GRAMMAR.lowers("assignment_expression")
def lower_assignment(w: Walk, node: Node) -> Value:
    left, right, operator = (node.child_by_field_id(f) for f in (F_LEFT, F_RIGHT, F_OPERATOR))
    if left is None or right is None or operator is None:
        return other(w, node)
    target = value(w, left)
    bound = value(w, right)
    w.assign(target, bound, None, "assign" if operator.type == "=" else "aug", node.start_byte, node.end_byte)
    return bound


@GRAMMAR.lowers("array_initializer", "element_value_array_initializer")
def lower_array(w: Walk, node: Node) -> Value:
    return Seq(tuple(value(w, child) for child in parts(w, node)[:MAX_ITEMS]))


@GRAMMAR.lowers("array_creation_expression")
def lower_array_creation(w: Walk, node: Node) -> Value:
    found: Value | None = None
    for child in parts(w, node):
        lowered = value(w, child)
        if child.kind_id == ARRAY_INITIALIZER:
            found = lowered
    return found if found is not None else unknown(w, node)


# ---------------------------------------------------------------- lambdas


@GRAMMAR.lowers("lambda_expression")
def lower_lambda(w: Walk, node: Node) -> Value:
    name, w.lambda_name = w.lambda_name, ""
    symbol = w.begin("lambda", name, node, node.start_byte)
    outer = w.owner, w.holder
    w.owner, w.holder = symbol, -1
    written, body = node.child_by_field_id(F_PARAMETERS), node.child_by_field_id(F_BODY)
    if written is not None and written.kind_id in w.identifiers:
        params: tuple[Param, ...] = (Param(w.name(w.raw(written)).id),)
    else:
        params = parameters(w, written)
    w.builder.amend(symbol, params=params, statements=1)
    if body is not None and body.kind_id == BLOCK:
        statements = parts(w, body)
        w.builder.amend(symbol, statements=len(statements))
        suite(w, statements)
    elif body is not None:
        w.returns(value(w, body), body)
    w.owner, w.holder = outer
    return Func(symbol)
