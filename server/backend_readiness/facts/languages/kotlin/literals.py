"""Literals, operators, types and choices of Kotlin.

Choices the model leaves open: `?:` is an Alt; `!!` and `as` are transparent; a function type is Unknown; `T?` is T.
"""

from __future__ import annotations

from tree_sitter import Node

from backend_readiness.facts.languages.jvm import text
from backend_readiness.facts.languages.jvm.tree import MAX_DEPTH, MAX_ITEMS, Walk, inner_value, other, parts, unknown, value
from backend_readiness.facts.languages.kotlin.chains import add_call, arguments, type_arguments
from backend_readiness.facts.languages.kotlin.grammar import (
    BINARY,
    CALL,
    F_LEFT,
    F_OPERATOR,
    F_RIGHT,
    GRAMMAR,
    IDENTIFIER,
    INTERPOLATION,
    LAMBDA,
    TYPE_ARGUMENTS,
    VALUE_ARGUMENTS,
)
from backend_readiness.facts.languages.text import is_text, join_text
from backend_readiness.facts.model import Alt, Arg, Index, Lit, Name, Op, Seq, Value

IN_BRACKETS = GRAMMAR.kind("parenthesized_expression")
FLAT = frozenset(("+", "&&", "||", "?:"))
WORDS: dict[str, Value] = {"true": Lit(True), "false": Lit(False), "null": Lit(None)}


@GRAMMAR.lowers("string_literal", "multiline_string_literal")
def lower_string(w: Walk, node: Node) -> Value:
    """Text with `$name` and `${expression}` put into it; the grammar gives a lone `$` as a content of its own."""
    raw = w.raw(node)
    is_raw = raw.startswith('"""')
    width = 3 if is_raw else 1
    end = node.end_byte - width if raw.endswith('"' * width) and len(raw) >= 2 * width else node.end_byte
    at = node.start_byte + width
    found: list[Value] = []
    for child in node.named_children:
        if child.kind_id != INTERPOLATION:
            continue
        found.extend(_text(w.text[at : child.start_byte], is_raw))
        found.append(inner_value(w, child))
        at = child.end_byte
    found.extend(_text(w.text[at:end], is_raw))
    return join_text(part for part in found if part != text.EMPTY)


def _text(body: str, is_raw: bool) -> list[Value]:
    """A piece of a string. The grammar misses `$name` behind some texts: it is found here."""
    if "$" not in body:
        return [Lit(text.raw(body) if is_raw else text.decode(body))]
    found: list[Value] = []
    at = 0
    for match in text.DOLLAR_NAME.finditer(body):
        if not is_raw and body[max(0, match.start() - 1) : match.start()] == "\\":
            continue
        piece = body[at : match.start()]
        found.append(Lit(text.raw(piece) if is_raw else text.decode(piece)))
        found.append(Name(match.group(1)))
        at = match.end()
    found.append(Lit(text.raw(body[at:]) if is_raw else text.decode(body[at:])))
    return found


@GRAMMAR.lowers("character_literal")
def lower_character(w: Walk, node: Node) -> Value:
    return Lit(text.decode(w.raw(node)[1:].removesuffix("'")))


@GRAMMAR.lowers("number_literal", "float_literal")
def lower_number(w: Walk, node: Node) -> Value:
    return text.number(w.raw(node)) or unknown(w, node)


@GRAMMAR.lowers("collection_literal")
def lower_collection(w: Walk, node: Node) -> Value:
    return Seq(tuple(value(w, child) for child in parts(w, node)[:MAX_ITEMS]))


# ---------------------------------------------------------------- types


@GRAMMAR.lowers("user_type")
def lower_type(w: Walk, node: Node) -> Value:
    found: Value | None = None
    for child in parts(w, node):
        if child.kind_id == TYPE_ARGUMENTS:
            keys = type_arguments(w, child)
            if found is not None and keys:
                found = Index(found, keys[0] if len(keys) == 1 else Seq(keys))
        elif child.kind_id == IDENTIFIER:
            written = w.name(w.raw(child))
            found = written if found is None else w.builder.member(found, written.id)
    return found if found is not None else unknown(w, node)


@GRAMMAR.lowers("nullable_type", "non_nullable_type", "parenthesized_type", "type_projection")
def lower_wrapped_type(w: Walk, node: Node) -> Value:
    children = [child for child in parts(w, node) if not child.type.endswith("modifiers")]
    return value(w, children[-1]) if children else Name("Any")


