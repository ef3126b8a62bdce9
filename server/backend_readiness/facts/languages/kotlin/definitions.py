"""Classes, objects, properties, constructors and type aliases of Kotlin.

Choices the model leaves open: the parameters of the primary constructor are fields of the class, `val` or not, since initializers
see them all; the members of a companion object are members of its class; an `object` is a class that is used by its name; `by`
a delegate assigns the delegate; the entry of an enum is a field that a `new` of the enum makes.
"""

from __future__ import annotations

import re

from tree_sitter import Node

from backend_readiness.facts.languages.jvm.bodies import class_body
from backend_readiness.facts.languages.jvm.tree import Walk, parts, statement, suite, value
from backend_readiness.facts.languages.kotlin.chains import add_call, arguments, named_value
from backend_readiness.facts.languages.kotlin.functions import getter, parameters, type_parameters
from backend_readiness.facts.languages.kotlin.grammar import (
    ANNOTATED_LAMBDA,
    BLOCK,
    CALL,
    CLASS_BODIES,
    DELEGATION,
    F_NAME,
    GRAMMAR,
    LAMBDA,
    MODIFIERS,
    MULTI,
    TYPES,
    VALUE_ARGUMENTS,
    VARIABLE,
    after,
    child_of,
)
from backend_readiness.facts.languages.kotlin.members import modifiers_of
from backend_readiness.facts.model import Func, Name, Param, Seq, Value

PRIMARY = GRAMMAR.kind("primary_constructor")
CLASS_PARAMETER = GRAMMAR.kind("class_parameter")
CLASS_PARAMETERS = GRAMMAR.kind("class_parameters")
INVOCATION = GRAMMAR.kind("constructor_invocation")
DELEGATE = GRAMMAR.kind("explicit_delegation")
PROPERTY_DELEGATE = GRAMMAR.kind("property_delegate")
PARAMETERS = GRAMMAR.kind("function_value_parameters")
GETTER = GRAMMAR.kind("getter")
ACCESSORS = GRAMMAR.set_of("getter", "setter")


MAX_MARKS = 2_000
_MARKS_BEFORE = re.compile(r"(?:@[\w.]++(?:\((?:[^()\"]|\"(?:\\.|[^\"\\\n])*\"|\([^()]{0,200}\)){0,400}\))?\s++){1,12}$")
BY = "(by)"  # the field that holds what a class delegates to


@GRAMMAR.visits("class_declaration", "object_declaration")
def visit_class(w: Walk, node: Node) -> None:
    doc, w.doc = w.doc, ""
    decorators, words, start = modifiers_of(w, node.children)
    decorators = decorators or modifiers_of(w, lost_annotations(w, node.start_byte))[0]
    tokens = {child.type for child in node.children if not child.is_named}
    kind = "interface" if "interface" in tokens or "annotation" in words else "enum" if "enum" in words else "class"
    name = node.child_by_field_id(F_NAME)
    written = w.name(w.raw(name)).id if name is not None else ""
    symbol = w.begin(kind, written, node, max(start, node.start_byte), decorators)
    outer = w.owner, w.holder
    w.owner = w.holder = symbol
    type_parameters(w, node)
    _primary_constructor(w, child_of(node, PRIMARY))
    bases = _bases(w, child_of(node, DELEGATION))
    w.owner, w.holder = outer
    is_object = node.type == "object_declaration" or w.text[start_of_keyword(node) :][:7] == "object "
    w.builder.amend(symbol, bases=bases, doc=doc, is_static=is_object)
    body = child_of(node, CLASS_BODIES) or _taken_body(w, child_of(node, DELEGATION))
    w.builder.amend(symbol, statements=class_body(w, symbol, body))


def lost_annotations(w: Walk, start: int) -> list[Node]:
    """The annotations right before a class that was read without them (see `lines`), as the children of another class."""
    first = max(0, start - MAX_MARKS)
    written = _MARKS_BEFORE.search(w.text[first:start])
    if written is None:
        return []
    marks = written.group().encode("latin-1", "replace")
    root = GRAMMAR.root(b" " * (first + written.start()) + marks + b" class A {\n}\n")
    return next((list(c.children) for c in root.named_children if c.type == "class_declaration"), [])


