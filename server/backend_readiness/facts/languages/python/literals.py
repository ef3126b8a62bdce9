"""Literals of Python: constants, strings, and the collections that are written out.

`*x` inside a sequence or pattern is `Op("*", (x,))`.
"""

from __future__ import annotations

from tree_sitter import Node

from backend_readiness.facts.languages.python import text
from backend_readiness.facts.languages.python.chains import named_value
from backend_readiness.facts.languages.python.tree import (
    EXTRAS,
    F_EXPRESSION,
    MAX_ITEMS,
    Walk,
    inner_value,
    kind,
    lowers,
    other,
    unknown,
    value,
    without_extras,
)
from backend_readiness.facts.languages.text import join_text
from backend_readiness.facts.model import Lit, Op, Record, Seq, Value

DICT_SPLAT = kind("dictionary_splat")
PAIR = kind("pair")
INTERPOLATION = kind("interpolation")
PLAIN_LITERALS = frozenset(kind(name) for name in ("string", "integer", "float", "true", "false", "none"))
TRUE, FALSE, NONE = Lit(True), Lit(False), Lit(None)


@lowers("true")
def lower_true(w: Walk, node: Node) -> Value:
    return TRUE


@lowers("false")
def lower_false(w: Walk, node: Node) -> Value:
    return FALSE


@lowers("none")
def lower_none(w: Walk, node: Node) -> Value:
    return NONE


@lowers("integer", "float")
def lower_number(w: Walk, node: Node) -> Value:
    return text.number(w.raw(node)) or unknown(w, node)


@lowers("string")
def lower_string(w: Walk, node: Node) -> Value:
    raw = w.raw(node)
    prefix, quote, width = text.string_shape(raw)
    is_raw = "r" in prefix
    end = len(raw) - len(quote) if raw.endswith(quote, width) else len(raw)
    if "f" not in prefix and "t" not in prefix:
        return Lit(text.decode_body(raw[width:end], is_raw))
    parts: list[Value] = []
    at, base = width, node.start_byte
    for child in node.named_children:
        if child.kind_id != INTERPOLATION:
            continue
        parts.append(_template_text(raw[at : child.start_byte - base], is_raw))
        expression = child.child_by_field_id(F_EXPRESSION)
        parts.append(value(w, expression) if expression is not None else other(w, child))
        at = child.end_byte - base
    parts.append(_template_text(raw[at:end], is_raw))
    return join_text(parts)


def _template_text(body: str, is_raw: bool) -> Lit:
    return Lit(text.decode_body(body.replace("{{", "{").replace("}}", "}"), is_raw))


@lowers("concatenated_string")
def lower_adjacent_strings(w: Walk, node: Node) -> Value:
    return join_text([value(w, child) for child in without_extras(node.named_children)])


@lowers("list_splat", "list_splat_pattern", "splat_type", "dictionary_splat_pattern")
def lower_splat(w: Walk, node: Node) -> Value:
    return Op("*", (inner_value(w, node),))


@lowers("list", "tuple", "set", "expression_list", "pattern_list", "list_pattern", "tuple_pattern")
def lower_sequence(w: Walk, node: Node) -> Value:
    items: list[Value] = []
    for child in node.named_children:
        number = child.kind_id
        if number in EXTRAS:
            continue
        if len(items) < MAX_ITEMS:
            items.append(value(w, child))
        elif number not in PLAIN_LITERALS:
            value(w, child)
    return Seq(tuple(items))


@lowers("dictionary")
def lower_dict(w: Walk, node: Node) -> Value:
    items: list[tuple[str | None, Value]] = []
    computed: list[tuple[Value, Value]] = []
    for child in node.named_children:
        number = child.kind_id
        if number == PAIR:
            key, item = pair(w, child)
            if type(key) is Lit and isinstance(key.value, str):
                items.append((key.value, item))
            else:
                computed.append((key, item))
        elif number == DICT_SPLAT:
            items.append((None, inner_value(w, child)))
        elif number not in EXTRAS:
            value(w, child)
    return Record(tuple(items[:MAX_ITEMS]), tuple(computed[:MAX_ITEMS]))


def pair(w: Walk, node: Node) -> tuple[Value, Value]:
    parts = without_extras(node.named_children)
    if len(parts) != 2:
        return other(w, node), unknown(w, node)
    key = value(w, parts[0])
    return key, named_value(w, parts[1], key.value if type(key) is Lit and isinstance(key.value, str) else "")


@lowers("pair")
def lower_lonepair(w: Walk, node: Node) -> Value:
    return Record((), (pair(w, node),))
