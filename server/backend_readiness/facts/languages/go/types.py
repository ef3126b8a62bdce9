"""Types of Go as values.

A pointer is the type it points to. `[]T`, `[n]T` and `chan T` are `Index(Name("[]"), T)`, `map[K]V` is
`Index(Name("map"), Seq((K, V)))`, `func(...)` is `Name("func")`, several results are a Seq. A struct or interface that is
written in place is a Func of its symbol.
"""

from __future__ import annotations

from tree_sitter import Node

from backend_readiness.facts.languages.go.tree import MAX_DEPTH, Walk, parts, unknown, value
from backend_readiness.facts.model import Func, Index, Name, Seq, Value

_WRAPPERS = {"pointer_type", "parenthesized_type", "negated_type", "type_elem", "type_constraint"}
_LISTS = {"slice_type", "array_type", "implicit_length_array_type"}


def lower_type(w: Walk, node: Node | None) -> Value | None:
    """The type that a node writes; None where there is none."""
    if node is None:
        return None
    while node.type in _WRAPPERS:
        inner = parts(node)
        if len(inner) != 1:
            return unknown(w, node)
        node = inner[0]
    if w.depth >= MAX_DEPTH:
        return unknown(w, node)
    w.depth += 1
    lowered = _lower(w, node)
    w.depth -= 1
    return lowered


def _lower(w: Walk, node: Node) -> Value:
    kind = node.type
    if kind in ("type_identifier", "identifier", "package_identifier"):
        return w.name(w.raw(node))
    if kind == "qualified_type":
        package, name = node.child_by_field_name("package"), node.child_by_field_name("name")
        if package is not None and name is not None:
            return w.builder.member(w.name(w.raw(package)), w.name(w.raw(name)).id)
    if kind in _LISTS:
        return Index(Name("[]"), lower_type(w, node.child_by_field_name("element")) or Name("any"))
    if kind == "channel_type":
        return Index(Name("[]"), lower_type(w, node.child_by_field_name("value")) or Name("any"))
    if kind == "map_type":
        key, item = lower_type(w, node.child_by_field_name("key")), lower_type(w, node.child_by_field_name("value"))
        return Index(Name("map"), Seq((key or Name("any"), item or Name("any"))))
    if kind == "generic_type":
        base = lower_type(w, node.child_by_field_name("type"))
        keys = type_arguments(w, node.child_by_field_name("type_arguments"))
        return Index(base or unknown(w, node), keys[0] if len(keys) == 1 else Seq(tuple(keys)))
    if kind == "function_type":
        return Name("func")
    if kind == "parameter_list":
        return Seq(tuple(result_types(w, node)))
    if kind in ("struct_type", "interface_type"):
        from backend_readiness.facts.languages.go.definitions import written_type

        return Func(written_type(w, node, ""))
    return value(w, node) if kind == "selector_expression" else unknown(w, node)


def type_arguments(w: Walk, node: Node | None) -> list[Value]:
    return [lowered for child in parts(node) if (lowered := lower_type(w, child)) is not None]


def result_types(w: Walk, node: Node) -> list[Value]:
    """One type for each result of a list, named or not."""
    found: list[Value] = []
    for child in parts(node):
        lowered = lower_type(w, child.child_by_field_name("type")) or unknown(w, child)
        found.extend([lowered] * max(1, len(child.children_by_field_name("name"))))
    return found