def start_of_keyword(node: Node) -> int:
    """Where `class` is written, as which a copy of the source may have an `object` (see `lines`)."""
    return next((c.start_byte for c in node.children if c.type in ("class", "object")), node.start_byte)


def _taken_body(w: Walk, node: Node | None) -> Node | None:
    """The body in `class A : B by c { }`, which the grammar takes for a lambda that is given to `c`."""
    last = next(iter(reversed(parts(w, node))), None)
    inner = child_of(last, DELEGATE) if last is not None else None
    called = child_of(inner, CALL) if inner is not None else None
    trailing = child_of(called, ANNOTATED_LAMBDA) if called is not None else None
    return child_of(trailing, LAMBDA) if trailing is not None else None


def _bases(w: Walk, node: Node | None) -> tuple[Value, ...]:
    """The written bases; a base class with arguments is called as `super(...)`."""
    found: list[Value] = []
    for specifier in parts(w, node):
        inner = next(iter(parts(w, specifier)), specifier)
        if inner.kind_id == INVOCATION:
            written = child_of(inner, TYPES)
            if written is not None:
                found.append(value(w, written))
            args = arguments(w, child_of(inner, VALUE_ARGUMENTS))
            if args:
                add_call(w, inner, w.name("super"), args)
        elif inner.kind_id == DELEGATE:
            children = parts(w, inner)
            found.extend(value(w, c) for c in children[:1])
            for child in children[1:]:
                given = child if child.kind_id != CALL or child_of(child, ANNOTATED_LAMBDA) is None else child_of(child, CALL)
                if given is not None:  # else the lambda is the body of the class
                    w.assign(Name(BY), value(w, given), None, "field", given.start_byte, given.end_byte)
        else:
            found.append(value(w, inner))
    return tuple(found)


def _primary_constructor(w: Walk, node: Node | None) -> None:
    if node is None:
        return
    decorators, _, _ = modifiers_of(w, node.children)
    symbol = w.begin("method", "constructor", node, node.start_byte, decorators)
    outer = w.owner, w.holder
    w.owner, w.holder = symbol, -1
    params = tuple(_class_parameter(w, child) for child in parts(w, child_of(node, CLASS_PARAMETERS)) if child.kind_id == CLASS_PARAMETER)
    w.builder.amend(symbol, params=params, statements=len(params))
    w.owner, w.holder = outer


def _class_parameter(w: Walk, node: Node) -> Param:
    decorators, words, _ = modifiers_of(w, node.children)
    inner = [child for child in parts(w, node) if child.kind_id not in MODIFIERS]
    declared = next((value(w, child) for child in inner if child.kind_id in TYPES), None)
    name = w.name(w.raw(inner[0])).id if inner else ""
    default = after(w, node, "=")
    bound = named_value(w, default[0], name) if default else None
    return Param(name, declared, bound, "*" if "vararg" in words else "", decorators=decorators, field=True)


@GRAMMAR.visits("companion_object")
def visit_companion(w: Walk, node: Node) -> None:
    holder = w.holder
    if holder < 0:
        return
    bases = _bases(w, child_of(node, DELEGATION))
    if bases:
        w.builder.amend(holder, bases=(*w.builder.symbols[holder].bases, *bases))
    class_body(w, holder, child_of(node, CLASS_BODIES))


@GRAMMAR.lowers("object_literal")
def lower_object(w: Walk, node: Node) -> Value:
    """`object : Base() { ... }`: a `new` of a class without a name."""
    symbol = w.begin("class", "", node, node.start_byte)
    outer = w.owner, w.holder
    w.owner, w.holder = symbol, symbol
    bases = _bases(w, child_of(node, DELEGATION))
    w.owner, w.holder = outer
    w.builder.amend(symbol, bases=bases)
    w.builder.amend(symbol, statements=class_body(w, symbol, child_of(node, CLASS_BODIES)))
    return add_call(w, node, Func(symbol), (), "new")


