"""Chains and calls of Scala.

Choices the model leaves open: the argument lists of a call are one list (`path("x") { ... }`, `f(a)(b)`), as are the parameter lists of a
function; a block that is given as an argument is a function without parameters; `{ case ... }` is one function for each case, with its
pattern as parameter; `a.b` is a member, and a call besides, since it may run a function; `f[T]` is a call; `a infix b` is the call
`a.infix(b)`, and with an operator an Op; `x += y` is a call too, since tables of a database take rows so; `List(...)`
and `Seq(...)` are a Seq and no Call; `x.stripMargin` is x.
"""

from __future__ import annotations

import re

from tree_sitter import Node

from backend_readiness.facts.languages.jvm.tree import MAX_DEPTH, MAX_ITEMS, Walk, other, parts, unknown, value
from backend_readiness.facts.languages.scala.functions import function_argument
from backend_readiness.facts.languages.scala.grammar import (
    ARGUMENTS,
    CALL,
    F_ARGUMENTS,
    F_FIELD,
    F_FUNCTION,
    F_LEFT,
    F_OPERATOR,
    F_RIGHT,
    F_TYPE_ARGUMENTS,
    F_VALUE,
    FIELD,
    GENERIC,
    GRAMMAR,
    INFIX,
    PARENTHESES,
)
from backend_readiness.facts.languages.scala.literals import type_arguments
from backend_readiness.facts.languages.text import is_text, join_text
from backend_readiness.facts.model import Arg, Call, CallRef, Concat, Lit, Member, Name, Op, Seq, Value

LINKS = CALL | FIELD | GENERIC
LISTS = frozenset(("List", "Seq", "Vector", "Set", "Array", "IndexedSeq", "NonEmptyList"))
FLAT = frozenset(("+", "&&", "||", "~", "/", "<+>", "++", "::", "<|>"))
ADDED = frozenset(("+=", "++=", "-=", "*=", "/=", "|=", "&=", "::=", "--="))
ASSIGNMENT = GRAMMAR.set_of("assignment_expression")
SPREAD = GRAMMAR.set_of("vararg")
_MARGIN = re.compile(r"\n[ \t]*\|")


@GRAMMAR.lowers("call_expression", "field_expression", "generic_function")
def chain(w: Walk, node: Node) -> Value:
    """Lower `a.b(c)[T].d { }` from the inside out without recursion along the chain."""
    return _chain(w, node, [])


def _chain(w: Walk, node: Node, behind: list[Node]) -> Value:
    """A chain; `behind` are links that follow it."""
    links: list[Node] = [*behind]
    inner: Node | None = node
    while inner is not None and inner.kind_id in LINKS:
        links.append(inner)
        inner = inner.child_by_field_id(F_VALUE if inner.kind_id in FIELD else F_FUNCTION)
    if inner is None:
        return other(w, node)
    if inner.kind_id in INFIX:  # `a <+> B[F](c)`, which the grammar takes for a call of `a <+> B`
        return _infix(w, inner, links)
    room = max(1, MAX_DEPTH - w.depth)
    if len(links) > room:
        return _applied(w, unknown(w, inner), links)
    w.depth += len(links)
    result = value(w, inner)
    w.depth -= len(links)
    return _applied(w, result, links)


def _applied(w: Walk, result: Value, links: list[Node]) -> Value:
    """A value with the links of a chain, the outermost one first, put behind it."""
    room = max(1, MAX_DEPTH - w.depth)
    types: tuple[Value, ...] = ()
    lists: list[Node] = []
    run = 0
    for at in range(len(links) - 1, -1, -1):
        link = links[at]
        run += 1
        if run > room:
            result = unknown(w, link)
            run = 1
        if link.kind_id in GENERIC:
            types = type_arguments(w, link.child_by_field_id(F_TYPE_ARGUMENTS))
            if not at or links[at - 1].kind_id not in CALL:
                result, types = add_call(w, link, result, (), type_args=types), ()
        elif link.kind_id in FIELD:
            result = _field(w, link, result)
            types = ()
            if not at or links[at - 1].kind_id in FIELD:
                _read(w, link, result)
        else:
            given = link.child_by_field_id(F_ARGUMENTS)
            lists.extend([given] if given is not None else [])
            if at and links[at - 1].kind_id in CALL:
                continue
            result = _call(w, link, result, lists, types)
            types, lists = (), []
            run = 0
    return result


def _field(w: Walk, node: Node, base: Value) -> Value:
    field = node.child_by_field_id(F_FIELD)
    written = w.name(w.raw(field)).id if field is not None else ""
    if written == "stripMargin" and is_text(base):
        return _stripped(base)
    return w.builder.member(base, written)


def _read(w: Walk, node: Node, member: Value) -> None:
    """`orders.all` may run a function without a parameter list: it is a call for who follows calls, and a member as a value."""
    if type(member) is Member and member.name[:1].islower():
        add_call(w, node, member, ())


def _stripped(base: Value) -> Value:
    """Without what stands before the `|` of its lines, also where values are put into the text."""
    if type(base) is Concat:
        return Concat(tuple(Lit(_MARGIN.sub("\n", str(p.value))) if type(p) is Lit else p for p in base.parts))
    if type(base) is not Lit:
        return base
    return Lit("\n".join(line.lstrip().removeprefix("|") for line in str(base.value).split("\n")))


