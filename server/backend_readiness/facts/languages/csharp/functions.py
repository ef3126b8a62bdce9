"""Functions of C#: methods, constructors, local functions and lambdas, with their parameters and attributes.

Choices the model leaves open: a constructor is called `constructor`. An attribute is a decorator call, with and without arguments
(`[HttpGet]` makes one too); `private` stands as a bare one for all that is not public, `abstract` for itself. An extension method
is a `function`, and its receiver a parameter of the kind `this`. A method of an interface that is implemented explicitly goes by
its own name.
"""

from __future__ import annotations

from msgspec.structs import replace
from tree_sitter import Node

from backend_readiness.facts.languages.csharp.chains import add_call, arguments, named_value
from backend_readiness.facts.languages.csharp.extension_blocks import NAME, around, begins
from backend_readiness.facts.languages.csharp.tree import MAX_ITEMS, Walk, kinds, lowers, other, parts, statements, unknown, value, visits
from backend_readiness.facts.languages.csharp.types import written_type
from backend_readiness.facts.languages.text import plain
from backend_readiness.facts.model import Arg, Call, CallRef, Func, Param, Return, Symbol, Value

ATTRIBUTES = kinds("attribute_list")
MODIFIER = kinds("modifier")
BLOCK = kinds("block")
ARROW = kinds("arrow_expression_clause")
PARAMETERS = kinds("parameter_list")
PARAMETER = kinds("parameter")
MAX_DOC_CHARS = 120


# ---------------------------------------------------------------- attributes


def attributes(w: Walk, node: Node) -> tuple[Value, ...]:
    """The attributes above a definition, each as a decorator call."""
    found: list[Value] = []
    for listed in node.named_children:
        if listed.kind_id in ATTRIBUTES:
            found.extend(_attribute(w, child) for child in parts(listed) if child.type == "attribute")
        elif found and listed.type != "comment" and not listed.type.startswith("preproc"):
            break
    return tuple(found)


def _attribute(w: Walk, node: Node) -> Value:
    children = parts(node)
    callee = value(w, children[0]) if children else unknown(w, node)
    types: tuple[Value, ...] = ()
    args: list[Arg] = []
    for child in parts(children[1]) if len(children) > 1 else []:
        name = child.child_by_field_name("name")
        inside = [c for c in parts(child) if name is None or c != name]
        if inside:
            args.append(Arg(value(w, inside[-1]), w.name(w.raw(name)).id if name is not None else None))
    start, end = node.start_byte, node.end_byte
    call = Call(callee, tuple(args[:MAX_ITEMS]), w.owner, w.line(start), w.last_line(end), start, end, "decorator", False, types)
    return CallRef(w.builder.add_call(call))


@visits("attribute_list")
def lone_attributes(w: Walk, node: Node) -> None:
    for child in parts(node):
        _attribute(w, child) if child.type == "attribute" else other(w, child)


@visits("global_attribute")
def global_attribute(w: Walk, node: Node) -> None:
    """`[assembly: ...]` decorates nothing of the file."""


def visibility(w: Walk, node: Node) -> tuple[Value, ...]:
    """`private` as a bare decorator of a member that not everyone may call; members of interfaces are open."""
    marks = modifiers(w, node)
    holder = node.parent.parent if node.parent is not None else None
    is_open = "public" in marks or (holder is not None and holder.type == "interface_declaration")
    return (*(() if is_open else (w.name("private"),)), *((w.name("abstract"),) if "abstract" in marks else ()))


def modifiers(w: Walk, node: Node) -> frozenset[str]:
    return frozenset(w.raw(child) for child in node.named_children if child.kind_id in MODIFIER)


# ---------------------------------------------------------------- parameters


def parameters(w: Walk, node: Node | None, *, fields: bool = False) -> tuple[Param, ...]:
    if node is None:
        return ()
    if node.kind_id not in PARAMETERS:  # the one parameter of `x => ...`
        w.declare(w.raw(node))
        return (Param(w.name(w.raw(node)).id),)
    found: list[Param] = []
    children = parts(node)
    for place, child in enumerate(children):
        if child.kind_id in PARAMETER:
            found.append(_parameter(w, child, fields))
        elif child.type == "array_type" and place + 1 < len(children):  # `params string[] names` is written without a node of its own
            name = children[place + 1]
            w.declare(w.raw(name))
            found.append(Param(w.name(w.raw(name)).id, written_type(w, child), kind="*"))
    return tuple(found)


def _parameter(w: Walk, node: Node, fields: bool) -> Param:
    name, declared = node.child_by_field_name("name"), node.child_by_field_name("type")
    written = w.name(w.raw(name)).id if name is not None else ""
    if name is not None:
        w.declare(w.raw(name))
    marks = modifiers(w, node)
    kind = "this" if "this" in marks else "*" if "params" in marks else ""
    after = [c for c in parts(node) if name is None or c.start_byte > name.end_byte]
    default = named_value(w, after[-1], written) if after else None
    return Param(written, written_type(w, declared), default, kind, None, attributes(w, node), fields)


# ---------------------------------------------------------------- functions


