"""Type annotations lowered to values: names, generics as Index, unions as Alt, literals as Lit, object types as Record."""

from __future__ import annotations

import re

from tree_sitter import Node

from backend_readiness.facts.languages.javascript.patterns import key
from backend_readiness.facts.languages.javascript.walk import MAX_ITEMS, Walk, inner, lowers, unknown, value
from backend_readiness.facts.model import Alt, Index, Member, Name, Op, Record, Seq, Value

MAX_AROUND = 60
MAX_VARIABLES = 8
_VARIABLE = re.compile(r"[A-Z]\d?|T[A-Z]\w{0,40}")  # how type variables are written: `T`, `T1`, `TApp`
_NAMED = frozenset({"type_identifier", "generic_type", "nested_type_identifier"})


def annotation(w: Walk, node: Node | None) -> Value | None:
    """The type of a `: T` node, or None where there is none."""
    return value(w, node) if node is not None else None


def type_arguments(w: Walk, node: Node | None) -> tuple[Value, ...]:
    if node is None:
        return ()
    return tuple(value(w, child) for child in node.named_children[:MAX_ITEMS] if child.kind_id != w.comment_kind)


def generic(base: Value, args: tuple[Value, ...]) -> Value:
    if not args:
        return base
    return Index(base, args[0] if len(args) == 1 else Seq(args))


@lowers("type_identifier", "predefined_type")
def type_name(w: Walk, node: Node) -> Value:
    name = w.raw(node)
    bound = _bound(w, node, name) if _VARIABLE.fullmatch(name) else None
    return value(w, bound) if bound is not None else w.name(name)


def _bound(w: Walk, node: Node, name: str) -> Node | None:
    """What a type variable stands for at least, by the nearest declaration around: `T` in `<T extends Router>(app: T) => ...`."""
    around = node.parent
    for _ in range(MAX_AROUND):
        if around is None:
            return None
        if around.type == "type_parameter":
            return None
        declared = around.child_by_field_name("type_parameters")
        for parameter in declared.named_children[:MAX_VARIABLES] if declared is not None else ():
            said = parameter.child_by_field_name("name")
            if said is not None and w.raw(said) == name:
                bound = parameter.child_by_field_name("constraint")
                found = inner(w, bound) if bound is not None else None
                return found if found is not None and found.type in _NAMED else None
        around = around.parent
    return None


@lowers("this_type")
def this_type(w: Walk, node: Node) -> Value:
    return Name("self")


@lowers("type_annotation", "parenthesized_type", "readonly_type", "optional_type", "rest_type", "literal_type", "default_type",
        "constraint", "omitting_type_annotation", "adding_type_annotation", "opting_type_annotation", "flow_maybe_type")  # fmt: skip
def transparent_type(w: Walk, node: Node) -> Value:
    found = inner(w, node)
    return value(w, found) if found is not None else unknown(w, node)


@lowers("generic_type")
def generic_type(w: Walk, node: Node) -> Value:
    name = node.child_by_field_name("name") or inner(w, node)
    base = value(w, name) if name is not None else unknown(w, node)
    return generic(base, type_arguments(w, node.child_by_field_name("type_arguments")))


@lowers("nested_type_identifier", "nested_identifier")
def nested_name(w: Walk, node: Node) -> Value:
    base = node.child_by_field_name("module") or node.child_by_field_name("object")
    name = node.child_by_field_name("name") or node.child_by_field_name("property")
    if base is None or name is None:
        return unknown(w, node)
    return Member(value(w, base), w.word(name))


@lowers("array_type")
def array_type(w: Walk, node: Node) -> Value:
    found = inner(w, node)
    return Index(w.name("Array"), value(w, found)) if found is not None else unknown(w, node)


@lowers("tuple_type")
def tuple_type(w: Walk, node: Node) -> Value:
    return Seq(type_arguments(w, node))


@lowers("required_parameter", "optional_parameter")
def tuple_member(w: Walk, node: Node) -> Value:
    """`a: A` in a tuple type; the parameters of functions are met by `functions`."""
    return annotation(w, node.child_by_field_name("type")) or unknown(w, node)


def parts_of(w: Walk, node: Node) -> list[Node]:
    """The types of `A | B | C` or `A & B & C`, which the grammar nests to the left: as deep as the type is long."""
    kind = node.kind_id
    members: list[Node] = []
    left: Node | None = node
    while left is not None and left.kind_id == kind:
        parts = [child for child in left.named_children if child.kind_id != w.comment_kind]
        members.extend(reversed(parts[1:]))
        left = parts[0] if parts else None
    if left is not None:
        members.append(left)
    return members[-MAX_ITEMS:][::-1]


@lowers("union_type", "intersection_type")
def union_type(w: Walk, node: Node) -> Value:
    kind = node.kind_id
    options = tuple(value(w, member) for member in parts_of(w, node))
    if len(options) == 1:
        return options[0]
    return Op("&", options) if kind in w.kinds["intersection_type"] else Alt(options)


@lowers("type_query", "index_type_query")
def type_query(w: Walk, node: Node) -> Value:
    found = inner(w, node)
    operator = "typeof" if node.kind_id in w.kinds["type_query"] else "keyof"
    return Op(operator, (_queried(w, found),)) if found is not None else unknown(w, node)


def _queried(w: Walk, node: Node) -> Value:
    """`typeof orders.prototype.find`: there the grammar gives a member the field `property` of what it is a member of."""
    names: list[Node] = []
    at = node
    while at.type == "member_expression" and at.named_child_count > 1 and len(names) < MAX_ITEMS:
        names.append(at.named_children[-1])
        at = at.named_children[0]
    lowered = value(w, at)
    for name in reversed(names):
        lowered = Member(lowered, w.word(name))
    return lowered


@lowers("lookup_type")
def lookup_type(w: Walk, node: Node) -> Value:
    parts = type_arguments(w, node)
    return Index(parts[0], parts[1]) if len(parts) == 2 else unknown(w, node)


@lowers("object_type")
def object_type(w: Walk, node: Node) -> Value:
    items: list[tuple[str | None, Value]] = []
    for child in node.named_children[:MAX_ITEMS]:
        name = child.child_by_field_name("name")
        written = key(w, name) if name is not None and child.type in ("property_signature", "method_signature") else None
        if written is not None:
            items.append((written, annotation(w, child.child_by_field_name("type")) or unknown(w, child)))
    return Record(tuple(items))


@lowers("function_type", "constructor_type", "conditional_type", "mapped_type_clause", "template_literal_type", "infer_type",
        "type_predicate", "type_predicate_annotation", "asserts", "asserts_annotation", "existential_type", "index_signature",
        "call_signature", "construct_signature")  # fmt: skip
def opaque_type(w: Walk, node: Node) -> Value:
    return unknown(w, node)
