"""The grammar of Java: its fields by number."""

from __future__ import annotations

import tree_sitter_java

from backend_readiness.facts.languages.jvm.tree import Grammar

GRAMMAR = Grammar(tree_sitter_java.language(), ("identifier", "type_identifier"), ("line_comment", "block_comment"))

F_ALTERNATIVE = GRAMMAR.field("alternative")
F_ARGUMENTS = GRAMMAR.field("arguments")
F_ARRAY = GRAMMAR.field("array")
F_BODY = GRAMMAR.field("body")
F_CONDITION = GRAMMAR.field("condition")
F_CONSEQUENCE = GRAMMAR.field("consequence")
F_DECLARATOR = GRAMMAR.field("declarator")
F_FIELD = GRAMMAR.field("field")
F_INDEX = GRAMMAR.field("index")
F_INIT = GRAMMAR.field("init")
F_INTERFACES = GRAMMAR.field("interfaces")
F_KEY = GRAMMAR.field("key")
F_LEFT = GRAMMAR.field("left")
F_NAME = GRAMMAR.field("name")
F_OBJECT = GRAMMAR.field("object")
F_OPERAND = GRAMMAR.field("operand")
F_OPERATOR = GRAMMAR.field("operator")
F_PARAMETERS = GRAMMAR.field("parameters")
F_RESOURCES = GRAMMAR.field("resources")
F_RIGHT = GRAMMAR.field("right")
F_SCOPE = GRAMMAR.field("scope")
F_SUPERCLASS = GRAMMAR.field("superclass")
F_TYPE = GRAMMAR.field("type")
F_TYPE_ARGUMENTS = GRAMMAR.field("type_arguments")
F_TYPE_PARAMETERS = GRAMMAR.field("type_parameters")
F_VALUE = GRAMMAR.field("value")
