"""Literals of C#: constants, strings in all their notations, arrays and collections that are written out."""

from __future__ import annotations

import re

from tree_sitter import Node

from backend_readiness.facts.languages.csharp.tree import MAX_ITEMS, Walk, inner, kinds, lowers, parts, unknown, value
from backend_readiness.facts.languages.text import MAX_LITERAL_CHARS, join_text, plain
from backend_readiness.facts.model import Lit, Op, Record, Seq, Value

INTERPOLATION = kinds("interpolation")
START = kinds("interpolation_start")
QUOTE = kinds("interpolation_quote")
FORMAT = kinds("interpolation_format_clause", "interpolation_alignment_clause", "interpolation_brace")
ASSIGNMENT = kinds("assignment_expression")
INITIALIZER = kinds("initializer_expression")
_ELEMENTS = ("collection_element", "expression_element")
BINDING = kinds("element_binding_expression")
_ESCAPE = re.compile(r"\\(?:(['\"\\abefnrtv])|0|x([0-9a-fA-F]{1,4})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8}))")
_SIMPLE = {"a": "\a", "b": "\b", "e": "\x1b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v"}
_NUMBER = re.compile(r"(0[xX][0-9a-fA-F]+|0[bB][01]+|\d*\.?\d+(?:[eE][+-]?\d+)?|\d+\.)([a-zA-Z]{0,3})")


def unescaped(body: str) -> str:
    """The text of the body of a plain string literal, at most `MAX_LITERAL_CHARS` characters."""
    body = plain(body[: MAX_LITERAL_CHARS * 4])
    return (_ESCAPE.sub(_character, body) if "\\" in body else body)[:MAX_LITERAL_CHARS]


def _character(match: re.Match[str]) -> str:
    simple, *codes = match.groups()
    if simple:
        return _SIMPLE.get(simple, simple)
    code = int(next((c for c in codes if c), "0"), 16)
    return "\ufffd" if code > 0x10FFFF or 0xD800 <= code <= 0xDFFF else chr(code)


@lowers("string_literal", "character_literal")
def string(w: Walk, node: Node) -> Value:
    raw = w.raw(node)
    body = raw[1:].removesuffix("u8").removesuffix("U8")
    return Lit(unescaped(body[:-1] if body.endswith(raw[:1]) else body))


@lowers("verbatim_string_literal")
def verbatim(w: Walk, node: Node) -> Value:
    return Lit(plain(w.raw(node)[2:-1]).replace('""', '"')[:MAX_LITERAL_CHARS])


@lowers("raw_string_literal")
def raw_string(w: Walk, node: Node) -> Value:
    raw = w.raw(node)
    quotes = len(raw) - len(raw.lstrip('"'))
    return Lit(plain(raw[quotes : len(raw) - quotes])[:MAX_LITERAL_CHARS])


@lowers("interpolated_string_expression")
def interpolated(w: Walk, node: Node) -> Value:
    """`$"a{b}"` in all notations; the text between the holes is taken from the source, so nothing of it is lost."""
    children = node.children
    start = w.raw(children[0]) if children and children[0].kind_id in START else "$"
    is_raw = any(c.kind_id in QUOTE and c.end_byte - c.start_byte >= 3 for c in children[1:2])
    is_plain = "@" not in start and not is_raw
    at = children[1].end_byte if len(children) > 1 else node.end_byte
    end = children[-1].start_byte if len(children) > 2 else node.end_byte
    found: list[Value] = []
    for child in children:
        if child.kind_id in INTERPOLATION:
            found.append(_text(w.text[at : child.start_byte], is_plain))
            found.append(_hole(w, child))
            at = child.end_byte
    found.append(_text(w.text[at : max(at, end)], is_plain))
    return join_text(found)


def _text(body: str, is_plain: bool) -> Lit:
    text = unescaped(body) if is_plain else plain(body).replace('""', '"')[:MAX_LITERAL_CHARS]
    return Lit(text.replace("{{", "{").replace("}}", "}"))


