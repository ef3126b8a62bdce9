"""Chains of Kotlin: calls with their trailing lambdas, members, subscripts, infix calls, references.

Choices the model leaves open: `a infix b` is the call `a.infix(b)`; `Order::name` a member, `Order::class` the class,
`::show` the name; `this@Outer` the Name Outer; `arrayOf(...)`, `listOf(...)` a Seq and no Call; `get<Order> { }`, which the grammar
takes for comparisons, is a call.
"""

from __future__ import annotations

from tree_sitter import Node

from backend_readiness.facts.languages.jvm.tree import MAX_DEPTH, MAX_ITEMS, Walk, other, parts, unknown, value
from backend_readiness.facts.languages.kotlin.grammar import (
    ANNOTATED_LAMBDA,
    ANONYMOUS_FUNCTION,
    CALL,
    GRAMMAR,
    INDEX,
    LABEL,
    LAMBDA,
    NAVIGATION,
    PARENTHESES,
    TYPE_ARGUMENTS,
    UNARY,
    USER_TYPE,
    VALUE_ARGUMENTS,
    child_of,
)
from backend_readiness.facts.model import Arg, Call, CallRef, Index, Name, Op, Seq, Value

PREFIXES = ("!", "-", "+")
LINKS = frozenset((CALL, NAVIGATION, INDEX, PARENTHESES, UNARY))
LISTS = frozenset(("arrayOf", "listOf", "setOf", "mutableListOf", "mutableSetOf", "emptyList", "emptySet", "listOfNotNull"))
INFIX = GRAMMAR.kind("infix_expression")
SPREAD = GRAMMAR.kind("spread_expression")
LAMBDAS = frozenset((LAMBDA, ANONYMOUS_FUNCTION))
ARGUMENTS_DEPTH = 2


@GRAMMAR.lowers("call_expression", "navigation_expression", "index_expression", "parenthesized_expression")
def chain(w: Walk, node: Node) -> Value:
    """Lower `a.b(c)[d].e { }` from the inside out without recursion along the chain."""
    links: list[tuple[int, Node, list[Node]]] = []
    inner = node
    before: list[str] = []  # the grammar binds `!` to the first name of `!a.b(c)`
    bound = False
    while (number := inner.kind_id) in LINKS:
        children = parts(w, inner)
        if number == PARENTHESES:
            if len(children) != 1:
                break
            bound = True
        elif number == UNARY:
            if len(children) != 1:
                break
            sign = inner.children[0].type
            if sign in PREFIXES and inner is not node and not bound:
                before.append("not" if sign == "!" else sign)
            elif not w.text.endswith("!!", inner.start_byte, inner.end_byte):
                break
        else:
            if not children:
                break
            links.append((number, inner, children))
        inner = children[0]
    room = max(1, MAX_DEPTH - w.depth)
    if len(links) <= room:
        w.depth += len(links)
        result = other(w, inner) if inner.kind_id == PARENTHESES or inner is node else value(w, inner)
        w.depth -= len(links)
    else:
        result = unknown(w, inner)
    run = 0
    at = len(links) - 1
    while at >= 0:
        number, link, children = links[at]
        run += 1
        if run > room:
            result = unknown(w, children[0])
            run = 1
        if number == NAVIGATION:
            result = _navigation(w, link, result, children)
        elif number == INDEX:
            result = _indexed(w, link, result, children[1:])
        else:
            run = 0
            outer = links[at - 1] if at else None
            if outer is not None and outer[0] == CALL and child_of(link, VALUE_ARGUMENTS) is not None and _is_trailing(outer[2]):
                result = _call(w, outer[1], result, [*children[1:], *outer[2][1:]])
                at -= 1
            else:
                result = _call(w, link, result, children[1:])
        at -= 1
    for sign in reversed(before):
        result = Op(sign, (result,))
    return result


def _indexed(w: Walk, node: Node, base: Value, children: list[Node]) -> Value:
    """`routes["/orders", show]` and `routes[Handler { }]` are written-out calls of the operator `get`; one other key is an element."""
    keys = [value(w, child) for child in children[:MAX_ITEMS]]
    if len(keys) > 1 or any(_is_converted(w, child) for child in children):
        return add_call(w, node, w.builder.member(base, "get"), tuple(Arg(k) for k in keys))
    return Index(base, keys[0] if keys else Seq(()))


def _is_converted(w: Walk, node: Node) -> bool:
    """Is it a lambda that is made an interface: `Handler { request -> ... }`?"""
    children = parts(w, node) if node.kind_id == CALL else []
    return len(children) == 2 and children[1].kind_id == ANNOTATED_LAMBDA and w.raw(children[0])[:1].isupper()


def _is_trailing(children: list[Node]) -> bool:
    """Does a call only add a lambda to the call that it is written behind?"""
    return len(children) == 2 and children[1].kind_id == ANNOTATED_LAMBDA


