"""Functions, lambdas and parameters of Kotlin.

Choices the model leaves open: the receiver of an extension is its first parameter, `self`, of kind `this`; a lambda without parameters that
says `it` has the parameter `it`; a lambda gives the value of its last statement; a property with a getter is a method decorated
with `property`.
"""

from __future__ import annotations

import re

from tree_sitter import Node

from backend_readiness.facts.languages.jvm.tree import Walk, parts, statement, suite, value
from backend_readiness.facts.languages.kotlin.grammar import (
    BLOCK,
    F_NAME,
    FUNCTION_BODY,
    GRAMMAR,
    MODIFIERS,
    MULTI,
    TYPE_PARAMETERS,
    TYPES,
    VARIABLE,
    child_of,
)
from backend_readiness.facts.languages.kotlin.members import modifiers_of
from backend_readiness.facts.model import Func, Param, Seq, Value

_IT = re.compile(r"(?<![\w.])it\b")
PARAMETER = GRAMMAR.kind("parameter")
PARAMETERS = GRAMMAR.kind("function_value_parameters")
LAMBDA_PARAMETERS = GRAMMAR.kind("lambda_parameters")
BOUND = GRAMMAR.kind("type_parameter")


@GRAMMAR.visits("function_declaration")
def visit_function(w: Walk, node: Node) -> None:
    doc, w.doc = w.doc, ""
    decorators, words, start = modifiers_of(w, node.children)
    name = node.child_by_field_id(F_NAME)
    kind = "method" if w.holder >= 0 else "function"
    written = w.name(w.raw(name)).id if name is not None else ""
    symbol = w.begin(kind, written, node, max(start, node.start_byte), decorators)
    outer = w.owner, w.holder
    w.owner, w.holder = symbol, -1
    type_parameters(w, node)
    receiver = next((c for c in parts(w, node) if c.kind_id in TYPES and name is not None and c.end_byte <= name.start_byte), None)
    params = parameters(w, child_of(node, PARAMETERS))
    if receiver is not None:
        params = (Param("self", value(w, receiver), kind="this"), *params)
    returns = _returned_type(w, node)
    w.builder.amend(symbol, params=params, returns=returns, is_async="suspend" in words, doc=doc)
    w.builder.amend(symbol, statements=function_body(w, child_of(node, FUNCTION_BODY)))
    w.owner, w.holder = outer


def type_parameters(w: Walk, node: Node) -> None:
    """A type parameter is an assignment of kind `type`, whose value is its bound."""
    for child in parts(w, child_of(node, TYPE_PARAMETERS)):
        if child.kind_id != BOUND:
            continue
        inner = [c for c in parts(w, child) if c.kind_id not in MODIFIERS]
        if inner:
            bound = value(w, inner[1]) if len(inner) > 1 else None
            w.assign(w.name(w.raw(inner[0])), bound, None, "type", child.start_byte, child.end_byte)


def _returned_type(w: Walk, node: Node) -> Value | None:
    """The type between the parameters and the body."""
    behind = False
    for child in node.named_children:
        if child.kind_id == PARAMETERS:
            behind = True
        elif behind and child.kind_id in TYPES:
            return value(w, child)
    return None


def function_body(w: Walk, body: Node | None) -> int:
    """Collect the facts of a body, a block or `= expression`; answers the number of statements."""
    inner = parts(w, body)
    if not inner:
        return 0
    if inner[0].kind_id == BLOCK:
        statements = parts(w, inner[0])
        suite(w, statements)
        return len(statements)
    w.returns(value(w, inner[0]), inner[0])
    return 1


def parameters(w: Walk, node: Node | None) -> tuple[Param, ...]:
    """The parameters of a function: modifiers and defaults stand beside each in the tree."""
    found: list[Param] = []
    decorators: tuple[Value, ...] = ()
    words: frozenset[str] = frozenset()
    takes_default = False
    for child in node.children if node is not None else ():
        if child.kind_id in MODIFIERS:
            decorators, words, _ = modifiers_of(w, [child])
        elif child.kind_id == PARAMETER:
            inner = parts(w, child)
            declared = next((value(w, c) for c in inner if c.kind_id in TYPES), None)
            name = w.name(w.raw(inner[0])).id if inner else ""
            found.append(Param(name, declared, kind="*" if "vararg" in words else "", decorators=decorators))
            decorators, words = (), frozenset()
        elif child.type == "=":
            takes_default = True
        elif takes_default and child.is_named and child.kind_id not in w.extras:
            last = found.pop()
            found.append(Param(last.name, last.type, value(w, child), last.kind, decorators=last.decorators))
            takes_default = False
    return tuple(found)


# ---------------------------------------------------------------- lambdas


@GRAMMAR.lowers("lambda_literal")
def lower_lambda(w: Walk, node: Node) -> Value:
    name, w.lambda_name = w.lambda_name, ""
    symbol = w.begin("lambda", name, node, node.start_byte)
    outer = w.owner, w.holder
    w.owner, w.holder = symbol, -1
    written = child_of(node, LAMBDA_PARAMETERS)
    statements = [child for child in parts(w, node) if child != written]
    params: tuple[Param, ...] = ()
    if written is not None:
        params = tuple(_lambda_parameter(w, child) for child in parts(w, written))
    elif _IT.search(w.text[node.start_byte : node.end_byte]):
        params = (Param("it"),)
    w.builder.amend(symbol, params=params, statements=len(statements))
    suite(w, statements[:-1])
    if statements:
        last_value(w, statements[-1])
    w.owner, w.holder = outer
    return Func(symbol)


def last_value(w: Walk, node: Node) -> None:
    """The last statement of a lambda: what it gives, when it is an expression."""
    if node.kind_id in w.statements:
        suite(w, [node])
    else:
        w.returns(value(w, node), node)


def _lambda_parameter(w: Walk, node: Node) -> Param:
    if node.kind_id == MULTI:
        return Param("", pattern=Seq(tuple(w.name(w.raw(parts(w, c)[0])) for c in parts(w, node) if parts(w, c))))
    inner = parts(w, node) if node.kind_id == VARIABLE else [node]
    declared = next((value(w, c) for c in inner if c.kind_id in TYPES), None)
    return Param(w.name(w.raw(inner[0])).id if inner else "", declared)


@GRAMMAR.lowers("anonymous_function")
def lower_anonymous_function(w: Walk, node: Node) -> Value:
    name, w.lambda_name = w.lambda_name, ""
    symbol = w.begin("lambda", name, node, node.start_byte)
    outer = w.owner, w.holder
    w.owner, w.holder = symbol, -1
    params = parameters(w, child_of(node, PARAMETERS))
    w.builder.amend(symbol, params=params, returns=_returned_type(w, node))
    w.builder.amend(symbol, statements=function_body(w, child_of(node, FUNCTION_BODY)))
    w.owner, w.holder = outer
    return Func(symbol)


@GRAMMAR.visits("getter", "setter")
def visit_accessor(w: Walk, node: Node) -> None:
    """An accessor outside of a class: its facts belong to the surroundings."""
    for child in parts(w, child_of(node, FUNCTION_BODY)):
        statement(w, child)


def getter(w: Walk, node: Node, name: str, declared: Value | None) -> None:
    """`val total: Int get() = ...` in a class."""
    symbol = w.begin("method", name, node, node.start_byte, (w.name("property"),))
    outer = w.owner, w.holder
    w.owner, w.holder = symbol, -1
    w.builder.amend(symbol, returns=declared, statements=function_body(w, child_of(node, FUNCTION_BODY)))
    w.owner, w.holder = outer
