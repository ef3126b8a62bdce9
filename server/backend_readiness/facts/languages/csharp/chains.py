"""Chains of C#: members, calls and subscripts in one loop however long they are, and the making of objects.

Choices the model leaves open: the members set by `new Order { Number = 1 }` are keyword arguments of the call; a collection or
dictionary made with its items is those items, and its call is recorded too; `nameof(x.Y)` is the text `Y`; `base` is `super`.
"""

from __future__ import annotations

from tree_sitter import Node

from backend_readiness.facts.builder import last_name
from backend_readiness.facts.languages.csharp.tree import (
    MAX_DEPTH,
    MAX_ITEMS,
    Walk,
    inner,
    kinds,
    lowers,
    other,
    parts,
    unknown,
    value,
)
from backend_readiness.facts.languages.csharp.types import GENERIC, type_arguments
from backend_readiness.facts.languages.text import plain
from backend_readiness.facts.model import Arg, Call, CallRef, Func, Index, Lit, Member, Name, Record, Seq, Value

CALL = kinds("invocation_expression")
MEMBER = kinds("member_access_expression")
SUBSCRIPT = kinds("element_access_expression")
CONDITIONAL = kinds("conditional_access_expression")
BANG = kinds("postfix_unary_expression", "parenthesized_expression", "checked_expression")
LAMBDAS = kinds("lambda_expression", "anonymous_method_expression")
IMPLICIT_NEW = kinds("implicit_object_creation_expression")
_DELEGATES = frozenset({"Func", "Action", "Predicate", "EventHandler", "EventCallback", "Comparison"})
LINKS = CALL | MEMBER | SUBSCRIPT
ASSIGNMENT = kinds("assignment_expression")
INITIALIZER = kinds("initializer_expression")
LISTS = ("collection_expression", "array_creation_expression", "implicit_array_creation_expression", "initializer_expression")


@lowers("invocation_expression", "member_access_expression", "element_access_expression")
def chain(w: Walk, node: Node, awaited: bool = False) -> Value:
    """Lower `a.b(c)[d]?.e()` from the inside out without recursion along the chain."""
    links: list[Node] = []
    current = node
    while current.kind_id in LINKS or (current.kind_id in BANG and len(parts(current)) == 1 and not _counts(w, current)):
        if current.kind_id in LINKS:
            links.append(current)
            current = current.children[0]
        else:
            current = parts(current)[0]
    room = MAX_DEPTH - w.depth
    if len(links) > room:
        result: Value = unknown(w, current)
    else:
        w.depth += len(links)
        result = value(w, current)
        w.depth -= len(links)
    run = 0
    for link in reversed(links):
        run += 1
        if run > max(1, room):
            result, run = unknown(w, link), 1
        result = _linked(w, link, result, awaited and link is node)
    return result


def _counts(w: Walk, node: Node) -> bool:
    return w.raw(node).endswith(("++", "--"))


def _linked(w: Walk, link: Node, base: Value, awaited: bool) -> Value:
    children = parts(link)
    if link.kind_id in MEMBER:
        return w.builder.member(base, _plain_name(w, children[-1])) if children else base
    if link.kind_id in SUBSCRIPT:
        keys = arguments(w, children[-1]) if children else ()
        values = [k.value for k in keys]
        return Index(base, values[0] if len(values) == 1 else Seq(tuple(values)))
    if len(children) < 2:
        return base
    return _call(w, link, base, _generic_of(children[0]), children[-1], awaited)


def _plain_name(w: Walk, node: Node) -> str:
    """The identifier of a name with or without type arguments."""
    named = parts(node)[0] if node.kind_id in GENERIC and parts(node) else node
    return w.name(w.raw(named)).id


def _generic_of(callee: Node) -> Node | None:
    """The `generic_name` that a callee ends with."""
    for _ in range(4):
        if callee.kind_id in GENERIC:
            return callee
        children = parts(callee)
        if not children or callee.kind_id in CALL:
            return None
        callee = children[-1]
    return None


def _call(w: Walk, node: Node, callee: Value, generic: Node | None, listed: Node, awaited: bool) -> Value:
    types = type_arguments(w, generic) if generic is not None else ()
    if types and isinstance(callee, Index):  # `Find<Order>(id)`: the name was read as a type
        callee = callee.base
    args = arguments(w, listed)
    if isinstance(callee, Name) and callee.id == "nameof" and len(args) == 1:
        return Lit(last_name(args[0].value) or "")
    return add_call(w, node, callee, args, awaited=awaited, types=types)


def add_call(
    w: Walk, node: Node, callee: Value, args: tuple[Arg, ...], *, made: bool = False, awaited: bool = False, types: tuple[Value, ...] = ()
) -> CallRef:
    start, end = node.start_byte, node.end_byte
    kind = "new" if made else "call"
    line, last = w.line(start), w.last_line(end)
    return CallRef(w.builder.add_call(Call(callee, args, w.owner, line, last, start, end, kind, awaited, types)))  # type: ignore[arg-type]


def arguments(w: Walk, node: Node | None) -> tuple[Arg, ...]:
    found: list[Arg] = []
    for child in parts(node):
        name = child.child_by_field_name("name")
        inside = [c for c in parts(child) if name is None or c != name]
        if len(inside) != 1:
            other(w, child)
            continue
        written = w.name(w.raw(name)).id if name is not None else None
        found.append(Arg(named_value(w, inside[0], written or ""), written))
    return tuple(found[:MAX_ITEMS])


