"""Classes, traits, objects, enums and instances of Scala.

Choices the model leaves open: the parameters of a class are its fields, `val` or not, since its methods see them all; an `object` is a
class that is used by its name, and that of a class beside it (its companion) holds members of that class; a trait is an interface, and its
self type is one of its bases.
"""

from __future__ import annotations

from tree_sitter import Node

from backend_readiness.facts.languages.jvm.bodies import class_body
from backend_readiness.facts.languages.jvm.tree import Walk, parts, statement, value
from backend_readiness.facts.languages.scala.chains import add_call, arguments
from backend_readiness.facts.languages.scala.functions import parameters
from backend_readiness.facts.languages.scala.grammar import (
    ANNOTATION,
    ARGUMENTS,
    CLASS_PARAMETERS,
    F_EXTEND,
    F_LEFT,
    F_NAME,
    F_RIGHT,
    GRAMMAR,
    TEMPLATE_BODY,
    child_of,
    children_of,
    fields_of,
)
from backend_readiness.facts.languages.scala.members import type_parameters
from backend_readiness.facts.languages.scala.spans import decorated
from backend_readiness.facts.model import Arg, Func, Index, Param, Seq, Value

CLASSES = GRAMMAR.set_of("class_definition", "trait_definition", "enum_definition")
MAX_SELF_TYPES = 20
SELF_TYPE = GRAMMAR.set_of("self_type")
INFIX_TYPE = GRAMMAR.set_of("infix_type")
COMPOUND = GRAMMAR.set_of("compound_type", "structural_type")
APPLIED = GRAMMAR.set_of("applied_constructor_type")


@GRAMMAR.visits("class_definition", "trait_definition", "object_definition", "enum_definition")
def visit_class(w: Walk, node: Node) -> None:
    doc, w.doc = w.doc, ""
    decorators, _, start = decorated(w, node)
    name = node.child_by_field_id(F_NAME)
    written = w.name(w.raw(name)).id if name is not None else ""
    kind = {"trait_definition": "interface", "enum_definition": "enum"}.get(node.type, "class")
    is_object = node.type == "object_definition"
    symbol = w.begin(kind, written, node, start, decorators)
    outer = w.owner, w.holder
    w.owner = w.holder = symbol
    type_parameters(w, node)
    _constructor(w, node)
    bases = (*_bases(w, node.child_by_field_id(F_EXTEND)), *_self_types(w, child_of(node, TEMPLATE_BODY)))
    w.owner, w.holder = outer
    is_companion = is_object and _has_class(w, node, written)
    w.builder.amend(symbol, bases=bases, doc=doc, is_static=is_object, partial=is_companion)
    w.builder.amend(symbol, statements=class_body(w, symbol, child_of(node, TEMPLATE_BODY)))


def _has_class(w: Walk, node: Node, name: str) -> bool:
    """Does a class of the name stand beside the object?"""
    around = node.parent
    for child in around.named_children if around is not None else ():
        if child.kind_id in CLASSES:
            found = child.child_by_field_id(F_NAME)
            if found is not None and w.raw(found) == name:
                return True
    return False


def _constructor(w: Walk, node: Node) -> None:
    lists = children_of(node, CLASS_PARAMETERS)
    if not lists:
        return
    before = [c for c in node.named_children if c.kind_id in ANNOTATION and c.end_byte <= lists[0].start_byte]
    name = node.child_by_field_id(F_NAME)
    decorators = tuple(value(w, c) for c in before if name is not None and c.start_byte > name.start_byte)
    symbol = w.begin("method", "constructor", lists[0], lists[0].start_byte, decorators)
    outer = w.owner, w.holder
    w.owner, w.holder = symbol, -1
    params = tuple(Param(p.name, p.type, p.default, p.kind, decorators=p.decorators, field=True) for p in parameters(w, lists))
    w.builder.amend(symbol, params=params, statements=len(params), end=lists[-1].end_byte, end_line=w.last_line(lists[-1].end_byte))
    w.owner, w.holder = outer


