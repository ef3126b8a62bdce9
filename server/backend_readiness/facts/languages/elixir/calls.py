"""Calls of Elixir: local, of a module, through a pipe, with keywords and blocks.

`a |> f(b)` is `f(a, b)`. A block is the keyword argument `do`, a function. A local call that nothing in the module defines, written in
the body of a module, is one of what the module uses: `get "/x"` after `use Plug.Router` is `Plug.Router.get`, after `use Web, :router`
it is `:router.get`.
"""

from __future__ import annotations

from tree_sitter import Node

from backend_readiness.facts.languages.elixir.tree import (
    FORMS,
    MAX_DEPTH,
    MAX_ITEMS,
    ROUTING,
    Walk,
    child,
    inner,
    lowers,
    other,
    unknown,
    value,
)
from backend_readiness.facts.languages.text import plain
from backend_readiness.facts.model import Arg, Call, CallRef, Func, Member, Name, Op, Return, Symbol, Value

_DSLS = frozenset(("router", "schema", "builder", "endpoint"))  # what a module uses for what it declares, whatever else it uses


@lowers("call")
def lower_call(w: Walk, node: Node) -> Value:
    return call(w, node, None)


def call(w: Walk, node: Node, first: Value | None) -> Value:
    """A call; `first` is what a pipe puts before its arguments."""
    head = node.child_by_field_name("target")
    if head is None:
        return other(w, node)
    if head.type == "identifier":
        form = FORMS.get(w.raw(head))
        if form is not None and (first is None or w.raw(head) in ("case", "then", "tap", "if", "unless")):
            w.piped = first
            return form(w, node)
        callee: Value = _local(w, w.raw(head))
    else:
        callee = _remote(w, head)
        if head.type == "dot" and child(node, "arguments") is None and child(node, "do_block") is None and not w.raw(node).endswith(")"):
            right = head.child_by_field_name("right")
            if right is not None and right.type != "alias" and first is None:
                left = head.child_by_field_name("left")
                if left is not None and left.type != "alias":
                    return callee  # `user.name`
    args = [Arg(first)] if first is not None else []
    args += arguments(w, child(node, "arguments"))
    if args and isinstance(args[0].value, Op) and args[0].value.op == "in" and head.type == "identifier":
        args[0] = Arg(args[0].value.operands[-1])  # `from(u in User)` is about `User`
    guarded = args[0].value if args and head.type == "identifier" and w.raw(head) in ROUTING - {"plug"} else None
    if isinstance(guarded, Op) and guarded.op == "when":
        args[0] = Arg(guarded.operands[0])  # `get "/orders/:id" when byte_size(id) > 3 do`
    block = child(node, "do_block")
    if block is not None:
        args.append(Arg(block_function(w, block), "do"))
    return add_call(w, node, callee, tuple(args))


def add_call(w: Walk, node: Node, callee: Value, args: tuple[Arg, ...]) -> CallRef:
    start, end = node.start_byte, node.end_byte
    w.builder.calls.append(Call(callee, args, w.owner, w.line(start), w.last_line(end), start, end))
    return CallRef(len(w.builder.calls) - 1)


def _local(w: Walk, name: str) -> Value:
    if w.quoting and name in ROUTING:
        return w.builder.member(w.name(":router"), plain(name))
    if w.uses and w.owner_is_body():
        used = next((u for u in w.uses if u.rpartition(".")[2].lstrip(":").lower() in _DSLS), w.uses[0])
        own = name not in ROUTING and not name.endswith("_routes") and any(i.name == "*" for i in w.builder.imports)
        if own and used.rpartition(".")[2].lstrip(":").lower() == "router":
            return w.name(plain(name))  # a macro of the repository, or of a package, that the router imports
        return w.builder.member(w.name(used), plain(name))
    return w.name(name)


def _remote(w: Walk, head: Node) -> Value:
    if head.type != "dot":
        return value(w, head)
    left, right = head.child_by_field_name("left"), head.child_by_field_name("right")
    if left is None:
        return unknown(w, head)
    base = w.name(w.raw(left)) if left.type == "atom" else value(w, left)  # a module of Erlang: `:cowboy_router.compile(routes)`
    if right is not None and right.type == "alias" and isinstance(base, Name):
        return w.name(f"{base.id}.{w.raw(right)}")  # `__MODULE__.Item`
    return w.builder.member(base, plain(w.raw(right))) if right is not None else base  # `fun.(x)` calls `fun`


@lowers("dot")
def lower_dot(w: Walk, node: Node) -> Value:
    return _remote(w, node)


def arguments(w: Walk, node: Node | None) -> list[Arg]:
    found: list[Arg] = []
    for item in inner(node)[:MAX_ITEMS]:
        if item.type == "keywords":
            found.extend(_keyword(w, pair) for pair in inner(item)[:MAX_ITEMS] if pair.type == "pair" and len(inner(pair)) == 2)
        else:
            found.append(Arg(value(w, item)))
    return found


def _keyword(w: Walk, pair: Node) -> Arg:
    """`page: 2`; `do: show(conn)` is the block of a call in one line."""
    key, given = inner(pair)
    name = plain(w.raw(key)).strip().rstrip(":").strip('"')
    w.builder.names.add(name)
    return Arg(_function(w, given, [given]) if name == "do" else value(w, given), name)


def piped(w: Walk, node: Node) -> Value:
    """A pipe of any length, from its start on, without recursion along it."""
    links: list[Node] = []
    while node.type == "binary_operator":
        operator, left, right = (node.child_by_field_name(f) for f in ("operator", "left", "right"))
        if operator is None or left is None or right is None or operator.type != "|>":
            break
        links.append(right)
        node = left
    result = value(w, node)
    for number, link in enumerate(reversed(links)):
        if number % MAX_DEPTH == MAX_DEPTH - 1:
            result = unknown(w, link)
        result = call(w, link, result) if link.type == "call" else add_call(w, link, value(w, link), (Arg(result),))
    return result


def block_function(w: Walk, block: Node) -> Value:
    """A `do` block as a function without parameters."""
    return _function(w, block, inner(block))


def _function(w: Walk, node: Node, body: list[Node]) -> Value:
    start, end = node.start_byte, node.end_byte
    symbol = w.builder.add_symbol(Symbol("lambda", "", w.owner, w.line(start), w.last_line(end), start, end))
    outer, w.owner = w.owner, symbol
    returned: Value | None = None
    for part in body:
        returned = value(w, part)
    w.builder.amend(symbol, statements=len(body))
    if returned is not None:
        w.builder.returns.append(Return(returned, symbol, w.line(start), w.last_line(end), start))
    w.owner = outer
    return Func(symbol)


__all__ = ["Member"]
