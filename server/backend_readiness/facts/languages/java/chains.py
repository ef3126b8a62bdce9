"""Chains of Java: calls, members, subscripts and `new`, with their arguments.

Choices the model leaves open: `X.this` is the Name X; `X.class` is X; `String.format("...", x)` and `"...".formatted(x)` are
Concat and no Call, `List.of(a, b)` a Seq; an anonymous class is a `new` whose callee is a Func of a class that has the written
type as its base.
"""

from __future__ import annotations

from tree_sitter import Node

from backend_readiness.facts.languages.java.grammar import (
    F_ARGUMENTS,
    F_ARRAY,
    F_FIELD,
    F_INDEX,
    F_NAME,
    F_OBJECT,
    F_SCOPE,
    F_TYPE,
    F_TYPE_ARGUMENTS,
    GRAMMAR,
)
from backend_readiness.facts.languages.jvm import text
from backend_readiness.facts.languages.jvm.bodies import class_body
from backend_readiness.facts.languages.jvm.tree import MAX_DEPTH, MAX_ITEMS, Walk, other, parts, unknown, value
from backend_readiness.facts.languages.text import is_text
from backend_readiness.facts.model import Arg, Call, CallRef, Func, Index, Member, Name, Seq, Value

INVOCATION = GRAMMAR.kind("method_invocation")
ACCESS = GRAMMAR.kind("field_access")
SUBSCRIPT = GRAMMAR.kind("array_access")
SCOPED = GRAMMAR.set_of("scoped_identifier", "scoped_type_identifier")
PARENTHESES = GRAMMAR.kind("parenthesized_expression")
CLASS_BODY = GRAMMAR.kind("class_body")
TYPE_ARGUMENTS = GRAMMAR.kind("type_arguments")
THIS = GRAMMAR.kind("this")
SUPER = GRAMMAR.kind("super")
LAMBDA = GRAMMAR.kind("lambda_expression")
LINKS = frozenset((INVOCATION, ACCESS, SUBSCRIPT, PARENTHESES)) | SCOPED
ARGUMENTS_DEPTH = 2  # a call takes more frames of the interpreter than other expressions
STRING = Name("String")
LISTS = {"List": ("of",), "Set": ("of",), "Arrays": ("asList",), "Stream": ("of",), "ImmutableList": ("of",), "ImmutableSet": ("of",)}


@GRAMMAR.lowers("this")
def lower_this(w: Walk, node: Node) -> Value:
    return w.name("self")


@GRAMMAR.lowers("super")
def lower_super(w: Walk, node: Node) -> Value:
    return w.name("super")


@GRAMMAR.lowers(
    "method_invocation", "field_access", "array_access", "scoped_identifier", "scoped_type_identifier", "parenthesized_expression"
)
def chain(w: Walk, node: Node) -> Value:
    """Lower `a.b(c)[d].e()` from the inside out without recursion along the chain."""
    links: list[Node] = []
    inner: Node | None = node
    while inner is not None and inner.kind_id in LINKS:
        number = inner.kind_id
        node = inner
        if number == PARENTHESES:
            children = parts(w, inner)
            if len(children) != 1:
                break
            inner = children[0]
            continue
        links.append(inner)
        if number in (INVOCATION, ACCESS):
            inner = inner.child_by_field_id(F_OBJECT)
        elif number == SUBSCRIPT:
            inner = inner.child_by_field_id(F_ARRAY)
        else:
            inner = inner.child_by_field_id(F_SCOPE) or (inner.named_children[0] if inner.named_child_count > 1 else None)
    room = max(1, MAX_DEPTH - w.depth)
    result: Value | None = None
    if inner is not None:
        if len(links) <= room:
            w.depth += len(links)
            result = value(w, inner) if inner.kind_id != PARENTHESES else other(w, inner)
            w.depth -= len(links)
        else:
            result = unknown(w, inner)
    elif not links:
        return other(w, node)
    run = 0
    for link in reversed(links):
        run += 1
        if run > room:
            result = unknown(w, link)
            run = 1
        number = link.kind_id
        if number == INVOCATION:
            run = 0
            result = _invocation(w, link, result)
        elif number == SUBSCRIPT:
            index = link.child_by_field_id(F_INDEX)
            result = Index(result or unknown(w, link), value(w, index) if index is not None else unknown(w, link))
        else:
            result = _member(w, link, result)
    return result if result is not None else unknown(w, node)