@GRAMMAR.lowers("function_type")
def lower_function_type(w: Walk, node: Node) -> Value:
    return other(w, node)


# ---------------------------------------------------------------- operators


SIGNS = frozenset({"+", "-"})


@GRAMMAR.lowers("binary_expression")
def lower_operators(w: Walk, node: Node) -> Value:
    """Left-nested operators without recursion; equal neighbours share one flat value."""
    generic = _generic_call(w, node)
    if generic is not None:
        return generic
    groups: list[tuple[str, list[Node]]] = []
    while node.kind_id == BINARY:
        left, right, operator = (node.child_by_field_id(f) for f in (F_LEFT, F_RIGHT, F_OPERATOR))
        if left is None or right is None or operator is None:
            return other(w, node)
        sign = operator.type
        if sign in SIGNS and operator.start_point[0] > left.end_point[0]:  # a sign on a line of its own begins a statement: `+"Save"`
            for later in (*(r for _, rights in groups for r in rights), right):
                value(w, later)
            return value(w, left)
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
        if sign == "?:":
            result = choice([result, *lowered])
        elif sign == "+" and (is_text(result) or any(is_text(r) for r in lowered)):
            result = join_text([result, *lowered])
        else:
            result = Op(sign, (result, *lowered)[:MAX_ITEMS])
    w.depth = base
    return result


def _generic_call(w: Walk, node: Node) -> Value | None:
    """`get<Order> { ... }` and `get<Order>("/x")`: `(get < Order) > { ... }` for the grammar, where one argument follows."""
    left, right, operator = (node.child_by_field_id(f) for f in (F_LEFT, F_RIGHT, F_OPERATOR))
    if left is None or right is None or operator is None or operator.type != ">" or left.kind_id != BINARY:
        return None
    again = right.kind_id == CALL  # `instance<Orders>("x")()`: what the call gives is called
    outer = right
    inner = parts(w, right) if again else []
    if again and len(inner) == 2 and inner[0].kind_id == IN_BRACKETS and inner[1].kind_id == VALUE_ARGUMENTS:
        right = inner[0]
    given = parts(w, right) if right.kind_id == IN_BRACKETS and right.start_byte == operator.end_byte else []
    if right.kind_id != LAMBDA and len(given) != 1:
        return None
    named, of, sign = (left.child_by_field_id(f) for f in (F_LEFT, F_RIGHT, F_OPERATOR))
    if named is None or of is None or sign is None or sign.type != "<" or w.text[node.start_byte : left.end_byte].count("\n"):
        return None
    callee = value(w, named)
    kind = value(w, of)
    made = add_call(w, node, callee, (Arg(value(w, given[0] if given else right)),), type_args=(kind,))
    return made if right is outer else add_call(w, outer, made, arguments(w, inner[1]))


def choice(found: list[Value]) -> Value:
    """An Alt of the options, those of a nested Alt put in its place."""
    flat: list[Value] = []
    for option in found:
        flat.extend(option.options if type(option) is Alt else (option,))
    return flat[0] if len(flat) == 1 else Alt(tuple(flat[:MAX_ITEMS]))


@GRAMMAR.lowers("unary_expression")
def lower_unary(w: Walk, node: Node) -> Value:
    children = parts(w, node)
    operator = node.child_by_field_id(F_OPERATOR)
    if len(children) != 1 or operator is None:
        return other(w, node)
    if operator.type == "!!":
        return value(w, children[0])
    lowered = value(w, children[0])
    if operator.type == "-" and isinstance(lowered, Lit) and isinstance(lowered.value, int | float):
        return Lit(-lowered.value)
    return Op("not" if operator.type == "!" else operator.type, (lowered,))


@GRAMMAR.lowers("as_expression")
def lower_as(w: Walk, node: Node) -> Value:
    left, right = node.child_by_field_id(F_LEFT), node.child_by_field_id(F_RIGHT)
    if right is not None:
        value(w, right)
    return value(w, left) if left is not None else other(w, node)


@GRAMMAR.lowers("is_expression", "in_expression", "range_expression", "type_test", "range_test")
def lower_test(w: Walk, node: Node) -> Value:
    sign = next((c.type for c in node.children if not c.is_named and c.type in ("is", "!is", "in", "!in", "..", "..<")), "is")
    return Op(sign, tuple(value(w, child) for child in parts(w, node)))
