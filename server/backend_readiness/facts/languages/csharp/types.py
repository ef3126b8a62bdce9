"""Types of C#: `Base<A, B>` is an Index, `T?` is T, `T[]` is `Array<T>`, a tuple type a Seq."""

from __future__ import annotations

from tree_sitter import Node

from backend_readiness.facts.languages.csharp.tree import MAX_ITEMS, Walk, kinds, lowers, other, parts, unknown, value
from backend_readiness.facts.model import Index, Seq, Value

IMPLICIT = kinds("implicit_type")
ARGUMENTS = kinds("type_argument_list")
GENERIC = kinds("generic_name")


def written_type(w: Walk, node: Node | None) -> Value | None:
    """The type as written; None for `var` and where there is none."""
    return value(w, node) if node is not None and node.kind_id not in IMPLICIT else None


def type_arguments(w: Walk, node: Node) -> tuple[Value, ...]:
    """Those of a `generic_name`."""
    lists = [c for c in node.named_children if c.kind_id in ARGUMENTS]
    return tuple(value(w, child) for child in parts(lists[0])[:MAX_ITEMS]) if lists else ()


@lowers("predefined_type", "implicit_type", "discard")
def plain_type(w: Walk, node: Node) -> Value:
    return w.name(w.raw(node))


@lowers("generic_name")
def generic(w: Walk, node: Node) -> Value:
    children = parts(node)
    if not children:
        return unknown(w, node)
    found = type_arguments(w, node)
    base = value(w, children[0])
    return Index(base, found[0] if len(found) == 1 else Seq(found)) if found else base


@lowers("nullable_type", "ref_type", "scoped_type", "pointer_type")
def transparent(w: Walk, node: Node) -> Value:
    children = parts(node)
    return value(w, children[-1]) if children else unknown(w, node)


@lowers("array_type")
def array_type(w: Walk, node: Node) -> Value:
    children = parts(node)
    return Index(w.name("Array"), value(w, children[0])) if children else unknown(w, node)


@lowers("tuple_type")
def tuple_type(w: Walk, node: Node) -> Value:
    found = []
    for child in parts(node)[:MAX_ITEMS]:
        declared = child.child_by_field_name("type")
        found.append(value(w, declared) if declared is not None else other(w, child))
    return Seq(tuple(found))


@lowers("qualified_name", "alias_qualified_name")
def qualified(w: Walk, node: Node) -> Value:
    children = parts(node)
    if len(children) != 2:
        return other(w, node)
    last = children[1]
    if last.kind_id not in GENERIC:
        return w.builder.member(value(w, children[0]), w.name(w.raw(last)).id)
    name = parts(last)[0]
    found = type_arguments(w, last)
    base = w.builder.member(value(w, children[0]), w.name(w.raw(name)).id)
    return Index(base, found[0] if len(found) == 1 else Seq(found)) if found else base


@lowers("typeof_expression")
def type_of(w: Walk, node: Node) -> Value:
    declared = node.child_by_field_name("type")
    return value(w, declared) if declared is not None else unknown(w, node)