def _member(w: Walk, node: Node, base: Value | None) -> Value:
    name = node.child_by_field_id(F_FIELD) or (node.named_children[-1] if node.named_children else None)
    if name is None:
        return unknown(w, node)
    if name.kind_id == THIS or name.kind_id == SUPER:
        return base or w.name("self")
    written = w.name(w.raw(name))
    return w.builder.member(base, written.id) if base is not None else written


def _invocation(w: Walk, node: Node, base: Value | None) -> Value:
    name = node.child_by_field_id(F_NAME)
    written = w.name(w.raw(name)) if name is not None else w.name("")
    callee: Value = w.builder.member(base, written.id) if base is not None else written
    w.depth += ARGUMENTS_DEPTH
    args = arguments(w, node.child_by_field_id(F_ARGUMENTS))
    w.depth -= ARGUMENTS_DEPTH
    if written.id == "format" and base == STRING and args:
        return text.formatted(args[0].value, [a.value for a in args[1:]])
    if written.id == "formatted" and base is not None and is_text(base):
        return text.formatted(base, [a.value for a in args])
    holder = base.id if isinstance(base, Name) else base.name if isinstance(base, Member) else ""  # `java.util.List.of(...)`
    if written.id in LISTS.get(holder, ()) and len(args) != 1:
        return Seq(tuple(a.value for a in args))
    return add_call(w, node, callee, args, type_args=type_arguments(w, node.child_by_field_id(F_TYPE_ARGUMENTS)))


def add_call(w: Walk, node: Node, callee: Value, args: tuple[Arg, ...], kind: str = "call", type_args: tuple[Value, ...] = ()) -> CallRef:
    start, end = node.start_byte, node.end_byte
    call = Call(callee, args, w.owner, w.line(start), w.last_line(end), start, end, kind, False, type_args)  # type: ignore[arg-type]
    return CallRef(w.builder.add_call(call))


def arguments(w: Walk, node: Node | None) -> tuple[Arg, ...]:
    return tuple(Arg(value(w, child)) for child in parts(w, node)[:MAX_ITEMS])


def type_arguments(w: Walk, node: Node | None) -> tuple[Value, ...]:
    return tuple(value(w, child) for child in parts(w, node)[:MAX_ITEMS])


@GRAMMAR.lowers("object_creation_expression")
def lower_new(w: Walk, node: Node) -> Value:
    written = node.child_by_field_id(F_TYPE)
    body: Node | None = None
    for child in node.named_children:
        if child.kind_id == CLASS_BODY:
            body = child
        elif w.depth < MAX_DEPTH and child.kind_id not in w.extras and child.start_byte < (written.start_byte if written else 0):
            value(w, child)  # `outer.new Inner()`
    named = value(w, written) if written is not None else unknown(w, node)
    w.depth += ARGUMENTS_DEPTH
    args = arguments(w, node.child_by_field_id(F_ARGUMENTS))
    w.depth -= ARGUMENTS_DEPTH
    if body is not None:
        symbol = w.begin("class", "", node, node.start_byte)
        w.builder.amend(symbol, bases=(named,))
        class_body(w, symbol, body)
        return add_call(w, node, Func(symbol), args, "new")
    type_args: tuple[Value, ...] = ()
    if isinstance(named, Index):
        type_args = named.key.items if isinstance(named.key, Seq) else (named.key,)
        named = named.base
    return add_call(w, node, named, args, "new", type_args)


@GRAMMAR.lowers("class_literal")
def lower_class_literal(w: Walk, node: Node) -> Value:
    children = parts(w, node)
    return value(w, children[0]) if children else unknown(w, node)


@GRAMMAR.lowers("method_reference")
def lower_method_reference(w: Walk, node: Node) -> Value:
    """`this::show` is the member, `Order::new` the class."""
    children = parts(w, node)
    if not children:
        return unknown(w, node)
    base = value(w, children[0])
    last = children[-1]
    if len(children) > 1 and last.kind_id in w.identifiers:
        return w.builder.member(base, w.name(w.raw(last)).id)
    return base


def named_value(w: Walk, node: Node, name: str) -> Value:
    """A value bound to a name: a lambda takes that name."""
    if node.kind_id != LAMBDA:
        return value(w, node)
    w.lambda_name = name
    lowered = value(w, node)
    w.lambda_name = ""
    return lowered
