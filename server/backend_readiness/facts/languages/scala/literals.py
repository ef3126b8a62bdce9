"""Literals, interpolated strings and types of Scala.

Choices the model leaves open: `s"..."`, `f"..."` and `raw"..."` are text put together, every other interpolator (`sql"..."`) is a tagged
template; a function type is Unknown; `=> T` and `T*` are T; `A with B` is A.
"""

from __future__ import annotations

from tree_sitter import Node

from backend_readiness.facts.languages.jvm import text
from backend_readiness.facts.languages.jvm.tree import MAX_DEPTH, MAX_ITEMS, Walk, other, parts, unknown, value
from backend_readiness.facts.languages.scala.grammar import F_INTERPOLATOR, F_TYPE, GRAMMAR, TYPE_ARGUMENTS, child_of
from backend_readiness.facts.languages.text import join_text
from backend_readiness.facts.model import Arg, Call, CallRef, Index, Lit, Name, Seq, Value

WORDS: dict[str, Value] = {"this": Name("self")}
PLAIN_TEXTS = frozenset(("s", "f", "raw"))
INTERPOLATION = GRAMMAR.set_of("interpolation")
INTERPOLATED = GRAMMAR.set_of("interpolated_string")


@GRAMMAR.lowers("string")
def lower_string(w: Walk, node: Node) -> Value:
    written = w.raw(node)
    if written.startswith('"""'):
        return Lit(text.raw(written[3:].removesuffix('"""')))
    return Lit(text.decode(written[1:].removesuffix('"')))


@GRAMMAR.lowers("interpolated_string_expression")
def lower_interpolated(w: Walk, node: Node) -> Value:
    interpolator = node.child_by_field_id(F_INTERPOLATOR)
    body = child_of(node, INTERPOLATED)
    if interpolator is None or body is None:
        return other(w, node)
    joined = _joined(w, body)
    if w.raw(interpolator) in PLAIN_TEXTS:
        return joined
    start, end = node.start_byte, node.end_byte
    callee = value(w, interpolator)
    return CallRef(w.builder.add_call(Call(callee, (Arg(joined),), w.owner, w.line(start), w.last_line(end), start, end, "template")))


def _joined(w: Walk, node: Node) -> Value:
    written = w.raw(node)
    is_raw = written.startswith('"""')
    width = 3 if is_raw else 1
    end = node.end_byte - width if written.endswith('"' * width) and len(written) >= 2 * width else node.end_byte
    at = node.start_byte + width
    found: list[Value] = []
    for child in node.named_children:
        if child.kind_id in INTERPOLATION:
            found.append(_text(w.text[at : child.start_byte], is_raw))
            inner = parts(w, child)
            found.append(value(w, inner[0]) if len(inner) == 1 else other(w, child))
            at = child.end_byte
    found.append(_text(w.text[at:end], is_raw))
    return join_text(part for part in found if part != text.EMPTY)


def _text(body: str, is_raw: bool) -> Value:
    body = body.replace("$$", "$")
    return Lit(text.raw(body) if is_raw else text.decode(body))


@GRAMMAR.lowers("character_literal")
def lower_character(w: Walk, node: Node) -> Value:
    return Lit(text.decode(w.raw(node)[1:].removesuffix("'")))


@GRAMMAR.lowers("integer_literal", "floating_point_literal")
def lower_number(w: Walk, node: Node) -> Value:
    return text.number(w.raw(node)) or unknown(w, node)


@GRAMMAR.lowers("boolean_literal")
def lower_boolean(w: Walk, node: Node) -> Value:
    return Lit(w.raw(node) == "true")


@GRAMMAR.lowers("null_literal")
def lower_null(w: Walk, node: Node) -> Value:
    return Lit(None)


@GRAMMAR.lowers("unit")
def lower_unit(w: Walk, node: Node) -> Value:
    return Seq(())


@GRAMMAR.lowers("wildcard")
def lower_wildcard(w: Walk, node: Node) -> Value:
    return w.name("_")


# ---------------------------------------------------------------- types


@GRAMMAR.lowers("generic_type", "applied_constructor_type")
def lower_generic_type(w: Walk, node: Node) -> Value:
    children = parts(w, node)
    if not children:
        return unknown(w, node)
    base = value(w, children[0])
    given = child_of(node, TYPE_ARGUMENTS)
    keys = type_arguments(w, given) if given is not None else ()
    return Index(base, keys[0] if len(keys) == 1 else Seq(keys)) if keys else base


def type_arguments(w: Walk, node: Node | None) -> tuple[Value, ...]:
    return tuple(value(w, child) for child in parts(w, node)[:MAX_ITEMS])


@GRAMMAR.lowers("stable_type_identifier", "stable_identifier", "projected_type")
def lower_path(w: Walk, node: Node) -> Value:
    """`a.b.C`, `A#B`, nested to the left, without recursion."""
    names: list[str] = []
    while node.named_child_count == 2:
        names.append(w.name(w.raw(node.named_children[1])).id)
        node = node.named_children[0]
        if node.kind_id in w.identifiers:
            break
    base: Value = value(w, node) if node.kind_id in w.identifiers else unknown(w, node)
    if len(names) > MAX_DEPTH:
        return unknown(w, node)
    for name in reversed(names):
        base = w.builder.member(base, name)
    return base


FIRST_OF = ("compound_type", "annotated_type", "structural_type", "singleton_type", "lazy_parameter_type", "repeated_parameter_type")


@GRAMMAR.lowers(*FIRST_OF, "literal_type")
def lower_first_type(w: Walk, node: Node) -> Value:
    children = parts(w, node)
    return value(w, children[0]) if children else unknown(w, node)


@GRAMMAR.lowers("tuple_type")
def lower_tuple_type(w: Walk, node: Node) -> Value:
    return Seq(type_arguments(w, node))


@GRAMMAR.lowers("function_type", "match_type", "type_lambda", "existential_type")
def lower_function_type(w: Walk, node: Node) -> Value:
    return unknown(w, node)


@GRAMMAR.lowers("infix_type")
def lower_infix_type(w: Walk, node: Node) -> Value:
    return unknown(w, node)


def declared_type(w: Walk, node: Node) -> Value | None:
    """The type that is written for a declaration."""
    written = node.child_by_field_id(F_TYPE)
    return value(w, written) if written is not None else None
