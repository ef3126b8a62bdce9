"""Functions, values and types that a class, an object or a block declares.

Choices the model leaves open: a function without a parameter list is read like a field, so it is decorated with `property`; a method
that is `private` has that word as a bare decorator; the receiver of an extension is its first parameter, `self`, of kind `this`.
"""

from __future__ import annotations

import re

from tree_sitter import Node

from backend_readiness.facts.languages.jvm.tree import Walk, parts, statement, suite, value
from backend_readiness.facts.languages.scala.functions import body_of, function_argument, parameters
from backend_readiness.facts.languages.scala.grammar import (
    BLOCKS,
    F_BODY,
    F_NAME,
    F_PATTERN,
    F_RETURN,
    F_TYPE,
    F_VALUE,
    GRAMMAR,
    LAMBDA,
    PARAMETERS,
    children_of,
    fields_of,
)
from backend_readiness.facts.languages.scala.literals import declared_type
from backend_readiness.facts.languages.scala.patterns import pattern
from backend_readiness.facts.languages.scala.spans import decorated
from backend_readiness.facts.model import Param, Value

_GIVEN = re.compile(r"\(\s*(?:implicit|using)\b")
IDENTIFIERS = GRAMMAR.set_of("identifiers")
TYPE_PARAMETERS = GRAMMAR.set_of("type_parameters")
FUNCTIONS = GRAMMAR.set_of("function_definition", "function_declaration")
VALUES = GRAMMAR.set_of("val_definition", "var_definition", "val_declaration", "var_declaration")


@GRAMMAR.visits("function_definition", "function_declaration")
def visit_function(w: Walk, node: Node) -> None:
    _function(w, node, ())


def _function(w: Walk, node: Node, receiver: tuple[Param, ...]) -> None:
    doc, w.doc = w.doc, ""
    decorators, words, start = decorated(w, node)
    name = node.child_by_field_id(F_NAME)
    written = w.name(w.raw(name)).id if name is not None else ""
    lists = children_of(node, PARAMETERS)
    kind = "method" if w.holder >= 0 else "function"
    if written == "this":
        written = "constructor"
    elif all(_is_given(w, part) for part in lists) and not receiver:
        decorators = (*decorators, w.name("property"))
    if w.holder >= 0 and any(word.startswith("private") for word in words):
        decorators = (*decorators, w.name("private"))
    symbol = w.begin(kind, written, node, start, decorators)
    outer = w.owner, w.holder
    w.owner, w.holder = symbol, -1
    type_parameters(w, node)
    params = (*receiver, *parameters(w, lists))
    declared = node.child_by_field_id(F_RETURN)
    returns = value(w, declared) if declared is not None else None
    w.builder.amend(symbol, params=params, returns=returns, doc=doc)
    w.builder.amend(symbol, statements=body_of(w, node.child_by_field_id(F_BODY)))
    w.owner, w.holder = outer


def _is_given(w: Walk, node: Node) -> bool:
    """A list of parameters that no caller writes: `(implicit config: Config)`, `(using Config)`."""
    return bool(_GIVEN.match(w.text, node.start_byte, node.end_byte))


def type_parameters(w: Walk, node: Node) -> None:
    """A type parameter is an assignment of kind `type`."""
    for given in children_of(node, TYPE_PARAMETERS):
        for child in fields_of(given, "name"):
            if child.kind_id in w.identifiers:
                w.assign(w.name(w.raw(child)), None, None, "type", child.start_byte, child.end_byte)


@GRAMMAR.visits("extension_definition")
def visit_extension(w: Walk, node: Node) -> None:
    taken = parameters(w, children_of(node, PARAMETERS)[:1])
    receiver = tuple(Param("self", p.type, kind="this") for p in taken[:1])
    named = taken[0].name if taken else ""
    if named:
        w.words[named] = w.name("self")
    for child in (c for f in fields_of(node, "body") for c in ([f] if f.kind_id in FUNCTIONS else parts(w, f))):
        if child.kind_id in FUNCTIONS:
            _function(w, child, receiver)
        else:
            statement(w, child)
    w.words.pop(named, None)


@GRAMMAR.visits("val_definition", "var_definition", "val_declaration", "var_declaration")
def visit_value(w: Walk, node: Node) -> None:
    w.doc = ""
    decorated(w, node)
    taken = node.child_by_field_id(F_PATTERN) or node.child_by_field_id(F_NAME)
    if taken is None:
        suite(w, parts(w, node))
        return
    given = node.child_by_field_id(F_VALUE)
    declared = declared_type(w, node)
    name = w.name(w.raw(taken)).id if taken.kind_id in w.identifiers else ""
    bound = _bound(w, given, name) if given is not None else None
    kind = "field" if w.holder >= 0 else "let"
    targets = parts(w, taken) if taken.kind_id in IDENTIFIERS else [taken]
    for target in targets:
        w.assign(pattern(w, target), bound, declared, kind, node.start_byte, node.end_byte)


def _bound(w: Walk, node: Node, name: str) -> Value:
    """A value bound to a name: a function takes that name."""
    w.lambda_name = name if node.kind_id in LAMBDA else ""
    lowered = value(w, node) if node.kind_id in BLOCKS else function_argument(w, node)
    w.lambda_name = ""
    return lowered


@GRAMMAR.visits("type_definition")
def visit_type(w: Walk, node: Node) -> None:
    name, meant = node.child_by_field_id(F_NAME), node.child_by_field_id(F_TYPE)
    if name is not None and meant is not None:
        w.assign(w.name(w.raw(name)), value(w, meant), None, "let", node.start_byte, node.end_byte)