@GRAMMAR.visits("enum_entry")
def visit_enum_entry(w: Walk, node: Node) -> None:
    name = child_of(node, frozenset(w.identifiers))
    enum = w.name(w.builder.symbols[w.holder].name if w.holder >= 0 else "")
    args = arguments(w, child_of(node, VALUE_ARGUMENTS))
    body = child_of(node, CLASS_BODIES)
    callee: Value = enum
    if body is not None:
        symbol = w.begin("class", "", node, node.start_byte)
        w.builder.amend(symbol, bases=(enum,))
        class_body(w, symbol, body)
        callee = Func(symbol)
    made = add_call(w, node, callee, args, "new")
    if name is not None:
        w.assign(w.name(w.raw(name)), made, None, "field", node.start_byte, node.end_byte)


# ---------------------------------------------------------------- members


@GRAMMAR.visits("anonymous_initializer")
def visit_initializer(w: Walk, node: Node) -> None:
    """`init { }` runs with the primary constructor: its facts are those of that, where there is one."""
    symbols = w.builder.symbols
    symbol = next((i for i in range(w.holder + 1, len(symbols)) if symbols[i].parent == w.holder and symbols[i].name == "constructor"), -1)
    if symbol < 0:
        symbol = w.begin("method", "", node, node.start_byte)
    outer = w.owner, w.holder
    w.owner, w.holder = symbol, -1
    suite(w, parts(w, child_of(node, BLOCK)))
    w.owner, w.holder = outer


@GRAMMAR.visits("secondary_constructor")
def visit_secondary_constructor(w: Walk, node: Node) -> None:
    decorators, _, start = modifiers_of(w, node.children)
    symbol = w.begin("method", "constructor", node, max(start, node.start_byte), decorators)
    outer = w.owner, w.holder
    w.owner, w.holder = symbol, -1
    params = parameters(w, child_of(node, PARAMETERS))
    body = parts(w, child_of(node, BLOCK))
    w.builder.amend(symbol, params=params, statements=len(body))
    for child in parts(w, node):
        if child.type == "constructor_delegation_call":
            arguments(w, child_of(child, VALUE_ARGUMENTS))
    suite(w, body)
    w.owner, w.holder = outer


@GRAMMAR.visits("property_declaration")
def visit_property(w: Walk, node: Node) -> None:
    modifiers_of(w, node.children)
    start, end = node.start_byte, node.end_byte
    variable = child_of(node, VARIABLE) or child_of(node, MULTI)
    if variable is None:
        return
    bound: Value | None = None
    delegate = child_of(node, PROPERTY_DELEGATE)
    given = [child for child in after(w, node, "=") if child.kind_id not in ACCESSORS]
    name = "" if variable.kind_id == MULTI else w.raw(next(iter(parts(w, variable)), variable))
    if given:
        bound = named_value(w, given[0], w.name(name).id if name else "")
    elif delegate is not None:
        bound = next((value(w, child) for child in parts(w, delegate)), None)
    if variable.kind_id == MULTI:
        names = [next(iter(parts(w, child)), child) for child in parts(w, variable)]
        w.assign(Seq(tuple(w.name(w.raw(n)) for n in names)), bound, None, "let", start, end)
        return
    declared = next((value(w, child) for child in parts(w, variable) if child.kind_id in TYPES), None)
    accessor = child_of(node, GETTER)
    in_class = w.holder >= 0
    if accessor is not None and in_class and bound is None:
        getter(w, accessor, w.name(name).id, declared)
    else:
        w.assign(w.name(name), bound, declared, "field" if in_class else "let", start, end)
        if accessor is not None:
            statement(w, accessor)


@GRAMMAR.visits("type_alias")
def visit_type_alias(w: Walk, node: Node) -> None:
    name = next((child for child in node.named_children if child.kind_id in w.identifiers), None)
    meant = after(w, node, "=")
    if name is not None and meant:
        w.assign(w.name(w.raw(name)), value(w, meant[0]), None, "let", node.start_byte, node.end_byte)