def _call(w: Walk, node: Node, callee: Value, lists: list[Node], types: tuple[Value, ...]) -> Value:
    args: list[Arg] = []
    w.depth += 1
    for given in lists:
        args.extend(arguments(w, given))
    w.depth -= 1
    if type(callee) is Name and callee.id in LISTS:
        return Seq(tuple(a.value for a in args[:MAX_ITEMS]))
    return add_call(w, node, callee, tuple(args[:MAX_ITEMS]), type_args=types)


def add_call(w: Walk, node: Node, callee: Value, args: tuple[Arg, ...], kind: str = "call", type_args: tuple[Value, ...] = ()) -> CallRef:
    start, end = node.start_byte, node.end_byte
    call = Call(callee, args, w.owner, w.line(start), w.last_line(end), start, end, kind, False, type_args)  # type: ignore[arg-type]
    return CallRef(w.builder.add_call(call))


def arguments(w: Walk, node: Node | None) -> tuple[Arg, ...]:
    """The arguments of a list, or the one that a block is."""
    if node is None:
        return ()
    if node.kind_id not in ARGUMENTS:
        return (Arg(function_argument(w, node)),)
    found: list[Arg] = []
    for child in parts(w, node)[:MAX_ITEMS]:
        left = child.child_by_field_id(F_LEFT) if child.kind_id in ASSIGNMENT else None
        right = child.child_by_field_id(F_RIGHT) if child.kind_id in ASSIGNMENT else None
        if left is not None and right is not None and left.kind_id in w.identifiers:
            found.append(Arg(value(w, right), w.name(w.raw(left)).id))
        else:
            found.append(Arg(value(w, child), None, child.kind_id in SPREAD))
    return tuple(found)


@GRAMMAR.lowers("parenthesized_expression")
def lower_parentheses(w: Walk, node: Node) -> Value:
    """What one pair or more of parentheses hold, without recursion."""
    inner = node
    while inner.kind_id in PARENTHESES and len(children := parts(w, inner)) == 1:
        inner = children[0]
    return value(w, inner) if inner.kind_id not in PARENTHESES else other(w, inner)


@GRAMMAR.lowers("infix_expression")
def lower_infix(w: Walk, node: Node) -> Value:
    """`a op b op c` without recursion along its left side; equal operators that lie flat share one value."""
    return _infix(w, node, [])


def _infix(w: Walk, node: Node, behind: list[Node]) -> Value:
    """Operators; `behind` are links of a chain that belong to the last operand."""
    links: list[tuple[Node, Node, Node]] = []
    inner = node
    while inner.kind_id in INFIX:
        left, operator, right = (inner.child_by_field_id(f) for f in (F_LEFT, F_OPERATOR, F_RIGHT))
        if left is None or operator is None or right is None:
            break
        links.append((inner, operator, right))
        inner = left
    if not links:
        return other(w, node)
    base = w.depth
    room = max(1, MAX_DEPTH - base - 2)
    result = unknown(w, inner) if inner.kind_id in INFIX else value(w, inner)
    run = 0
    for link, operator, right in reversed(links):
        sign = w.raw(operator)
        is_flat = sign in FLAT and type(result) is Op and result.op == sign
        run += not is_flat
        if run > room:
            result, run = unknown(w, link), 1
        w.depth += 2
        given = _chain(w, right, behind) if behind and link == node else function_argument(w, right)
        w.depth -= 2
        if sign[:1].isalpha():
            result = add_call(w, link, w.builder.member(result, w.name(sign).id), _given(given))
        elif sign == "+" and (is_text(result) or is_text(given)):
            result = join_text([result, given])
        elif sign in ADDED:
            result = add_call(w, link, w.builder.member(result, sign), (Arg(given),))
        elif type(result) is Op and result.op == sign and sign in FLAT:
            result = Op(sign, (*result.operands, given)[:MAX_ITEMS])
        else:
            result = Op(sign, (result, given))
    w.depth = base
    return result


def _given(value_given: Value) -> tuple[Arg, ...]:
    return tuple(Arg(item) for item in value_given.items) if type(value_given) is Seq else (Arg(value_given),)


@GRAMMAR.lowers("prefix_expression")
def lower_prefix(w: Walk, node: Node) -> Value:
    children = parts(w, node)
    if not children:
        return unknown(w, node)
    lowered = value(w, children[-1])
    sign = w.text[node.start_byte : node.start_byte + 1]
    if sign == "-" and type(lowered) is Lit and isinstance(lowered.value, int | float):
        return Lit(-lowered.value)
    return Op("not" if sign == "!" else sign, (lowered,))


@GRAMMAR.lowers("postfix_expression")
def lower_postfix(w: Walk, node: Node) -> Value:
    children = parts(w, node)
    if len(children) != 2:
        return other(w, node)
    return w.builder.member(value(w, children[0]), w.name(w.raw(children[1])).id)


@GRAMMAR.lowers("tuple_expression")
def lower_tuple(w: Walk, node: Node) -> Value:
    return Seq(tuple(value(w, child) for child in parts(w, node)[:MAX_ITEMS]))


@GRAMMAR.lowers("ascription_expression", "vararg", "splice_expression", "quote_expression", "method_value")
def lower_first(w: Walk, node: Node) -> Value:
    """`x: T`, `xs: _*`, `f _`: the value."""
    children = parts(w, node)
    return value(w, children[0]) if children else unknown(w, node)
