"""Property keys, and the patterns that declarations, parameters and assignments bind.

`{a: b = 1, c, ...d}` is `Record((("a", b), ("c", c), (None, d)))`, `[a, , ...b]` is `Seq((a, Unknown(""), Op("*", (b,))))`.
Defaults are walked for their calls and then dropped.
"""

from __future__ import annotations

from collections.abc import Iterator

from tree_sitter import Node

from backend_readiness.facts.languages.javascript.text import decode_string
from backend_readiness.facts.languages.javascript.walk import MAX_ITEMS, MAX_NAME_CHARS, NOTHING, Walk, inner, lowers, unknown, value
from backend_readiness.facts.model import Name, Op, Record, Seq, Value


def key(w: Walk, node: Node) -> str | None:
    """The name of a property, or None for a computed one."""
    written = w.raw(node)
    if written.startswith(("'", '"')):
        name = decode_string(written[1:-1])[:MAX_NAME_CHARS]
        w.builder.names.add(name)
        return name
    return None if written.startswith("[") else w.word(node)


def computed_key(w: Walk, node: Node) -> Value:
    found = inner(w, node)
    return value(w, found) if found is not None else unknown(w, node)


def bound_names(pattern: Value) -> Iterator[str]:
    """The names that a lowered pattern binds, in source order."""
    if isinstance(pattern, Name):
        yield pattern.id
    elif isinstance(pattern, Record):
        for _, item in pattern.items:
            yield from bound_names(item)
        for _, item in pattern.computed:
            yield from bound_names(item)
    elif isinstance(pattern, Seq):
        for item in pattern.items:
            yield from bound_names(item)
    elif isinstance(pattern, Op) and pattern.op == "*":
        yield from bound_names(pattern.operands[0])


@lowers("shorthand_property_identifier_pattern", "shorthand_property_identifier")
def shorthand(w: Walk, node: Node) -> Value:
    return w.name(w.raw(node))


@lowers("assignment_pattern", "object_assignment_pattern")
def with_default(w: Walk, node: Node) -> Value:
    left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
    target = value(w, left) if left is not None else unknown(w, node)
    if right is not None:
        value(w, right)
    return target


@lowers("rest_pattern")
def rest(w: Walk, node: Node) -> Value:
    found = inner(w, node)
    return Op("*", (value(w, found),)) if found is not None else unknown(w, node)


@lowers("object_pattern")
def object_pattern(w: Walk, node: Node) -> Value:
    items: list[tuple[str | None, Value]] = []
    computed: list[tuple[Value, Value]] = []
    for child in node.named_children[:MAX_ITEMS]:
        if child.kind_id == w.comment_kind:
            continue
        name, target = child.child_by_field_name("key"), child.child_by_field_name("value")
        if name is not None and target is not None:
            written = key(w, name)
            if written is None:
                computed.append((computed_key(w, name), value(w, target)))
            else:
                items.append((written, value(w, target)))
            continue
        lowered = value(w, child)
        if isinstance(lowered, Op):
            items.append((None, lowered.operands[0]))
        elif isinstance(lowered, Name):
            items.append((lowered.id, lowered))
    return Record(tuple(items), tuple(computed))


@lowers("array_pattern")
def array_pattern(w: Walk, node: Node) -> Value:
    items: list[Value] = []
    hole = True
    for child in node.children[: MAX_ITEMS * 2]:
        if child.is_named:
            if child.kind_id != w.comment_kind:
                items.append(value(w, child))
                hole = False
        elif child.type == ",":
            if hole:
                items.append(NOTHING)
            hole = True
    return Seq(tuple(items))
