"""The grammar of Kotlin, which names few fields: children are told apart by their kinds."""

from __future__ import annotations

import tree_sitter_kotlin
from tree_sitter import Node

from backend_readiness.facts.languages.jvm.tree import Grammar, Walk

GRAMMAR = Grammar(tree_sitter_kotlin.language(), ("identifier",), ("line_comment", "block_comment"))

ANNOTATED_LAMBDA = GRAMMAR.kind("annotated_lambda")
ANNOTATION = GRAMMAR.kind("annotation")
ANONYMOUS_FUNCTION = GRAMMAR.kind("anonymous_function")
BINARY = GRAMMAR.kind("binary_expression")
BLOCK = GRAMMAR.kind("block")
CALL = GRAMMAR.kind("call_expression")
CLASS_BODIES = GRAMMAR.set_of("class_body", "enum_class_body")
DELEGATION = GRAMMAR.kind("delegation_specifiers")
FUNCTION_BODY = GRAMMAR.kind("function_body")
IDENTIFIER = GRAMMAR.kind("identifier")
IF = GRAMMAR.kind("if_expression")
INDEX = GRAMMAR.kind("index_expression")
INTERPOLATION = GRAMMAR.kind("interpolation")
LABEL = GRAMMAR.kind("label")
LAMBDA = GRAMMAR.kind("lambda_literal")
MODIFIERS = GRAMMAR.set_of("modifiers", "parameter_modifiers", "type_modifiers", "type_parameter_modifiers")
MULTI = GRAMMAR.kind("multi_variable_declaration")
NAVIGATION = GRAMMAR.kind("navigation_expression")
PARENTHESES = GRAMMAR.kind("parenthesized_expression")
TYPES = GRAMMAR.set_of("user_type", "nullable_type", "function_type", "non_nullable_type", "parenthesized_type")
TYPE_ARGUMENTS = GRAMMAR.kind("type_arguments")
TYPE_PARAMETERS = GRAMMAR.kind("type_parameters")
UNARY = GRAMMAR.kind("unary_expression")
USER_TYPE = GRAMMAR.kind("user_type")
VALUE_ARGUMENTS = GRAMMAR.kind("value_arguments")
VARIABLE = GRAMMAR.kind("variable_declaration")

F_CONDITION = GRAMMAR.field("condition")
F_LEFT = GRAMMAR.field("left")
F_NAME = GRAMMAR.field("name")
F_OPERATOR = GRAMMAR.field("operator")
F_RIGHT = GRAMMAR.field("right")


def child_of(node: Node, kinds: int | frozenset[int]) -> Node | None:
    """The first named child of one of the kinds."""
    wanted = (kinds,) if isinstance(kinds, int) else kinds
    return next((child for child in node.named_children if child.kind_id in wanted), None)


def after(w: Walk, node: Node, sign: str) -> list[Node]:
    """The named children that follow a token (`=`, `->`, `by`), without comments."""
    found: list[Node] = []
    seen = False
    for child in node.children:
        if seen and child.is_named and child.kind_id not in w.extras:
            found.append(child)
        elif child.type == sign:
            seen = True
    return found