def _hole(w: Walk, node: Node) -> Value:
    inside = [c for c in parts(node) if c.kind_id not in FORMAT]
    return value(w, inside[0]) if inside else unknown(w, node)


@lowers("integer_literal", "real_literal")
def number(w: Walk, node: Node) -> Value:
    match = _NUMBER.fullmatch(w.raw(node).replace("_", "")[:60])
    if match is None:
        return unknown(w, node)
    digits = match.group(1)
    if digits.isdecimal() or digits[:2].lower() in ("0x", "0b"):
        found = int(digits, 10 if digits.isdecimal() else 0)
        return Lit(found) if found < 2**63 else unknown(w, node)
    real = float(digits)
    return Lit(real) if real < float("inf") else unknown(w, node)


@lowers("boolean_literal")
def boolean(w: Walk, node: Node) -> Value:
    return Lit(w.raw(node) == "true")


@lowers("null_literal", "default_expression")
def nothing(w: Walk, node: Node) -> Value:
    return Lit(None)


@lowers("collection_expression", "tuple_expression")
def sequence(w: Walk, node: Node) -> Value:
    listed, w.listed = w.listed, None
    found: list[Value] = []
    for child in parts(node)[:MAX_ITEMS]:
        w.wanted = listed if node.type == "collection_expression" and _makes(child) else None
        found.append(inner(w, child))
    w.wanted = None
    return Seq(tuple(found))


def _makes(node: Node) -> bool:
    """`new("/orders")`, whose type is that of the list around it."""
    return node.type == "implicit_object_creation_expression" or any(_makes(c) for c in parts(node)[:1] if node.type in _ELEMENTS)


@lowers("collection_element", "expression_element")
def element(w: Walk, node: Node) -> Value:
    return inner(w, node)


@lowers("spread_element")
def spread(w: Walk, node: Node) -> Value:
    return Op("*", (inner(w, node),))


@lowers("initializer_expression")
def initializer(w: Walk, node: Node) -> Value:
    """`{ 1, 2 }` is a Seq; `{ ["a"] = 1 }`, `{ { "a", 1 } }` and `{ A = 1 }` are a Record."""
    listed, w.listed = w.listed, None
    children = parts(node)
    pairs: list[tuple[Value, Value]] = []
    for child in children[:MAX_ITEMS]:
        pair = _pair(w, child)
        if pair is None:
            break
        pairs.append(pair)
    if pairs and len(pairs) == len(children[:MAX_ITEMS]):
        texts = tuple((k.value, v) for k, v in pairs if isinstance(k, Lit) and isinstance(k.value, str))
        return Record(texts, tuple((k, v) for k, v in pairs if not (isinstance(k, Lit) and isinstance(k.value, str))))
    found: list[Value] = []
    for child in children[:MAX_ITEMS]:
        w.wanted = listed if _makes(child) else None
        found.append(value(w, child))
    w.wanted = None
    return Seq(tuple(found))


def _pair(w: Walk, node: Node) -> tuple[Value, Value] | None:
    children = parts(node)
    if len(children) != 2:
        return None
    left, right = children
    if node.kind_id in INITIALIZER:
        return value(w, left), value(w, right)
    if node.kind_id not in ASSIGNMENT:
        return None
    if left.kind_id in BINDING:
        keys = parts(left)
        return (inner(w, keys[0]) if keys else unknown(w, left)), value(w, right)
    return Lit(plain(w.raw(left))), value(w, right)


@lowers("implicit_array_creation_expression", "array_creation_expression", "stackalloc_expression", "implicit_stackalloc_expression")
def array(w: Walk, node: Node) -> Value:
    written = next((c for c in parts(node) if c.kind_id in INITIALIZER), None)
    return value(w, written) if written is not None else unknown(w, node)
