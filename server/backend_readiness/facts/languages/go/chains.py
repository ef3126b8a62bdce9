"""Chains of Go: calls, selectors, indexes and slices, lowered from the inside out without recursion along the chain.

`fmt.Sprintf("...", x)` is a Concat and no Call. A slice `x[a:b]` is `Index(x, Op(":", (a, b)))`.
"""

from __future__ import annotations

from tree_sitter import Node

from backend_readiness.facts.languages.go import text
from backend_readiness.facts.languages.go.tree import MAX_DEPTH, Walk, lowers, other, parts, unknown, value
from backend_readiness.facts.languages.go.types import lower_type, type_arguments
from backend_readiness.facts.model import Arg, Call, CallRef, Index, Lit, Member, Name, Op, Value

_STEP = {
    "call_expression": "function",
    "selector_expression": "operand",
    "index_expression": "operand",
    "slice_expression": "operand",
    "type_instantiation_expression": "type",
}
_ARGUMENTS_DEPTH = 2


@lowers("call_expression", "selector_expression", "index_expression", "slice_expression", "type_instantiation_expression")
def chain(w: Walk, node: Node) -> Value:
    links: list[Node] = []
    current: Node | None = node
    while current is not None and current.type in _STEP:
        links.append(current)
        current = current.child_by_field_name(_STEP[current.type])
    if current is None:
        return other(w, node)
    room = max(1, MAX_DEPTH - w.depth)
    result = value(w, current)
    run = 0
    for link in reversed(links):
        run += 1
        if run > room:
            result, run = unknown(w, link), 1
        kind = link.type
        if kind == "selector_expression":
            field = link.child_by_field_name("field")
            result = w.builder.member(result, w.name(w.raw(field)).id) if field is not None else unknown(w, link)
        elif kind == "call_expression":
            run = 0
            result = _call(w, link, result)
        elif kind == "index_expression":
            index = link.child_by_field_name("index")
            result = Index(result, value(w, index) if index is not None else Lit(None))
        elif kind == "slice_expression":
            ends = [link.child_by_field_name(f) for f in ("start", "end")]
            result = Index(result, Op(":", tuple(value(w, e) if e is not None else Lit(None) for e in ends)))
        else:
            type_arguments(w, link.child_by_field_name("type_arguments"))
    return result


def _call(w: Walk, node: Node, callee: Value) -> Value:
    arguments = parts(node.child_by_field_name("arguments"))
    w.depth += _ARGUMENTS_DEPTH
    if isinstance(callee, Name) and callee.id in ("make", "new") and arguments:
        made = lower_type(w, arguments[0])
        if callee.id == "new" and isinstance(made, Name | Member):
            w.depth -= _ARGUMENTS_DEPTH
            return add_call(w, node, made, (), made=True)
        for rest in arguments[1:]:
            value(w, rest)
        w.depth -= _ARGUMENTS_DEPTH
        return Op("as", (Lit(None), made or unknown(w, arguments[0])))
    args = tuple(_argument(w, child) for child in arguments)
    w.depth -= _ARGUMENTS_DEPTH
    if _formats(callee) and args and type(args[0].value) is Lit and isinstance(args[0].value.value, str):
        return text.formatted(args[0].value.value, [a.value for a in args[1:]])
    types = tuple(type_arguments(w, node.child_by_field_name("type_arguments")))
    if not types and isinstance(callee, Index) and isinstance(callee.base, Name | Member) and isinstance(callee.key, Name | Member):
        types, callee = (callee.key,), callee.base  # `parse[Order](body)`; a function out of a table is called with a literal key
    return add_call(w, node, callee, args, types)


def add_call(w: Walk, node: Node, callee: Value, args: tuple[Arg, ...], types: tuple[Value, ...] = (), *, made: bool = False) -> CallRef:
    start, end = node.start_byte, node.end_byte
    kind = "new" if made else "call"
    call = Call(callee, args, w.owner, w.line(start), w.last_line(end), start, end, "new" if kind == "new" else "call", False, types)
    return CallRef(w.builder.add_call(call))


def _formats(callee: Value) -> bool:
    return type(callee) is Member and callee.name == "Sprintf" and callee.base == Name("fmt")


def _argument(w: Walk, node: Node) -> Arg:
    if node.type == "variadic_argument":
        inner = parts(node)
        return Arg(value(w, inner[0]) if inner else unknown(w, node), None, True)
    return Arg(value(w, node))


@lowers("type_conversion_expression")
def lower_conversion(w: Walk, node: Node) -> Value:
    """`[]byte(x)` is x; `pkg.Name[T](x)` may as well call a generic function and is kept as a call."""
    wanted, operand = node.child_by_field_name("type"), node.child_by_field_name("operand")
    if wanted is None or operand is None:
        return other(w, node)
    if wanted.type == "generic_type":
        types = tuple(type_arguments(w, wanted.child_by_field_name("type_arguments")))
        callee = lower_type(w, wanted.child_by_field_name("type")) or unknown(w, wanted)
        return add_call(w, node, callee, (Arg(value(w, operand)),), types)
    return value(w, operand)
