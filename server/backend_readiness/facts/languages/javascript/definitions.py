"""Classes, interfaces, enums, type aliases and namespaces, and the values that get a name.

The decorator of a field is a Call of kind `decorator` whose owner is the class and whose place is within the span of the
field's Assign (one without parentheses has no arguments). A type alias is a symbol whose `bases` hold its type; the
properties of an object type are its fields, like those of an interface.
"""

from __future__ import annotations

from tree_sitter import Node

from backend_readiness.facts.languages.javascript.functions import FUNCTIONS, begin, decorator, function, own_name
from backend_readiness.facts.languages.javascript.inline_templates import inline_template
from backend_readiness.facts.languages.javascript.patterns import computed_key, key
from backend_readiness.facts.languages.javascript.types import annotation, generic, parts_of, type_arguments
from backend_readiness.facts.languages.javascript.walk import MAX_DEPTH, NOTHING, Walk, inner, lowers, statements, value
from backend_readiness.facts.model import Assign, Call, CallRef, Func, Index, Name, Value

WRAPPERS = ("parenthesized_expression", "as_expression", "satisfies_expression", "non_null_expression")


def named(w: Walk, node: Node, name: str, kind: str) -> Value:
    """The value of an expression that is bound to `name`: a function or class in it (through `(...)`, `as T`) takes the name."""
    found: Node | None = node
    while found is not None and found.type in WRAPPERS:
        found = inner(w, found)
    if found is not None and found.type in FUNCTIONS:
        return Func(function(w, found, name or own_name(w, found), kind))
    if found is not None and found.type == "class":
        return Func(class_symbol(w, found, name or own_name(w, found)))
    return value(w, node)


@lowers("class")
def class_value(w: Walk, node: Node) -> Value:
    return Func(class_symbol(w, node, own_name(w, node)))


@lowers("class_declaration", "abstract_class_declaration")
def class_declaration(w: Walk, node: Node) -> Value:
    return Func(class_symbol(w, node, own_name(w, node)))


def class_symbol(w: Walk, node: Node, name: str) -> int:
    index = begin(w, node, "class", name)
    doc = w.take_doc()
    decorators, w.decorators = w.decorators, ()
    decorators += tuple(decorator(w, child) for child in node.children if child.type == "decorator")
    w.depth += 1
    bases = tuple(_bases(w, node))
    w.depth -= 1
    outer, w.owner = w.owner, index
    body = node.child_by_field_name("body")
    count = _members(w, body) if body is not None else 0
    w.owner = outer
    w.builder.amend(index, decorators=decorators, bases=bases, statements=count, doc=doc)
    if decorators:
        inline_template(w, decorators, index)
    return index


def _bases(w: Walk, node: Node) -> list[Value]:
    heritage = next((child for child in node.named_children if child.type == "class_heritage"), None)
    found: list[Value] = []
    for clause in heritage.named_children if heritage is not None else ():
        if clause.type == "extends_clause":
            for child in clause.named_children:
                if child.type == "type_arguments":
                    if found:
                        found[-1] = generic(found[-1], type_arguments(w, child))
                elif child.kind_id != w.comment_kind:
                    found.append(value(w, child))
        elif clause.type == "implements_clause":
            found.extend(type_arguments(w, clause))
        elif clause.kind_id != w.comment_kind:
            found.append(value(w, clause))
    return found


def _members(w: Walk, body: Node) -> int:
    """The members of a class body. Decorators of methods stand beside them in TypeScript and inside of them in JavaScript."""
    if w.depth >= MAX_DEPTH:
        w.cut = True
        return 0
    w.depth += 1
    waiting: list[Value] = []
    comment = ""
    count = 0
    for child in body.named_children:
        kind = child.type
        if kind == "comment":
            written = w.raw(child)
            comment = written if written.startswith("/**") else ""
        elif kind == "decorator":
            waiting.append(decorator(w, child))
        else:
            w.comment = comment
            decorators = tuple(waiting)
            waiting, comment = [], ""
            count += 1
            if kind in ("method_definition", "abstract_method_signature", "method_signature"):
                if kind != "method_signature" or w.ambient:
                    _method(w, child, decorators)
            elif kind in ("public_field_definition", "field_definition"):
                _field(w, child)
            elif kind != "index_signature":
                value(w, child)
    w.comment = ""
    w.depth -= 1
    return count


def _method(w: Walk, node: Node, decorators: tuple[Value, ...]) -> None:
    name = node.child_by_field_name("name")
    decorators += tuple(decorator(w, child) for child in node.children if child.type == "decorator")
    if any(child.type == "get" for child in node.children):  # `get pool() { ... }`: `this.pool` is what it returns
        decorators += (w.name("property"),)
    function(w, node, (key(w, name) if name is not None else None) or "", "method", decorators)


