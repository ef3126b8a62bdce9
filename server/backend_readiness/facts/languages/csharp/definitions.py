"""Types of C# and what they hold: classes, interfaces, enums, fields and properties.

Choices the model leaves open: structs and records are classes. A primary constructor is the method `constructor`, whose parameters
declare fields. A property with code is a method with the decorator `property`, one without is a field.
"""

from __future__ import annotations

from tree_sitter import Node

from backend_readiness.facts.languages.csharp.chains import add_call, arguments, named_value
from backend_readiness.facts.languages.csharp.functions import (
    ARROW,
    PARAMETERS,
    after_attributes,
    attributes,
    doc_comment,
    function,
    modifiers,
    name_of,
    parameters,
)
from backend_readiness.facts.languages.csharp.tree import MAX_ITEMS, Walk, kinds, parts, statements, value, visits
from backend_readiness.facts.languages.csharp.types import written_type
from backend_readiness.facts.model import Assign, Lit, Symbol, Value

DECLARATOR = kinds("variable_declarator")
DECLARATION = kinds("variable_declaration")
BASES = kinds("base_list")
BASE_CALL = kinds("primary_constructor_base_type")


# ---------------------------------------------------------------- fields and properties


def _field(w: Walk, name: Node, node: Node, declared: Value | None, bound: Value | None, kind: str = "field") -> None:
    start, end = node.start_byte, node.end_byte
    target = value(w, name)
    if declared is not None and bound == Lit(None):  # `= null!` says less than the type
        bound = None
    w.builder.assigns.append(Assign(target, bound, declared, w.owner, w.line(start), w.last_line(end), start, end, kind))


@visits("field_declaration", "event_field_declaration")
def field(w: Walk, node: Node) -> None:
    for declaration in parts(node):
        if declaration.kind_id not in DECLARATION:
            continue
        declared = written_type(w, declaration.child_by_field_name("type"))
        for declarator in parts(declaration):
            name = declarator.child_by_field_name("name")
            if declarator.kind_id in DECLARATOR and name is not None:
                after = [c for c in parts(declarator) if c.start_byte > name.end_byte]
                bound = named_value(w, after[-1], w.raw(name), declared) if after else None
                _field(w, name, declarator, declared, bound)


@visits("property_declaration")
def property_declaration(w: Walk, node: Node) -> None:
    name = node.child_by_field_name("name")
    if name is None:
        return
    declared = written_type(w, node.child_by_field_name("type"))
    assigned, accessors = node.child_by_field_name("value"), node.child_by_field_name("accessors")
    marks = (w.name("property"), *attributes(w, node))
    if assigned is not None and assigned.kind_id in ARROW:
        function(w, node, "method", name_of(w, node), None, assigned, decorators=marks, returns=declared)
        return
    reading = _accessors(w, accessors)
    if reading is not None:
        function(w, node, "method", name_of(w, node), None, reading, decorators=marks, returns=declared)
        return
    bound = named_value(w, assigned, w.raw(name), declared) if assigned is not None else None
    _field(w, name, node, declared, bound)


def _accessors(w: Walk, node: Node | None) -> Node | None:
    """The body of `get`, after the bodies of the others are collected as methods of their own."""
    reading: Node | None = None
    for accessor in parts(node):
        body = accessor.child_by_field_name("body")
        if body is None:
            continue
        name = accessor.child_by_field_name("name")
        if name is not None and name.type == "get":
            reading = body
        else:
            function(w, accessor, "method", "", None, body)
    return reading


@visits("indexer_declaration", "event_declaration")
def indexer(w: Walk, node: Node) -> None:
    listed = node.child_by_field_name("parameters")
    for accessor in parts(node.child_by_field_name("accessors")):
        body = accessor.child_by_field_name("body")
        if body is not None:
            function(w, accessor, "method", "", listed if listed is not None and listed.kind_id in PARAMETERS else None, body)


# ---------------------------------------------------------------- types


@visits("class_declaration", "record_declaration", "struct_declaration", "interface_declaration")
def type_declaration(w: Walk, node: Node) -> None:
    kind = "interface" if node.type == "interface_declaration" else "class"
    _type(w, node, kind)


@visits("enum_declaration")
def enum_declaration(w: Walk, node: Node) -> None:
    _type(w, node, "enum")


def _type(w: Walk, node: Node, kind: str) -> None:
    start, end = node.start_byte, node.end_byte
    marks = modifiers(w, node)
    closed = () if "public" in marks else (w.name("internal"),)
    decorators = (*(w.name(m) for m in ("abstract", "partial") if m in marks), *closed, *attributes(w, node))
    listed = next((c for c in parts(node) if c.kind_id in PARAMETERS), None)
    bases: list[Value] = []
    calls: list[tuple[Node, Node]] = []
    for child in parts(next((c for c in parts(node) if c.kind_id in BASES), None)):
        if child.type == "argument_list":
            calls.append((child, child))
        elif child.kind_id in BASE_CALL:
            inside = parts(child)
            bases.extend(value(w, c) for c in inside[:1])
            calls.extend((child, c) for c in inside[1:])
        else:
            bases.append(value(w, child))
    line = w.line(after_attributes(node))
    generic = sum(len(parts(c)) for c in parts(node) if c.type == "type_parameter_list")
    symbol = w.builder.add_symbol(
        Symbol(
            kind, name_of(w, node), w.owner, line, w.last_line(end), start, end, decorators=decorators,
            bases=tuple(bases[:MAX_ITEMS]), is_static="static" in marks, doc=doc_comment(w, node), type_params=generic,
        )
    )  # fmt: skip
    outer = w.owner, w.in_class, w.in_type, w.locals
    w.owner, w.in_class, w.in_type, w.locals = symbol, kind != "enum", True, [set()]
    if listed is not None:
        _primary(w, listed, calls)
    body = parts(node.child_by_field_name("body"))
    w.builder.amend(symbol, statements=len(body))
    statements(w, body)
    w.owner, w.in_class, w.in_type, w.locals = outer


def _primary(w: Walk, listed: Node, calls: list[tuple[Node, Node]]) -> None:
    """The constructor whose parameters stand behind the name of the type."""
    start, end = listed.start_byte, listed.end_byte
    symbol = w.builder.add_symbol(Symbol("method", "constructor", w.owner, w.line(start), w.last_line(end), start, end))
    outer, w.owner = w.owner, symbol
    w.locals.append(set())
    w.builder.amend(symbol, params=parameters(w, listed, fields=True))
    for whole, given in calls:
        add_call(w, whole, w.name("super"), arguments(w, given))
    w.locals.pop()
    w.owner = outer


@visits("enum_member_declaration")
def enum_member(w: Walk, node: Node) -> None:
    name, given = node.child_by_field_name("name"), node.child_by_field_name("value")
    attributes(w, node)
    if name is not None:
        _field(w, name, node, None, value(w, given) if given is not None else None)


@visits("delegate_declaration")
def delegate(w: Walk, node: Node) -> None:
    start, end = node.start_byte, node.end_byte
    w.builder.add_symbol(Symbol("type", name_of(w, node), w.owner, w.line(start), w.last_line(end), start, end))
