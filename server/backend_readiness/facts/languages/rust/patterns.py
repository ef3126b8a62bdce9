"""Patterns of Rust as targets of assignments.

A pattern around one name is that name: `Some(user)`, `Json(body)`, `ref x`. A pattern with several fields is a Record
(`Order { id, total: sum }`, `Pair(a, b)` with the keys `0` and `1`) or a Seq (tuples, slices). Names in capitals are constants
and bind nothing. The first alternative of `A(x) | B(x)` counts.
"""

from __future__ import annotations

from tree_sitter import Node

from backend_readiness.facts.builder import last_name
from backend_readiness.facts.languages.rust.tree import EXTRAS, MAX_DEPTH, MAX_ITEMS, Walk, kinds, without_extras
from backend_readiness.facts.model import Assign, Name, Record, Seq, Value

_NAME = kinds("identifier", "shorthand_field_identifier")
_INSIDE = kinds("mut_pattern", "ref_pattern", "reference_pattern", "match_pattern", "or_pattern")
_CAPTURED = kinds("captured_pattern")
_TUPLE = kinds("tuple_pattern", "slice_pattern")
_TUPLE_STRUCT = kinds("tuple_struct_pattern")
_STRUCT = kinds("struct_pattern")
_FIELD = kinds("field_pattern")
_PLAIN = kinds("mutable_specifier", "remaining_field_pattern") | EXTRAS


def target(w: Walk, node: Node) -> Value | None:
    """What a pattern binds; None when it binds nothing."""
    if w.depth >= MAX_DEPTH:
        return None
    w.depth += 1
    found = _target(w, node)
    w.depth -= 1
    return found


def _target(w: Walk, node: Node) -> Value | None:
    number = node.kind_id
    if number in _NAME:
        written = w.raw(node)
        if written[:1].isupper() or written == "_":
            return None
        w.lets.add(written)
        return w.name(written)
    if number in _INSIDE or number in _CAPTURED:
        inner = [c for c in node.named_children if c.kind_id not in _PLAIN]
        return target(w, inner[0]) if inner else None
    if number in _TUPLE:
        items = [target(w, c) or Name("") for c in without_extras(node.named_children)[:MAX_ITEMS]]
        return Seq(tuple(items)) if any(i != Name("") for i in items) else None
    if number in _TUPLE_STRUCT:
        head = node.child_by_field_name("type")
        parts = [c for c in node.named_children if c != head and c.kind_id not in EXTRAS]
        if len(parts) == 1:
            return target(w, parts[0])
        fields = [(str(i), t) for i, c in enumerate(parts[:MAX_ITEMS]) if (t := target(w, c)) is not None]
        return Record(tuple(fields)) if fields else None
    if number in _STRUCT:
        named: list[tuple[str | None, Value]] = []
        for child in node.named_children[:MAX_ITEMS]:
            if child.kind_id not in _FIELD:
                continue
            name, pattern = child.child_by_field_name("name"), child.child_by_field_name("pattern")
            bound = target(w, pattern if pattern is not None else name) if name is not None else None
            if name is not None and bound is not None:
                named.append((w.name(w.raw(name)).id, bound))
        return Record(tuple(named)) if named else None
    return None


def bind(w: Walk, pattern: Node, bound: Value | None, declared: Value | None, how: str, end: int) -> None:
    """Record what a pattern binds. The error of an `Err(e)` is not the value that is looked at."""
    found = target(w, pattern)
    if found is None or (found == bound and declared is None):  # `let pool = pool.clone()` is the pool
        return
    inner = pattern.named_children[0] if pattern.type == "match_pattern" and pattern.named_children else pattern
    head = inner.child_by_field_name("type") if inner.kind_id in _TUPLE_STRUCT else None
    if head is not None and w.raw(head) == "Err":
        bound = None
    inside = _variant(w, head) if head is not None and not isinstance(found, Record) else None
    if inside is not None:
        bound, declared = None, inside
    start = w.start(pattern)
    w.builder.assigns.append(Assign(found, bound, declared, w.owner, w.line(start), w.last_line(end), start, end, how))


def keep_variant(w: Walk, body: Node, name: str, types: list[Value]) -> None:
    """Keep what stands in a variant of an enum of the file, for the patterns that take it out."""
    around = body.parent.child_by_field_name("name") if body.parent is not None else None
    if around is not None and len(types) == 1:
        w.variants[w.raw(around), name] = types[0]


def _variant(w: Walk, head: Node) -> Value | None:
    """The type of what `Login::Cookie(cookie)` takes out: a part of the value that is looked at, not the value."""
    path, name = head.child_by_field_name("path"), head.child_by_field_name("name")
    if path is None or name is None:
        return None
    around = w.raw(path)
    around = last_name(w.self_type) or "" if around == "Self" and w.self_type is not None else around
    return w.variants.get((around, w.raw(name)))