def _navigation(w: Walk, node: Node, base: Value, children: list[Node]) -> Value:
    last = children[-1]
    if len(children) < 2:
        return base if node.children[-1].type in ("class", "::") else unknown(w, node)
    written = w.raw(last)
    if written == "class":
        return base
    if written == "java" and w.text.endswith("::class.java", node.start_byte, node.end_byte):
        return base
    return w.builder.member(base, w.name(written).id)


def _call(w: Walk, node: Node, callee: Value, rest: list[Node]) -> Value:
    args: list[Arg] = []
    type_args: tuple[Value, ...] = ()
    w.depth += ARGUMENTS_DEPTH
    for child in rest:
        number = child.kind_id
        if number == VALUE_ARGUMENTS:
            args.extend(arguments(w, child))
        elif number == TYPE_ARGUMENTS:
            type_args = type_arguments(w, child)
        elif number == ANNOTATED_LAMBDA:
            inner = child_of(child, LAMBDA)
            if inner is not None:
                args.append(Arg(value(w, inner)))
    w.depth -= ARGUMENTS_DEPTH
    if isinstance(callee, Name) and callee.id in LISTS:
        return Seq(tuple(a.value for a in args[:MAX_ITEMS]))
    return add_call(w, node, callee, tuple(args), type_args=type_args)


def add_call(w: Walk, node: Node, callee: Value, args: tuple[Arg, ...], kind: str = "call", type_args: tuple[Value, ...] = ()) -> CallRef:
    start, end = node.start_byte, node.end_byte
    call = Call(callee, args, w.owner, w.line(start), w.last_line(end), start, end, kind, False, type_args)  # type: ignore[arg-type]
    return CallRef(w.builder.add_call(call))


def arguments(w: Walk, node: Node | None) -> tuple[Arg, ...]:
    """The arguments of a call or of an annotation; `name = value` and `*spread` are kept as such."""
    found: list[Arg] = []
    for child in parts(w, node)[:MAX_ITEMS]:
        inner = parts(w, child)
        named = len(inner) == 2 and any(c.type == "=" for c in child.children)
        if named:
            written = w.name(w.raw(inner[0])).id
            found.append(Arg(named_value(w, inner[1], written), written))
        elif inner:
            spread = inner[-1].kind_id == SPREAD
            found.append(Arg(value(w, inner[-1]), None, spread or any(c.type == "*" for c in child.children)))
    return tuple(found)


def type_arguments(w: Walk, node: Node) -> tuple[Value, ...]:
    return tuple(value(w, child) for child in parts(w, node)[:MAX_ITEMS])


@GRAMMAR.lowers("spread_expression", "annotated_expression", "labeled_expression")
def lower_wrapped(w: Walk, node: Node) -> Value:
    """The expression behind a `*`, an annotation or a label."""
    children = [child for child in parts(w, node) if child.kind_id != LABEL]
    for child in children[:-1]:
        value(w, child)
    return value(w, children[-1]) if children else unknown(w, node)


@GRAMMAR.lowers("infix_expression")
def lower_infix(w: Walk, node: Node) -> Value:
    """`a foo b bar c` without recursion along its left side."""
    links: list[tuple[Node, list[Node]]] = []
    while node.kind_id == INFIX and len(children := parts(w, node)) == 3:
        links.append((node, children))
        node = children[0]
    room = max(1, MAX_DEPTH - w.depth)
    result = value(w, node) if links and len(links) <= room else unknown(w, node)
    for count, (link, children) in enumerate(reversed(links)):
        if count and count % room == 0:
            result = unknown(w, link)
        callee = w.builder.member(result, w.name(w.raw(children[1])).id)
        w.depth += 1
        result = add_call(w, link, callee, (Arg(value(w, children[2])),))
        w.depth -= 1
    return result


@GRAMMAR.lowers("callable_reference")
def lower_reference(w: Walk, node: Node) -> Value:
    children = parts(w, node)
    if not children:
        return unknown(w, node)
    written = w.name(w.raw(children[-1]))
    if len(children) == 1:
        return written
    base = children[0]
    receiver = value(w, base) if base.kind_id != USER_TYPE or base.named_child_count > 1 else w.name(w.raw(base))
    return receiver if written.id == "class" else w.builder.member(receiver, written.id)


@GRAMMAR.lowers("this_expression", "super_expression")
def lower_this(w: Walk, node: Node) -> Value:
    label = next((child for child in node.named_children if child.kind_id in w.identifiers), None)
    if node.type == "super_expression":
        return w.name("super")
    if label is None:
        return w.name("self")
    written = w.raw(label)
    held = {w.builder.symbols[i].name for i in _enclosing(w) if w.builder.symbols[i].kind == "class"}
    return w.name(written) if written in held else w.name("self")


def _enclosing(w: Walk) -> list[int]:
    found = []
    at = w.owner
    while at > 0:
        found.append(at)
        at = w.builder.symbols[at].parent
    return found


def named_value(w: Walk, node: Node, name: str) -> Value:
    """A value bound to a name: a lambda takes that name."""
    if node.kind_id not in LAMBDAS:
        return value(w, node)
    w.lambda_name = name
    lowered = value(w, node)
    w.lambda_name = ""
    return lowered
