"""The patterns of `case`: literals and dotted names as such, alternatives as an Alt, a class pattern as its class."""

from __future__ import annotations

from tree_sitter import Node

from backend_readiness.facts.languages.python.operators import choice
from backend_readiness.facts.languages.python.tree import EXTRAS, IDENTIFIER, Walk, lowers, other, unknown, value, without_extras
from backend_readiness.facts.model import Lit, Value


@lowers("case_pattern", "union_pattern")
def lower_pattern(w: Walk, node: Node) -> Value:
    options: list[Value] = []
    negative = False
    for child in node.children:
        if child.is_named and child.kind_id not in EXTRAS:
            option = value(w, child)
            if negative and isinstance(option, Lit) and isinstance(option.value, int | float):
                option = Lit(-option.value)
            options.append(option)
        elif child.type == "_":
            options.append(w.name("_"))
        negative = child.type == "-"
    if not options:
        return unknown(w, node)
    return options[0] if len(options) == 1 else choice(options)


@lowers("dotted_name")
def lower_dotted(w: Walk, node: Node) -> Value:
    parts = [child for child in node.named_children if child.kind_id == IDENTIFIER]
    if not parts or len(parts) > 20:
        return unknown(w, node)
    result: Value = value(w, parts[0])
    for part in parts[1:]:
        result = w.builder.member(result, w.name(w.raw(part)).id)
    return result


@lowers("class_pattern")
def lower_class_pattern(w: Walk, node: Node) -> Value:
    children = without_extras(node.named_children)
    for child in children[1:]:
        value(w, child)
    return value(w, children[0]) if children else other(w, node)
