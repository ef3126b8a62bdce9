"""Chains of Rust: calls, methods, fields, `?` and `.await`.

Methods that hand on what they are called on (`clone`, `unwrap`, `as_ref` ...) stay calls, but the value of the expression is that of
the receiver; so do the standard ways to add a context to an error.
"""

from __future__ import annotations

from tree_sitter import Node

from backend_readiness.facts.languages.rust.tree import EXTRAS, MAX_DEPTH, MAX_ITEMS, Walk, kinds, lowers, unknown, value, without_extras
from backend_readiness.facts.languages.rust.types import type_arguments
from backend_readiness.facts.languages.text import plain
from backend_readiness.facts.model import Arg, Call, CallRef, Concat, Func, Index, Lit, Member, Name, Throw, Value

CALL = kinds("call_expression")
FIELD = kinds("field_expression")
AWAIT = kinds("await_expression")
INSIDE = kinds("try_expression", "parenthesized_expression")
TURBOFISH = kinds("generic_function")
SCOPED = kinds("scoped_identifier")
GENERIC = kinds("generic_type", "generic_type_with_turbofish")
INDEX = kinds("index_expression")
LINKS = CALL | FIELD | AWAIT | INSIDE | TURBOFISH | INDEX
CLOSURE = kinds("closure_expression")
ATTRIBUTE = kinds("attribute_item")
_SAME = frozenset(
    ("clone", "cloned", "copied", "unwrap", "unwrap_or_default", "as_ref", "as_mut", "as_str", "as_slice", "as_deref", "as_bytes",
     "to_owned", "to_string", "to_vec", "into", "iter", "iter_mut", "into_iter", "borrow", "borrow_mut", "lock", "into_inner",
     "ok", "deref", "leak", "into_boxed_str", "as_deref_mut", "into_string", "try_into", "in_current_span", "boxed", "fuse",
     "get_ref", "optional")
)  # fmt: skip
_SAME_WITH = frozenset(("expect", "context", "with_context", "map_err", "ok_or", "ok_or_else", "wrap_err", "instrument"))


@lowers(
    "call_expression",
    "field_expression",
    "await_expression",
    "try_expression",
    "parenthesized_expression",
    "generic_function",
    "index_expression",
)
def chain(w: Walk, node: Node) -> Value:
    """Lower `a.b(c)?.d().await` from the inside out without recursion along the chain."""
    links: list[Node] = []
    while node.kind_id in LINKS:
        inner = _inside(node)
        if inner is None:
            break
        links.append(node)
        node = inner
    room = max(1, MAX_DEPTH - w.depth)
    result = value(w, node) if not links or node is not links[-1] else unknown(w, node)
    run = 0
    types = _of_path(w, node)
    for position in range(len(links) - 1, -1, -1):
        link = links[position]
        number = link.kind_id
        run += 1
        if run > room:
            result, run = unknown(w, link), 1
        if number in FIELD:
            field = link.child_by_field_name("field")
            result = w.builder.member(result, plain(w.raw(field).removeprefix("r#"))) if field is not None else result
        elif number in TURBOFISH:
            types = tuple(type_arguments(w, link.child_by_field_name("type_arguments")))
        elif number in INDEX:
            keys = without_extras(link.named_children)
            result = Index(result, value(w, keys[1])) if len(keys) == 2 else unknown(w, link)
        elif number in CALL:
            run = 0
            result = _call(w, link, result, types, _awaited(links, position))
            types = ()
    return result


def _of_path(w: Walk, node: Node) -> tuple[Value, ...]:
    """The type arguments that a path says before its last step: `Action::<Save>::new()`."""
    path = node.child_by_field_name("path") if node.kind_id in SCOPED else None
    return tuple(type_arguments(w, path.child_by_field_name("type_arguments"))) if path is not None and path.kind_id in GENERIC else ()


def _inside(node: Node) -> Node | None:
    number = node.kind_id
    if number in CALL or number in TURBOFISH:
        return node.child_by_field_name("function")
    if number in FIELD:
        return node.child_by_field_name("value")
    return next((c for c in node.named_children if c.kind_id not in EXTRAS and c.kind_id not in ATTRIBUTE), None)