def _field(w: Walk, node: Node) -> None:
    for child in node.children:
        if child.type == "decorator" and not isinstance(lowered := decorator(w, child), CallRef):
            place = (w.line(child), w.end_line(child), w.base + child.start_byte, w.base + child.end_byte)
            w.builder.add_call(Call(lowered, (), w.owner, *place, "decorator"))
    name = node.child_by_field_name("name") or node.child_by_field_name("property")
    if name is None:
        return
    type_ = annotation(w, node.child_by_field_name("type"))
    _add_field(w, node, name, node.child_by_field_name("value"), type_)


def _add_field(w: Walk, node: Node, name: Node, initial: Node | None, type_: Value | None) -> None:
    written = key(w, name)
    target = w.builder.name(written) if written is not None else Index(Name("self"), computed_key(w, name))
    lowered = named(w, initial, written or "", "method") if initial is not None else None
    w.builder.assigns.append(
        Assign(target, lowered, type_, w.owner, w.line(node), w.end_line(node), w.base + node.start_byte, w.base + node.end_byte, "field")
    )


@lowers("interface_declaration")
def interface_declaration(w: Walk, node: Node) -> Value:
    index = begin(w, node, "interface", own_name(w, node))
    doc = w.take_doc()
    bases: list[Value] = []
    for child in node.named_children:
        if child.type in ("extends_type_clause", "extends_clause"):
            bases.extend(type_arguments(w, child))
    body = node.child_by_field_name("body")
    count = _signatures(w, index, body) if body is not None else 0
    w.builder.amend(index, bases=tuple(bases), statements=count, doc=doc)
    return Func(index)


def _signatures(w: Walk, index: int, body: Node) -> int:
    outer, w.owner = w.owner, index
    count = 0
    for child in body.named_children:
        name = child.child_by_field_name("name")
        if name is None or child.kind_id == w.comment_kind:
            continue
        if child.type == "property_signature":
            count += 1
            _add_field(w, child, name, None, annotation(w, child.child_by_field_name("type")))
        elif child.type == "method_signature":
            count += 1
            _method(w, child, ())
    w.owner = outer
    return count


@lowers("type_alias_declaration")
def type_alias(w: Walk, node: Node) -> Value:
    index = begin(w, node, "type", own_name(w, node))
    doc = w.take_doc()
    written = node.child_by_field_name("value")
    bases: list[Value] = []
    count = 0
    joined = written is not None and written.type == "intersection_type"
    for part in parts_of(w, written) if joined and written is not None else [written]:
        if part is not None and part.type == "object_type":
            count += _signatures(w, index, part)
        elif part is not None:
            bases.append(value(w, part))
    w.builder.amend(index, bases=tuple(bases), statements=count, doc=doc)
    return Func(index)


@lowers("enum_declaration")
def enum_declaration(w: Walk, node: Node) -> Value:
    index = begin(w, node, "enum", own_name(w, node))
    doc = w.take_doc()
    outer, w.owner = w.owner, index
    body = node.child_by_field_name("body")
    members = [child for child in body.named_children if child.kind_id != w.comment_kind] if body is not None else []
    for member in members:
        name = member.child_by_field_name("name") if member.type == "enum_assignment" else member
        if name is not None:
            _add_field(w, member, name, member.child_by_field_name("value"), None)
    w.owner = outer
    w.builder.amend(index, statements=len(members), doc=doc)
    return Func(index)


@lowers("internal_module", "module")
def namespace(w: Walk, node: Node) -> Value:
    """`namespace N {}` and `declare module "m" {}`: a symbol of kind `module`; what it exports the file does not.

    A text keeps its quotes: what it adds to a package hides no name of the file (`import axios from "axios"`).
    """
    name = node.child_by_field_name("name")
    index = begin(w, node, "module", w.name(w.raw(name) if name is not None else "").id)
    outer, outer_exporting, w.owner, w.exporting = w.owner, w.exporting, index, False
    body = node.child_by_field_name("body")
    count = statements(w, body.named_children) if body is not None else 0
    w.owner, w.exporting = outer, outer_exporting
    w.builder.amend(index, statements=count)
    return Func(index)


@lowers("ambient_declaration")
def ambient_declaration(w: Walk, node: Node) -> Value:
    outer, w.ambient = w.ambient, True
    lowered: Value = NOTHING
    for child in node.named_children:
        lowered = value(w, child)
    w.ambient = outer
    return lowered