def _bases(w: Walk, node: Node | None) -> tuple[Value, ...]:
    """The written bases; a base class with arguments is called as `super(...)`."""
    if node is None:
        return ()
    found = [base for written in fields_of(node, "type") for base in _flat(w, written)]
    for given in children_of(node, ARGUMENTS):
        args = arguments(w, given)
        if args:
            add_call(w, node, w.name("super"), args)
    return tuple(found)


def _self_types(w: Walk, body: Node | None) -> tuple[Value, ...]:
    """The types of `trait Api { self: Store with Clock => ... }`, whose members the body sees as its own."""
    written = child_of(body, SELF_TYPE)
    pending = [c for c in written.named_children[1:] if c.kind_id not in w.extras] if written is not None else []
    found: list[Value] = []
    while pending and len(found) < MAX_SELF_TYPES:
        node = pending.pop(0)
        if node.kind_id in INFIX_TYPE:  # `Store & Clock`
            pending[:0] = [child for child in (node.child_by_field_id(F_LEFT), node.child_by_field_id(F_RIGHT)) if child is not None]
        else:
            found.extend(_flat(w, node))
    return tuple(found)


def _flat(w: Walk, node: Node) -> list[Value]:
    """`A(x) with B` as its types."""
    if node.kind_id in COMPOUND:
        return [value(w, child) for child in parts(w, node) if child.kind_id not in TEMPLATE_BODY]
    return [value(w, node)]


@GRAMMAR.visits("simple_enum_case", "full_enum_case")
def visit_enum_case(w: Walk, node: Node) -> None:
    name = node.child_by_field_id(F_NAME)
    enum = w.builder.symbols[w.holder].name if w.holder >= 0 else ""
    if name is not None and enum:
        made = add_call(w, node, w.name(enum), (), "new")
        w.assign(w.name(w.raw(name)), made, None, "field", node.start_byte, node.end_byte)


@GRAMMAR.visits("enum_case_definitions")
def visit_enum_cases(w: Walk, node: Node) -> None:
    for child in parts(w, node):
        statement(w, child)


@GRAMMAR.visits("given_definition")
def visit_given(w: Walk, node: Node) -> None:
    """`given name: T = value`, `given T with { ... }`."""
    name = node.child_by_field_id(F_NAME)
    written = w.name(w.raw(name)).id if name is not None else ""
    body = child_of(node, TEMPLATE_BODY)
    if body is None:
        for given in fields_of(node, "body"):
            bound = value(w, given)
            if written:
                w.assign(w.name(written), bound, None, "field" if w.holder >= 0 else "let", node.start_byte, node.end_byte)
        return
    symbol = w.begin("class", written, node, node.start_byte)
    class_body(w, symbol, body)


@GRAMMAR.lowers("instance_expression")
def lower_instance(w: Walk, node: Node) -> Value:
    """`new A(x)`, `new A(x) with B { ... }`: with a body, a class without a name."""
    body = child_of(node, TEMPLATE_BODY)
    args: list[Arg] = []
    for given in children_of(node, ARGUMENTS):
        args.extend(arguments(w, given))
    written = next((child for child in parts(w, node) if child.kind_id not in TEMPLATE_BODY | ARGUMENTS), None)
    inner = written
    while inner is not None and inner.kind_id in COMPOUND | APPLIED:
        for given in children_of(inner, ARGUMENTS):
            args.extend(arguments(w, given))
        inner = next(iter(parts(w, inner)), None)
    if body is None:
        made: Value = value(w, inner) if inner is not None else w.name("")
        if type(made) is not Index:
            return add_call(w, node, made, tuple(args), "new")
        return add_call(w, node, made.base, tuple(args), "new", made.key.items if type(made.key) is Seq else (made.key,))
    symbol = w.begin("class", "", node, node.start_byte)
    outer = w.owner, w.holder
    w.owner = w.holder = symbol
    bases = tuple(_flat(w, written)) if written is not None else ()
    w.owner, w.holder = outer
    w.builder.amend(symbol, bases=bases)
    w.builder.amend(symbol, statements=class_body(w, symbol, body))
    return add_call(w, node, Func(symbol), tuple(args), "new")
