"""Composite literals and function literals of Go.

`T{A: x}` and `pkg.T{x}` are calls of kind `new` with the fields as named (or positional) arguments, for elements of
`[]T{{...}}` too. A slice or array is a Seq (an empty one `Op("as", (Lit(None), type))`, as `make` gives it), a map (or any literal
with text keys, such as `gin.H{"a": 1}`) a Record.
"""

from __future__ import annotations

from tree_sitter import Node

from backend_readiness.facts.languages.go.chains import add_call
from backend_readiness.facts.languages.go.tree import MAX_DEPTH, MAX_ITEMS, Walk, lowers, other, parts, unknown, value
from backend_readiness.facts.languages.go.types import lower_type
from backend_readiness.facts.model import ELEMENT, Arg, Func, Index, Lit, Member, Name, Op, Record, Seq, Symbol, Value

_LISTS = ("slice_type", "array_type", "implicit_length_array_type")


@lowers("composite_literal")
def lower_composite(w: Walk, node: Node) -> Value:
    body = node.child_by_field_name("body")
    if body is None:
        return other(w, node)
    return _literal(w, node, body, lower_type(w, node.child_by_field_name("type")))


@lowers("literal_value")
def lower_untyped(w: Walk, node: Node) -> Value:
    return _literal(w, node, node, None)


def _literal(w: Walk, node: Node, body: Node, wanted: Value | None) -> Value:
    if w.depth >= MAX_DEPTH:
        return unknown(w, node)
    w.depth += 1
    lowered = _of_type(w, node, body, wanted)
    w.depth -= 1
    return lowered


def _of_type(w: Walk, node: Node, body: Node, wanted: Value | None) -> Value:
    entries = parts(body)
    keyed = [e for e in entries if e.type == "keyed_element"]
    if isinstance(wanted, Index) and isinstance(wanted.base, Name) and wanted.base.id in ("[]", "map"):
        if wanted.base.id == "[]" and not entries:
            return Op("as", (Lit(None), wanted))
        if wanted.base.id == "[]":
            values = [e.child_by_field_name("value") or e if e.type == "keyed_element" else e for e in entries]
            return Seq(tuple([_element(w, v, wanted.key) for v in values][:MAX_ITEMS]))
        item = wanted.key.items[-1] if isinstance(wanted.key, Seq) and wanted.key.items else None
        return _record(w, entries, item)
    if any(_has_text_key(e) for e in keyed):
        values = [v for e in keyed if (v := e.child_by_field_name("value")) is not None]
        named = isinstance(wanted, Name | Member) and any(_is_untyped(v) for v in values)
        return _record(w, entries, w.builder.member(wanted, ELEMENT) if named and wanted is not None else None)
    if wanted is None:
        if not keyed:
            return Seq(tuple([_element(w, e, None) for e in entries][:MAX_ITEMS]))
        return Record(tuple((a.name, a.value) for a in _fields(w, entries))[:MAX_ITEMS])
    listed = not keyed and isinstance(wanted, Name) and any(_is_untyped(e) for e in entries)
    inner = w.builder.member(wanted, ELEMENT) if listed and isinstance(wanted, Name) else None
    return add_call(w, node, wanted, _fields(w, entries, inner), made=True)


def _is_untyped(entry: Node) -> bool:
    """`{...}` as an element, which only a list leaves without its type."""
    return entry.type == "literal_element" and [n.type for n in parts(entry)] == ["literal_value"]


def _has_text_key(entry: Node) -> bool:
    key = entry.child_by_field_name("key")
    inner = parts(key) if key is not None and key.type == "literal_element" else []
    return bool(inner) and inner[0].type not in ("identifier", "field_identifier")


def _fields(w: Walk, entries: list[Node], inner: Value | None = None) -> tuple[Arg, ...]:
    found: list[Arg] = []
    for entry in entries:
        key, item = entry.child_by_field_name("key"), entry.child_by_field_name("value")
        if entry.type == "keyed_element" and key is not None and item is not None:
            name = w.name(w.raw(key)).id
            w.lambda_name = name
            found.append(Arg(_element(w, item, None), name))
        else:
            found.append(Arg(_element(w, entry, inner)))
        w.lambda_name = ""
    return tuple(found)


def _record(w: Walk, entries: list[Node], wanted: Value | None) -> Record:
    items: list[tuple[str | None, Value]] = []
    computed: list[tuple[Value, Value]] = []
    for entry in entries:
        key, item = entry.child_by_field_name("key"), entry.child_by_field_name("value")
        if key is None or item is None:
            value(w, entry)
            continue
        name, bound = value(w, key), _element(w, item, wanted)
        if type(name) is Lit and isinstance(name.value, str):
            items.append((name.value, bound))
        else:
            computed.append((name, bound))
    return Record(tuple(items[:MAX_ITEMS]), tuple(computed[:MAX_ITEMS]))


def _element(w: Walk, node: Node, wanted: Value | None) -> Value:
    """An element; `{...}` without a type has that of the list or map around it."""
    inner = parts(node) if node.type == "literal_element" else [node]
    if len(inner) == 1 and inner[0].type == "literal_value":
        return _literal(w, inner[0], inner[0], wanted)
    return value(w, inner[0]) if len(inner) == 1 else other(w, node)


@lowers("func_literal")
def lower_function(w: Walk, node: Node) -> Value:
    from backend_readiness.facts.languages.go.definitions import signature
    from backend_readiness.facts.languages.go.regrouped import function_body
    from backend_readiness.facts.languages.go.tree import body_of

    name, w.lambda_name = w.lambda_name, ""
    start, end = node.start_byte, node.end_byte
    symbol = w.builder.add_symbol(Symbol("lambda", name, w.owner, w.line(start), w.last_line(end), start, end))
    body = node.child_by_field_name("body")
    outer = w.owner, w.receiver, w.results
    w.owner = symbol
    params, returns, w.results = signature(w, node)
    if w.receiver in {p.name for p in params}:
        w.receiver = None
    w.builder.amend(symbol, params=params, returns=returns, statements=len(body_of(body)))
    function_body(w, body)
    w.owner, w.receiver, w.results = outer
    return Func(symbol)