@lowers("argument")
def argument(w: Walk, node: Node) -> Value:
    children = parts(node)
    return value(w, children[-1]) if children else unknown(w, node)


def named_value(w: Walk, node: Node, name: str, declared: Value | None = None) -> Value:
    """A value bound to a name: a lambda takes that name, and `new()` makes what was declared."""
    if node.kind_id in LAMBDAS:
        w.lambda_name = plain(name)
        lowered = value(w, node)
        w.lambda_name = ""
        return lowered
    if node.kind_id in IMPLICIT_NEW:
        w.wanted = declared
    if isinstance(declared, Index) and node.type in LISTS:
        w.listed = declared.key
    return value(w, node)


# ---------------------------------------------------------------- `?.` and what is transparent


@lowers("conditional_access_expression")
def conditional_access(w: Walk, node: Node) -> Value:
    children = parts(node)
    if len(children) != 2:
        return other(w, node)
    base = value(w, children[0])
    outer, w.binding = w.binding, base
    result = value(w, children[1])
    w.binding = outer
    return result


@lowers("member_binding_expression")
def member_binding(w: Walk, node: Node) -> Value:
    children = parts(node)
    if w.binding is None or not children:
        return other(w, node)
    return w.builder.member(w.binding, _plain_name(w, children[-1]))


@lowers("element_binding_expression")
def element_binding(w: Walk, node: Node) -> Value:
    keys = [a.value for a in arguments(w, node)]
    if w.binding is None or not keys:
        return unknown(w, node)
    return Index(w.binding, keys[0] if len(keys) == 1 else Seq(tuple(keys)))


@lowers("parenthesized_expression", "checked_expression", "ref_expression", "arrow_expression_clause")
def transparent(w: Walk, node: Node) -> Value:
    inside = node
    while inside.kind_id in BANG and len(parts(inside)) == 1:
        inside = parts(inside)[0]
    return value(w, inside) if inside is not node else inner(w, node)


@lowers("await_expression")
def awaited(w: Walk, node: Node) -> Value:
    children = parts(node)
    if len(children) != 1:
        return other(w, node)
    inside = children[0]
    while inside.kind_id in BANG and len(parts(inside)) == 1:
        inside = parts(inside)[0]
    return chain(w, inside, awaited=True) if inside.kind_id in CALL else value(w, inside)


# ---------------------------------------------------------------- objects


@lowers("object_creation_expression")
def creation(w: Walk, node: Node) -> Value:
    declared = node.child_by_field_name("type")
    made = value(w, declared) if declared is not None else unknown(w, node)
    return _made(w, node, made)


@lowers("implicit_object_creation_expression")
def implicit_creation(w: Walk, node: Node) -> Value:
    made, w.wanted = w.wanted, None
    return _made(w, node, made if made is not None else unknown(w, node))


def _made(w: Walk, node: Node, made: Value) -> Value:
    types: tuple[Value, ...] = ()
    if isinstance(made, Index):
        types = made.key.items if isinstance(made.key, Seq) else (made.key,)
        made = made.base
    args: tuple[Arg, ...] = ()
    held: Value | None = None
    for child in parts(node):
        if child.kind_id in INITIALIZER:
            written = parts(child)
            if written and all(c.kind_id in ASSIGNMENT and parts(c)[0].type == "identifier" for c in written):
                args = (*args, *_set_members(w, written))
            elif written:
                w.listed = types[0] if len(types) == 1 else None
                held = value(w, child)
        elif child.type == "argument_list":
            args = arguments(w, child)
    found = add_call(w, node, made, args, made=True, types=types)
    if isinstance(made, Name) and made.id in _DELEGATES and len(args) == 1 and isinstance(args[0].value, Name | Member | Func):
        return args[0].value  # `new Func<int, Task>(Load)` is Load
    return held if held is not None else found


def _set_members(w: Walk, written: list[Node]) -> tuple[Arg, ...]:
    found: list[Arg] = []
    for child in written[:MAX_ITEMS]:
        left, right = parts(child)[0], parts(child)[-1]
        name = w.name(w.raw(left)).id
        found.append(Arg(named_value(w, right, name), name))
    return tuple(found)


@lowers("anonymous_object_creation_expression")
def anonymous(w: Walk, node: Node) -> Value:
    """`new { a = 1, b.Id }`. The grammar keeps names and values side by side."""
    items: list[tuple[str | None, Value]] = []
    pending = ""
    children = node.children
    for place, child in enumerate(children):
        if not child.is_named:
            continue
        following = children[place + 1].type if place + 1 < len(children) else ""
        if following == "=":
            pending = w.name(w.raw(child)).id
            continue
        lowered = named_value(w, child, pending)
        items.append((pending or last_name(lowered) or "", lowered))
        pending = ""
    return Record(tuple(items[:MAX_ITEMS]))


@lowers("with_expression")
def with_expression(w: Walk, node: Node) -> Value:
    children = parts(node)
    found = value(w, children[0]) if children else unknown(w, node)
    for child in children[1:]:
        inside = parts(child)
        if inside:
            value(w, inside[-1])
    return found


@lowers("declaration_expression")
def declaration(w: Walk, node: Node) -> Value:
    """`out var x`, `(int a, string b)`: declares a name."""
    name = node.child_by_field_name("name")
    if name is None:
        return other(w, node)
    w.declare(w.raw(name))
    return value(w, name)
