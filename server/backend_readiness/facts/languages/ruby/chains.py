"""Names and chains of Ruby: identifiers, constants, calls with their arguments and blocks, subscripts.

`Constant.new(...)` is a Call of kind `new` of the constant. A block is the last argument, a Func; a block that is passed on (`&block`,
`&:name`) is an Arg called `&`. Pairs of a call whose keys are symbols are keyword arguments; the others stand in one Record.
"""

from __future__ import annotations

from tree_sitter import Node

from backend_readiness.facts.languages.ruby import declarations
from backend_readiness.facts.languages.ruby.tree import (
    BLOCKS,
    CONSTANT,
    EXTRAS,
    F_ARGUMENTS,
    F_BLOCK,
    F_KEY,
    F_METHOD,
    F_NAME,
    F_OBJECT,
    F_RECEIVER,
    F_SCOPE,
    F_VALUE,
    IDENTIFIER,
    MAX_DEPTH,
    MAX_ITEMS,
    Walk,
    kinds,
    lowers,
    unknown,
    value,
    without_extras,
)
from backend_readiness.facts.languages.text import plain
from backend_readiness.facts.model import Arg, Call, CallRef, Concat, Index, Lit, Member, Name, Op, Record, Seq, Value

CALL = kinds("call")
SUBSCRIPT = kinds("element_reference")
PARENTHESES = kinds("parenthesized_statements")
LINKS = CALL | SUBSCRIPT | PARENTHESES
PAIR = kinds("pair")
SPLATS = kinds("splat_argument", "hash_splat_argument")
BLOCK_ARGUMENT = kinds("block_argument")
SYMBOL_KEYS = kinds("hash_key_symbol", "simple_symbol", "delimited_symbol")
LAMBDA = kinds("lambda")
SUPER = kinds("super")
SELF = kinds("self")
CONSTANTS = kinds("constant", "scope_resolution")
KEY_WORD = kinds("hash_key_symbol")


@lowers("identifier")
def lower_identifier(w: Walk, node: Node) -> Value:
    written = w.raw(node)
    name = w.name(written)
    if written in w.locals:
        return name
    if written.startswith("__"):
        return name
    return w.call(name, (), node.start_byte, node.end_byte)


@lowers("constant", "global_variable")
def lower_constant(w: Walk, node: Node) -> Value:
    return w.name(w.raw(node))


@lowers("self")
def lower_self(w: Walk, node: Node) -> Value:
    return w.name("self")


@lowers("instance_variable", "class_variable")
def lower_instance_variable(w: Walk, node: Node) -> Value:
    return w.builder.member(w.name("self"), plain(w.raw(node)))


@lowers("scope_resolution")
def lower_scope(w: Walk, node: Node) -> Value:
    """`A::B`; `::B` is B."""
    names: list[str] = []
    current: Node | None = node
    while current is not None and current.kind_id not in CONSTANT:
        name = current.child_by_field_id(F_NAME)
        scope = current.child_by_field_id(F_SCOPE)
        if name is None or len(names) > 30:
            break
        names.append(w.raw(name))
        current = scope
    if current is not None and current.kind_id not in CONSTANT:
        if len(names) > 30 or current is node:
            return unknown(w, node)
        result = value(w, current)
    else:
        result = w.name(w.raw(current)) if current is not None else w.name(names.pop())
    for written in reversed(names):
        result = w.builder.member(result, w.name(written).id)
    return result


@lowers("super")
def lower_super(w: Walk, node: Node) -> Value:
    return w.call(w.builder.member(w.name("super"), w.method or "new"), (), node.start_byte, node.end_byte)


@lowers("yield")
def lower_yield(w: Walk, node: Node) -> Value:
    args = arguments(w, next(iter(node.named_children), None))
    return w.call(w.name("yield"), args, node.start_byte, node.end_byte)


@lowers("call", "element_reference")
def lower_chain(w: Walk, node: Node) -> Value:
    """Lower `a.b(c)[d].e` from the inside out without recursion along the chain."""
    links: list[Node] = []
    current: Node | None = node
    while current is not None and current.kind_id in LINKS:
        if current.kind_id in PARENTHESES:
            inner = without_extras(current.named_children)
            if len(inner) != 1:
                break
            current = inner[0]
            continue
        links.append(current)
        current = current.child_by_field_id(F_RECEIVER if current.kind_id in CALL else F_OBJECT)
    room = max(1, MAX_DEPTH * 2 - w.depth)
    result: Value | None = None
    if current is not None:
        result = value(w, current) if len(links) <= room else unknown(w, current)
    base = current
    for count, link in enumerate(reversed(links)):
        if count and count % room == 0:
            result = unknown(w, link)
        if link.kind_id in SUBSCRIPT:
            keys = [value(w, child) for child in without_extras(link.named_children)[1:]]
            key: Value = keys[0] if len(keys) == 1 else Seq(tuple(keys[:MAX_ITEMS]))
            result = Index(result if result is not None else Lit(None), key)
        else:
            result = _call(w, link, result, base)
        base = link
    return result if result is not None else unknown(w, node)


