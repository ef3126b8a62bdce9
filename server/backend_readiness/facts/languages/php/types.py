"""Types as values: classes only, since what is `int` or `array` leads nowhere."""

from __future__ import annotations

from tree_sitter import Node

from backend_readiness.facts.languages.php.names import TYPES, class_name
from backend_readiness.facts.languages.php.tree import NAMES, Walk
from backend_readiness.facts.model import Alt, Name, Value


def type_value(w: Walk, node: Node | None, depth: int = 0) -> Value | None:
    """`?Order`, `Order|null`, `Order&Countable`; a plain type is its Name (`int`), a union of several an Alt."""
    if node is None or depth > 6:
        return None
    kind = node.type
    if kind in ("primitive_type", "bottom_type") or node.kind_id in NAMES:
        written = w.raw(node)
        return Name(written.lower()) if written.lower() in TYPES else class_name(w, written)
    found = [t for c in node.named_children if (t := type_value(w, c, depth + 1)) is not None]
    if kind in ("union_type", "type_list", "disjunctive_normal_form_type"):
        found = [t for t in found if t not in (Name("null"), Name("false"))] or found
    return None if not found else found[0] if len(found) == 1 else Alt(tuple(found))


def is_plain(value: Value | None) -> bool:
    """Does a type say no class (`array`, `mixed`)?"""
    return value is None or (isinstance(value, Name) and value.id in TYPES)