def _awaited(links: list[Node], position: int) -> bool:
    return position > 0 and links[position - 1].kind_id in AWAIT


def _call(w: Walk, node: Node, callee: Value, types: tuple[Value, ...], awaited: bool) -> Value:
    w.depth += 2
    args = arguments(w, node.child_by_field_name("arguments"))
    w.depth -= 2
    start, end = w.start(node), w.end(node)
    calls = w.builder.calls
    calls.append(Call(callee, args, w.owner, w.line(start), w.last_line(end), start, end, "call", awaited, types))
    if isinstance(callee, Member) and callee.name in ("ok_or", "ok_or_else") and args:  # `find(id).ok_or(Missing)?`
        given = args[0].value
        made = next((r.value for r in reversed(w.builder.returns) if isinstance(given, Func) and r.owner == given.symbol), None)
        w.builder.throws.append(Throw(made or given, w.owner, w.line(start), start))
    if isinstance(callee, Member) and ((not args and callee.name in _SAME) or (len(args) == 1 and callee.name in _SAME_WITH)):
        return callee.base
    if len(args) == 1 and not types and _passes(callee, args[0].value):
        return args[0].value
    return CallRef(len(calls) - 1)


def _passes(callee: Value, given: Value) -> bool:
    """`String::from("x")`, `Uri::from_static("x")`: a text stays that text."""
    return isinstance(callee, Member) and isinstance(given, Lit | Concat) and callee.name in ("from", "from_static", "new_static")


def arguments(w: Walk, node: Node | None) -> tuple[Arg, ...]:
    """The arguments of a call. `name = value` is a keyword: attributes and macros are read as calls too."""
    args: list[Arg] = []
    for child in node.named_children[:MAX_ITEMS] if node is not None else ():
        if child.kind_id in EXTRAS or child.kind_id in ATTRIBUTE:
            continue
        if child.type == "assignment_expression":
            left, right = child.child_by_field_name("left"), child.child_by_field_name("right")
            if left is not None and right is not None:
                args.append(Arg(value(w, right), w.name(w.raw(left).strip()).id))
                continue
        args.append(Arg(value(w, child)))
    return tuple(args)


def named_value(w: Walk, node: Node, name: str) -> Value:
    """A value bound to a name: a closure takes that name."""
    if node.kind_id not in CLOSURE:
        return value(w, node)
    w.lambda_name = name
    lowered = value(w, node)
    w.lambda_name = ""
    return lowered


@lowers("struct_expression")
def lower_struct(w: Walk, node: Node) -> Value:
    """`Order { id, total: sum, ..rest }` is a `new` call with keywords."""
    head, body = node.child_by_field_name("name"), node.child_by_field_name("body")
    callee = _type_name(w, head) if head is not None else unknown(w, node)
    args: list[Arg] = []
    for child in body.named_children[:MAX_ITEMS] if body is not None else ():
        parts = [c for c in without_extras(child.named_children) if c.kind_id not in ATTRIBUTE]
        if child.type == "shorthand_field_initializer" and parts:
            name = w.name(w.raw(parts[0]))
            args.append(Arg(name, name.id))
        elif child.type == "field_initializer" and len(parts) == 2:
            written = w.name(w.raw(parts[0])).id
            args.append(Arg(named_value(w, parts[1], written), written))
        elif child.type == "base_field_initializer" and parts:
            args.append(Arg(value(w, parts[0]), None, True))
    start, end = w.start(node), w.end(node)
    w.builder.calls.append(Call(callee, tuple(args), w.owner, w.line(start), w.last_line(end), start, end, "new"))
    return CallRef(len(w.builder.calls) - 1)


def _type_name(w: Walk, node: Node) -> Value:
    typed = node.child_by_field_name("type") if node.type in ("generic_type", "generic_type_with_turbofish") else node
    node = typed if typed is not None else node
    written = w.raw(node)
    if written == "Self" and w.self_type is not None:
        return w.self_type
    return value(w, node)


__all__ = ["Name", "arguments", "chain", "named_value"]