def _call(w: Walk, node: Node, receiver: Value | None, receiver_node: Node | None) -> Value:
    method = node.child_by_field_id(F_METHOD)
    written = w.raw(method) if method is not None else "call"
    if receiver is None and method is not None and method.kind_id in IDENTIFIER:
        declared = declarations.DECLARES.get(written)
        if declared is not None and (special := declared(w, node)) is not None:
            return special
    if written == "freeze" and isinstance(receiver, Lit | Seq | Record | Concat):
        return receiver
    start, end = node.start_byte, node.end_byte
    block = node.child_by_field_id(F_BLOCK)
    given = arguments(w, node.child_by_field_id(F_ARGUMENTS))
    new = False
    callee: Value
    if receiver is None:
        if method is not None and method.kind_id in SUPER:
            callee = w.builder.member(w.name("super"), w.method or "new")
        elif method is not None and method.kind_id in CONSTANTS and not given and block is None:
            return value(w, method)
        else:
            callee = w.name(written)
    elif written == "new" and receiver_node is not None and receiver_node.kind_id in (CONSTANTS | SELF):
        callee, new = receiver, True
        w.builder.names.add("new")
    else:
        callee = w.builder.member(receiver, w.name(written).id)
    if block is not None:
        given = (*given, Arg(declarations.block_function(w, block)))
    calls = w.builder.calls
    calls.append(Call(callee, given, w.owner, w.line(start), w.last_line(end), start, end, "new" if new else "call"))
    return CallRef(len(calls) - 1)


def arguments(w: Walk, node: Node | None) -> tuple[Arg, ...]:
    """The arguments of a call; those after the `MAX_ITEMS`th count as facts only."""
    args: list[Arg] = []
    items: list[tuple[str | None, Value]] = []
    computed: list[tuple[Value, Value]] = []
    for child in node.named_children if node is not None else ():
        number = child.kind_id
        if number in EXTRAS or number in BLOCKS:
            continue
        if number in PAIR:
            key, item = pair(w, child)
            written = child.child_by_field_id(F_KEY)
            if isinstance(key, Lit) and isinstance(key.value, str):
                if written is not None and written.kind_id in SYMBOL_KEYS:
                    args.append(Arg(item, key.value))
                else:
                    items.append((key.value, item))
            else:
                computed.append((key, item))
        elif number in SPLATS:
            inner = [value(w, c) for c in without_extras(child.named_children)]
            args.append(Arg(inner[0] if inner else Lit(None), None, True))
        elif number in BLOCK_ARGUMENT:
            inner = [value(w, c) for c in without_extras(child.named_children)]
            args.append(Arg(inner[0] if inner else Lit(None), "&"))
        else:
            first = args[0].value if number in LAMBDA and args else None
            w.lambda_name = first.value if isinstance(first, Lit) and isinstance(first.value, str) else ""  # `scope :paid, -> { }`
            args.append(Arg(value(w, child)))
            w.lambda_name = ""
    if items or computed:
        args.append(Arg(Record(tuple(items[:MAX_ITEMS]), tuple(computed[:MAX_ITEMS]))))
    return tuple(args[:MAX_ITEMS])


def pair(w: Walk, node: Node) -> tuple[Value, Value]:
    """Key and value of a pair; `f(name:)` passes what `name` means."""
    key_node, value_node = node.child_by_field_id(F_KEY), node.child_by_field_id(F_VALUE)
    key: Value = value(w, key_node) if key_node is not None else Lit(None)
    if value_node is not None:
        if isinstance(key, Lit) and isinstance(key.value, str):
            w.lambda_name = key.value
        item = value(w, value_node)
        w.lambda_name = ""
        return key, item
    if key_node is None or key_node.kind_id not in KEY_WORD:
        return key, Lit(None)
    written = w.raw(key_node)
    name = w.name(written)
    return key, name if written in w.locals else w.call(name, (), key_node.start_byte, key_node.end_byte)


@lowers("hash")
def lower_hash(w: Walk, node: Node) -> Value:
    items: list[tuple[str | None, Value]] = []
    computed: list[tuple[Value, Value]] = []
    for child in without_extras(node.named_children):
        if child.kind_id in PAIR:
            key, item = pair(w, child)
            if isinstance(key, Lit) and isinstance(key.value, str):
                items.append((key.value, item))
            else:
                computed.append((key, item))
        else:
            inner = [value(w, c) for c in without_extras(child.named_children)]
            items.append((None, inner[0] if inner else Lit(None)))
    return Record(tuple(items[:MAX_ITEMS]), tuple(computed[:MAX_ITEMS]))


@lowers("pair")
def lower_lone_pair(w: Walk, node: Node) -> Value:
    key, item = pair(w, node)
    return Record((), ((key, item),))


@lowers("array", "right_assignment_list", "left_assignment_list", "destructured_left_assignment", "argument_list")
def lower_sequence(w: Walk, node: Node) -> Value:
    items = [value(w, child) for child in without_extras(node.named_children)]
    return Seq(tuple(items[:MAX_ITEMS]))


@lowers("splat_argument", "rest_assignment", "hash_splat_argument")
def lower_splat(w: Walk, node: Node) -> Value:
    return Op("*", tuple(value(w, child) for child in without_extras(node.named_children)))


__all__ = ["Member", "Name", "arguments", "lower_chain"]
