"""Classes, interfaces, enums, records, annotations, methods, constructors and fields of Java.

Choices the model leaves open: a constructor is a method `constructor`; the components of a record are the parameters of its
constructor and fields; a constant of an enum is a field that a `new` of the enum makes; a type parameter is an assignment of kind
`type` whose value is its bound; the initializers of a class are methods without a name. An interface written with
`@interface` is an `interface`, whose elements are methods.
"""

from __future__ import annotations

from tree_sitter import Node

from backend_readiness.facts.languages.java.chains import add_call, arguments, named_value
from backend_readiness.facts.languages.java.grammar import (
    F_ARGUMENTS,
    F_BODY,
    F_DECLARATOR,
    F_INTERFACES,
    F_NAME,
    F_PARAMETERS,
    F_SUPERCLASS,
    F_TYPE,
    F_TYPE_PARAMETERS,
    F_VALUE,
    GRAMMAR,
)
from backend_readiness.facts.languages.java.parameters import declared_type, modifiers_of, parameters
from backend_readiness.facts.languages.jvm.bodies import class_body
from backend_readiness.facts.languages.jvm.tree import Walk, parts, suite, value
from backend_readiness.facts.model import Func, Return, Value

TYPE_LIST = GRAMMAR.kind("type_list")
TYPE_BOUND = GRAMMAR.kind("type_bound")
EXTENDS = GRAMMAR.kind("extends_interfaces")
KINDS = {
    "class_declaration": "class",
    "record_declaration": "class",
    "interface_declaration": "interface",
    "annotation_type_declaration": "interface",
    "enum_declaration": "enum",
}


@GRAMMAR.visits(*KINDS)
def visit_class(w: Walk, node: Node) -> None:
    doc, w.doc = w.doc, ""
    decorators, words, start = modifiers_of(w, node)
    name = _name(w, node)
    symbol = w.begin(KINDS[node.type], name, node, start, decorators)
    outer = w.owner
    w.owner = symbol
    _type_parameters(w, node)
    bases = _bases(w, node)
    w.builder.amend(symbol, bases=bases, doc=doc, is_static="static" in words)
    written = node.child_by_field_id(F_PARAMETERS)
    if written is not None:
        _components(w, written)
    w.owner = outer
    count = class_body(w, symbol, node.child_by_field_id(F_BODY))
    w.builder.amend(symbol, statements=count)


def _name(w: Walk, node: Node) -> str:
    name = node.child_by_field_id(F_NAME)
    return w.name(w.raw(name)).id if name is not None else ""


def _bases(w: Walk, node: Node) -> tuple[Value, ...]:
    found: list[Value] = []
    clauses = [node.child_by_field_id(F_SUPERCLASS), node.child_by_field_id(F_INTERFACES)]
    clauses.extend(child for child in node.named_children if child.kind_id == EXTENDS)
    for clause in clauses:
        for child in parts(w, clause):
            found.extend(value(w, one) for one in (parts(w, child) if child.kind_id == TYPE_LIST else [child]))
    return tuple(found)


def _type_parameters(w: Walk, node: Node) -> None:
    for child in parts(w, node.child_by_field_id(F_TYPE_PARAMETERS)):
        inner = parts(w, child)
        names = [n for n in inner if n.kind_id in w.identifiers]
        bound = next((parts(w, n) for n in inner if n.kind_id == TYPE_BOUND), [])
        if names:
            w.assign(w.name(w.raw(names[0])), value(w, bound[0]) if bound else None, None, "type", child.start_byte, child.end_byte)


def _components(w: Walk, written: Node) -> None:
    symbol = w.begin("method", "constructor", written, written.start_byte)
    outer = w.owner
    w.owner = symbol
    params = parameters(w, written, fields=True)
    w.builder.amend(symbol, params=params, statements=len(params))
    w.owner = outer


# ---------------------------------------------------------------- methods


@GRAMMAR.visits("method_declaration", "constructor_declaration", "compact_constructor_declaration", "annotation_type_element_declaration")
def visit_method(w: Walk, node: Node) -> None:
    doc, w.doc = w.doc, ""
    decorators, words, start = modifiers_of(w, node)
    is_constructor = node.type.endswith("constructor_declaration")
    name = "constructor" if is_constructor else _name(w, node)
    symbol = w.begin("method", name, node, start, decorators)
    outer = w.owner, w.holder
    w.owner, w.holder = symbol, -1
    _type_parameters(w, node)
    written = node.child_by_field_id(F_TYPE)
    returns = value(w, written) if written is not None else None
    params = parameters(w, node.child_by_field_id(F_PARAMETERS))
    default = node.child_by_field_id(F_VALUE)
    if default is not None:  # of an element of an annotation
        start, end = default.start_byte, default.end_byte
        w.builder.returns.append(Return(value(w, default), symbol, w.line(start), w.last_line(end), start))
    body = parts(w, node.child_by_field_id(F_BODY))
    w.builder.amend(symbol, params=params, returns=returns, is_static="static" in words, statements=len(body), doc=doc)
    suite(w, body)
    w.owner, w.holder = outer


@GRAMMAR.visits("static_initializer")
def visit_initializer(w: Walk, node: Node) -> None:
    symbol = w.begin("method", "", node, node.start_byte)
    outer = w.owner, w.holder
    w.owner, w.holder = symbol, -1
    w.builder.amend(symbol, is_static=True)
    suite(w, parts(w, node))
    w.owner, w.holder = outer


# ---------------------------------------------------------------- fields and variables


@GRAMMAR.visits("field_declaration", "constant_declaration")
def visit_field(w: Walk, node: Node) -> None:
    modifiers_of(w, node)
    _declare(w, node, "field", node.start_byte)


@GRAMMAR.visits("local_variable_declaration")
def visit_local(w: Walk, node: Node) -> None:
    modifiers_of(w, node)
    _declare(w, node, "let", node.start_byte)


def _declare(w: Walk, node: Node, kind: str, start: int) -> None:
    declared = declared_type(w, node.child_by_field_id(F_TYPE))
    for item in node.children_by_field_id(F_DECLARATOR):
        name, bound = item.child_by_field_id(F_NAME), item.child_by_field_id(F_VALUE)
        if name is None:
            continue
        written = w.raw(name)
        lowered = named_value(w, bound, written) if bound is not None else None
        w.assign(w.name(written), lowered, declared, kind, start, item.end_byte)


@GRAMMAR.visits("enum_body")
def visit_enum_body(w: Walk, node: Node) -> None:
    suite(w, parts(w, node))


@GRAMMAR.visits("enum_body_declarations")
def visit_enum_declarations(w: Walk, node: Node) -> None:
    suite(w, parts(w, node))


@GRAMMAR.visits("enum_constant")
def visit_enum_constant(w: Walk, node: Node) -> None:
    holder = w.holder
    enum = w.name(w.builder.symbols[holder].name) if holder >= 0 else w.name("")
    modifiers_of(w, node)
    args = arguments(w, node.child_by_field_id(F_ARGUMENTS))
    body = node.child_by_field_id(F_BODY)
    callee: Value = enum
    if body is not None:
        symbol = w.begin("class", "", node, node.start_byte)
        w.builder.amend(symbol, bases=(enum,))
        class_body(w, symbol, body)
        callee = Func(symbol)
    made = add_call(w, node, callee, args, "new")
    w.assign(w.name(_name(w, node)), made, None, "field", node.start_byte, node.end_byte)
