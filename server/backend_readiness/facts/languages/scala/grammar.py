"""The grammar of Scala, 2 and 3: its kinds and fields."""

from __future__ import annotations

import tree_sitter_scala
from tree_sitter import Node

from backend_readiness.facts.languages.jvm.tree import Grammar

IDENTIFIERS = ("identifier", "type_identifier", "operator_identifier")
GRAMMAR = Grammar(tree_sitter_scala.language(), IDENTIFIERS, ("comment", "block_comment"))

ANNOTATION = GRAMMAR.set_of("annotation")
ARGUMENTS = GRAMMAR.set_of("arguments")
BLOCKS = GRAMMAR.set_of("block", "indented_block")
CALL = GRAMMAR.set_of("call_expression")
CASE = GRAMMAR.set_of("case_clause")
CASES = GRAMMAR.set_of("case_block", "indented_cases")
CLASS_PARAMETERS = GRAMMAR.set_of("class_parameters")
COLON = GRAMMAR.set_of("colon_argument")
FIELD = GRAMMAR.set_of("field_expression")
GENERIC = GRAMMAR.set_of("generic_function")
GUARD = GRAMMAR.set_of("guard")
INFIX = GRAMMAR.set_of("infix_expression")
INFIX_PATTERN = GRAMMAR.set_of("infix_pattern")
LAMBDA = GRAMMAR.set_of("lambda_expression")
MODIFIERS = GRAMMAR.set_of("modifiers")
PARAMETER = GRAMMAR.set_of("parameter", "class_parameter")
PARAMETERS = GRAMMAR.set_of("parameters")
PARENTHESES = GRAMMAR.set_of("parenthesized_expression")
TEMPLATE_BODY = GRAMMAR.set_of("template_body", "with_template_body", "enum_body")
TYPE_ARGUMENTS = GRAMMAR.set_of("type_arguments")

F_ALTERNATIVE = GRAMMAR.field("alternative")
F_ARGUMENTS = GRAMMAR.field("arguments")
F_BODY = GRAMMAR.field("body")
F_CONDITION = GRAMMAR.field("condition")
F_CONSEQUENCE = GRAMMAR.field("consequence")
F_DEFAULT = GRAMMAR.field("default_value")
F_EXTEND = GRAMMAR.field("extend")
F_FIELD = GRAMMAR.field("field")
F_FUNCTION = GRAMMAR.field("function")
F_INTERPOLATOR = GRAMMAR.field("interpolator")
F_LEFT = GRAMMAR.field("left")
F_NAME = GRAMMAR.field("name")
F_OPERATOR = GRAMMAR.field("operator")
F_PARAMETERS = GRAMMAR.field("parameters")
F_PATTERN = GRAMMAR.field("pattern")
F_RETURN = GRAMMAR.field("return_type")
F_RIGHT = GRAMMAR.field("right")
F_TYPE = GRAMMAR.field("type")
F_TYPE_ARGUMENTS = GRAMMAR.field("type_arguments")
F_VALUE = GRAMMAR.field("value")


def child_of(node: Node | None, kinds: frozenset[int]) -> Node | None:
    """The first named child of one of the kinds."""
    return next((child for child in node.named_children if child.kind_id in kinds), None) if node is not None else None


def children_of(node: Node, kinds: frozenset[int]) -> list[Node]:
    return [child for child in node.named_children if child.kind_id in kinds]


def fields_of(node: Node, field: str) -> list[Node]:
    """The named children under a field that may stand more than once."""
    return [child for child in node.children_by_field_name(field) if child.is_named]
