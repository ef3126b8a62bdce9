"""Chains of Python: calls, members and subscripts, with their arguments.

Choices the model leaves open: a slice is `Op(":", (start, stop[, step]))` with `Lit(None)` for an absent end;
`"...".format(x)` is a Concat and no Call.
"""

from __future__ import annotations

from typing import Literal

from tree_sitter import Node

from backend_readiness.facts.languages.python import text
from backend_readiness.facts.languages.python.tree import (
    EXTRAS,
    KINDS,
    MAX_DEPTH,
    MAX_ITEMS,
    Walk,
    inner_value,
    kind,
    lowers,
    other,
    unknown,
    value,
    without_extras,
)
from backend_readiness.facts.languages.text import is_text
from backend_readiness.facts.model import Arg, Call, CallRef, Index, Lit, Member, Op, Seq, Value

CALL = kind("call")
ATTRIBUTE = kind("attribute")
SUBSCRIPT = kind("subscript")
PARENTHESES = kind("parenthesized_expression")
KEYWORD = kind("keyword_argument")
GENERATOR = kind("generator_expression")
LIST_SPLAT = kind("list_splat")
SPLATS = frozenset((kind("list_splat"), kind("dictionary_splat")))
LINKS = frozenset((CALL, ATTRIBUTE, SUBSCRIPT, PARENTHESES))
TRANSPARENT = frozenset((PARENTHESES, kind("await")))
LAMBDAS = frozenset(KINDS["lambda"])
ARGUMENTS_DEPTH = 2  # a call takes more frames of the interpreter than other expressions
CallKind = Literal["call", "new", "template", "decorator"]


@lowers("call", "attribute", "subscript", "parenthesized_expression")
def chain(w: Walk, node: Node, *, call_kind: CallKind = "call", awaited: bool = False, start: int = -1) -> Value:
    """Lower `a.b(c)[d].e()` from the inside out without recursion along the chain.

    The keywords describe the outermost call: its kind, whether it is awaited, and where it starts if not at the node.
    """
    links: list[tuple[int, Node, list[Node]]] = []
    lower = value
    while (number := node.kind_id) in LINKS:
        children = node.named_children
        if number == PARENTHESES:
            children = without_extras(children)
            if len(children) != 1:
                lower = other
                break
        else:
            if len(children) != 2:
                children = without_extras(children)
                if len(children) < 2:
                    lower = other
                    break
            links.append((number, node, children))
        node = children[0]
    spread = bool(links) and node.kind_id == LIST_SPLAT  # the grammar reads `[*a.b]` as `(*a).b`
    room = max(1, MAX_DEPTH - w.depth)
    fits = len(links) <= room
    if fits:
        w.depth += len(links)
    result = lower(w, node)
    if fits:
        w.depth -= len(links)
    else:
        result = unknown(w, node)
    if spread and type(result) is Op:
        result = result.operands[0]
    run = 0
    for number, link, children in reversed(links):
        run += 1
        if run > room:
            result = unknown(w, children[0])
            run = 1
        if number == ATTRIBUTE:
            result = w.builder.member(result, w.name(w.raw(children[-1])).id)
        elif number == SUBSCRIPT:
            keys = [value(w, child) for child in children[1:]]
            result = Index(result, keys[0] if len(keys) == 1 else Seq(tuple(keys[:MAX_ITEMS])))
        else:
            run = 0
            if link is links[0][1]:
                result = _call(w, link, result, children[-1], call_kind, awaited, start)
            else:
                result = _call(w, link, result, children[-1])
    return Op("*", (result,)) if spread else result


def _call(
    w: Walk, node: Node, callee: Value, arguments_node: Node, call_kind: CallKind = "call", awaited: bool = False, start: int = -1
) -> Value:
    w.depth += ARGUMENTS_DEPTH
    args = arguments(w, arguments_node)
    w.depth -= ARGUMENTS_DEPTH
    if type(callee) is Member and callee.name == "format" and is_text(callee.base):
        return text.format_call(callee.base, args)
    if start < 0:
        start = node.start_byte
    end = node.end_byte
    calls = w.builder.calls
    calls.append(Call(callee, args, w.owner, w.line(start), w.last_line(end), start, end, call_kind, awaited))
    return CallRef(len(calls) - 1)


def arguments(w: Walk, node: Node) -> tuple[Arg, ...]:
    """The arguments of an `argument_list`, or of a lone generator expression, which stands there without a list."""
    if node.kind_id == GENERATOR:
        return (Arg(value(w, node)),)
    args: list[Arg] = []
    for child in node.named_children:
        number = child.kind_id
        if number == KEYWORD:
            given = keyword(w, child)
            if given is not None:
                args.append(given)
        elif number in SPLATS:
            args.append(Arg(inner_value(w, child), None, True))
        elif number not in EXTRAS:
            args.append(Arg(value(w, child)))
    return tuple(args)


def keyword(w: Walk, node: Node) -> Arg | None:
    """One `name=value` among arguments; None for one that is not whole."""
    parts = without_extras(node.named_children)
    if len(parts) != 2:
        other(w, node)
        return None
    written = w.name(w.raw(parts[0])).id
    return Arg(named_value(w, parts[1], written), written)


def named_value(w: Walk, node: Node, name: str) -> Value:
    """A value bound to a name: a lambda takes that name."""
    if node.kind_id not in LAMBDAS:
        return value(w, node)
    w.lambda_name = name
    lowered = value(w, node)
    w.lambda_name = ""
    return lowered


@lowers("await")
def lower_await(w: Walk, node: Node) -> Value:
    while True:
        children = without_extras(node.named_children)
        if len(children) != 1:
            return other(w, node)
        node = children[0]
        if node.kind_id == CALL:
            return chain(w, node, awaited=True)
        if node.kind_id not in TRANSPARENT:
            return value(w, node)


@lowers("slice")
def lower_slice(w: Walk, node: Node) -> Value:
    ends: list[Value] = [Lit(None)]
    for child in node.children:
        if child.is_named and child.kind_id not in EXTRAS:
            ends[-1] = value(w, child)
        elif child.type == ":":
            ends.append(Lit(None))
    return Op(":", tuple(ends))