def function(
    w: Walk, node: Node, kind: str, name: str, params: Node | None, body: Node | None, *, decorators: tuple[Value, ...] = (),
    returns: Value | None = None, extra: tuple[Node, ...] = (),
) -> int:  # fmt: skip
    """Add the symbol of a function and collect its body. `extra` stands before the body (`: base(x)`)."""
    start, end = node.start_byte, node.end_byte
    marks = modifiers(w, node)
    symbol = w.builder.add_symbol(
        Symbol(kind, name, w.owner, w.line(after_attributes(node)), w.last_line(end), start, end, decorators=decorators, returns=returns)
    )
    outer = w.owner, w.in_class, w.locals
    w.owner, w.in_class = symbol, False
    w.locals = [*w.locals, set()] if kind in ("lambda", "function") or not outer[1] else [set()]
    listed = parameters(w, params)
    if w.blocks and kind == "method" and "static" not in marks:
        listed = (*_extended(w, node), *listed)
    if kind == "method" and listed and listed[0].kind == "this":
        w.builder.amend(symbol, kind="function")
    inside = _body(body)
    doc = doc_comment(w, node) if kind != "lambda" else ""
    w.builder.amend(
        symbol, params=listed, is_async="async" in marks, is_static="static" in marks, statements=len(inside), doc=doc
    )  # fmt: skip
    for child in extra:
        _initializer(w, child)
    if body is not None and body.kind_id not in BLOCK:
        answered = inside[0] if inside else body
        returned = value(w, answered)
        first, last = answered.start_byte, answered.end_byte
        w.builder.returns.append(Return(returned, symbol, w.line(first), w.last_line(last), first))
    else:
        statements(w, inside)
    w.owner, w.in_class, w.locals = outer
    return symbol


def _extended(w: Walk, node: Node) -> tuple[Param, ...]:
    """What the block of extension members is about in which a member stands."""
    block = around(w.blocks, node.start_byte)
    listed = parameters(w, block.receiver) if block is not None else ()
    return tuple(replace(p, kind="this") for p in listed[:1])


def _body(node: Node | None) -> list[Node]:
    if node is None:
        return []
    if node.kind_id in BLOCK or node.kind_id in ARROW:
        return parts(node)
    return [node]


def after_attributes(node: Node) -> int:
    """Where a definition starts without its attributes."""
    for child in node.children:
        if child.kind_id not in ATTRIBUTES and child.type != "comment":
            return child.start_byte
    return node.start_byte


def _initializer(w: Walk, node: Node) -> None:
    """`: base(x)` and `: this(x)` call a constructor."""
    receiver = next((value(w, c) for c in node.children if c.type in ("this", "base")), None)
    listed = next((c for c in parts(node) if c.type == "argument_list"), None)
    if receiver is not None:
        add_call(w, node, receiver, arguments(w, listed))


def doc_comment(w: Walk, node: Node) -> str:
    """The first line of text of the `///` comment above."""
    before = node.prev_sibling
    lines: list[str] = []
    for _ in range(12):
        if before is None or before.type != "comment":
            break
        lines.append(w.raw(before).lstrip("/* ").replace("<summary>", "").replace("</summary>", "").strip())
        before = before.prev_sibling
    return next((plain(t)[:MAX_DOC_CHARS] for t in reversed(lines) if t), "")


@lowers("lambda_expression", "anonymous_method_expression")
def lambda_expression(w: Walk, node: Node) -> Value:
    name, w.lambda_name = w.lambda_name, ""
    body = node.child_by_field_name("body") or next((c for c in parts(node) if c.kind_id in BLOCK), None)
    return Func(function(w, node, "lambda", name, node.child_by_field_name("parameters"), body, decorators=attributes(w, node)))


def name_of(w: Walk, node: Node) -> str:
    name = node.child_by_field_name("name")
    return w.name(w.raw(name)).id if name is not None else ""


@visits("local_function_statement")
def local_function(w: Walk, node: Node) -> None:
    returns = written_type(w, node.child_by_field_name("type"))
    _member(w, node, "function", name_of(w, node), returns)


@visits("method_declaration", "operator_declaration", "conversion_operator_declaration", "destructor_declaration")
def method(w: Walk, node: Node) -> None:
    returns = written_type(w, node.child_by_field_name("returns") or node.child_by_field_name("type"))
    _member(w, node, "method" if w.in_class else "function", name_of(w, node), returns)


@visits("constructor_declaration")
def constructor(w: Walk, node: Node) -> None:
    block = begins(w.blocks, node.end_byte) if w.blocks and name_of(w, node) == NAME else None
    if block is not None:
        block.receiver = node.child_by_field_name("parameters")
        return
    extra = tuple(c for c in parts(node) if c.type == "constructor_initializer")
    _member(w, node, "method", "constructor", None, extra)


def _member(w: Walk, node: Node, kind: str, name: str, returns: Value | None, extra: tuple[Node, ...] = ()) -> None:
    listed, body = node.child_by_field_name("parameters"), node.child_by_field_name("body")
    marks = visibility(w, node) if kind == "method" else ()
    symbol = function(w, node, kind, name, listed, body, decorators=(*marks, *attributes(w, node)), returns=returns, extra=extra)
    generic = node.child_by_field_name("type_parameters")
    if generic is not None:
        w.builder.amend(symbol, type_params=len(parts(generic)))
