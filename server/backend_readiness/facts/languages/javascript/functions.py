"""Functions of every form, their parameters and decorators, lowered to symbols.

A function that is bound to a variable or declared is of kind `function`, one in a class (an arrow function in a field
too) `method`; one written as a value is a `lambda`, named after the property it is the value of (`{save() {}}`,
`exports.save = ...`): no bare name reaches it. The `doc` of a function or module that opens with the directive
`"use server"` or `"use client"` is that directive.
"""

from __future__ import annotations

from tree_sitter import Node

from backend_readiness.facts.languages.javascript.patterns import key
from backend_readiness.facts.languages.javascript.types import annotation
from backend_readiness.facts.languages.javascript.walk import (
    MAX_DEPTH,
    MAX_ITEMS,
    NOTHING,
    Walk,
    directive,
    inner,
    lowers,
    statements,
    value,
)
from backend_readiness.facts.model import Call, CallRef, Func, Name, Op, Param, Return, Symbol, Value

FUNCTIONS = ("arrow_function", "function_expression", "generator_function", "function_declaration", "generator_function_declaration")


def begin(w: Walk, node: Node, kind: str, name: str) -> int:
    """Append the symbol, so that what it holds can name it; the caller amends it. Its span begins after its decorators."""
    first = next((child for child in node.children if child.type != "decorator"), node)
    return w.builder.add_symbol(
        Symbol(
            kind=kind,
            name=name,
            parent=w.owner,
            line=w.line(first),
            end_line=w.end_line(node),
            start=w.base + first.start_byte,
            end=w.base + node.end_byte,
        )
    )


def function(w: Walk, node: Node, name: str, kind: str, decorators: tuple[Value, ...] = ()) -> int:
    """The symbol of a function with all that is in it."""
    index = begin(w, node, kind, name)
    doc = w.take_doc()
    outer, outer_depth, w.owner = w.owner, w.depth, index
    if w.depth >= MAX_DEPTH:
        w.cut = True
        w.owner = outer
        return index
    w.depth += 1
    is_async = is_static = False
    for child in node.children:
        if child.is_named:
            if child.type in ("formal_parameters", "identifier", "statement_block"):
                break
        elif child.type == "async":
            is_async = True
        elif child.type == "static":
            is_static = True
    params = parameters(w, node)
    returns = annotation(w, node.child_by_field_name("return_type"))
    body = node.child_by_field_name("body")
    count = 0
    if body is not None:
        if body.type == "statement_block":
            children = body.named_children
            doc = directive(w, children) or doc
            count = statements(w, children)
        else:
            count = 1
            place = (w.line(body), w.end_line(body), w.base + body.start_byte)
            lowered = value(w, body)
            w.builder.returns.append(Return(lowered, index, *place))
    w.owner, w.depth = outer, outer_depth
    w.builder.amend(
        index, params=params, decorators=decorators, returns=returns, is_async=is_async, is_static=is_static, statements=count, doc=doc
    )
    return index


def parameters(w: Walk, node: Node) -> tuple[Param, ...]:
    single = node.child_by_field_name("parameter")
    if single is not None:
        return (Param(w.name(w.raw(single)).id),)
    listed = node.child_by_field_name("parameters")
    if listed is None:
        return ()
    found = []
    for child in listed.named_children[:MAX_ITEMS]:
        if child.kind_id != w.comment_kind:
            param = _parameter(w, child)
            if param is not None:
                found.append(param)
    return tuple(found)


def _parameter(w: Walk, node: Node) -> Param | None:
    kind = node.type
    type_: Value | None = None
    default: Node | None = None
    decorators: tuple[Value, ...] = ()
    field = False
    pattern: Node | None = node
    if kind in ("required_parameter", "optional_parameter"):
        pattern = node.child_by_field_name("pattern")
        default = node.child_by_field_name("value")
        if node.child_count > 1:
            decorators = tuple(decorator(w, child) for child in node.children if child.type == "decorator")
            field = any(child.type in ("accessibility_modifier", "readonly", "override_modifier") for child in node.children)
        type_ = annotation(w, node.child_by_field_name("type"))
    elif kind == "assignment_pattern":
        pattern, default = node.child_by_field_name("left"), node.child_by_field_name("right")
    if pattern is None or pattern.type == "this":
        return None
    if pattern.kind_id == w.identifier:
        lowered: Value = w.name(w.raw(pattern))
    else:
        lowered = value(w, pattern)
    default_value = value(w, default) if default is not None else None
    rest = isinstance(lowered, Op) and lowered.op == "*"
    if isinstance(lowered, Op) and rest:
        lowered = lowered.operands[0]
    if isinstance(lowered, Name):
        return Param(lowered.id, type_, default_value, "*" if rest else "", None, decorators, field)
    return Param("", type_, default_value, "*" if rest else "", lowered, decorators, field)


def decorator(w: Walk, node: Node) -> Value:
    """`@x` as the value of x, `@x(...)` as a call of kind `decorator`."""
    found = inner(w, node)
    if found is None:
        return NOTHING
    lowered = value(w, found)
    if isinstance(lowered, CallRef):
        call = w.builder.calls[lowered.call]
        w.builder.calls[lowered.call] = Call(
            call.callee, call.args, call.owner, call.line, call.end_line, call.start, call.end, "decorator", False, call.type_args
        )
    return lowered


def own_name(w: Walk, node: Node) -> str:
    name = node.child_by_field_name("name")
    return w.name(w.raw(name)).id if name is not None else ""


@lowers("arrow_function", "function_expression", "generator_function")
def function_value(w: Walk, node: Node) -> Value:
    return Func(function(w, node, own_name(w, node), "lambda"))


@lowers("function_declaration", "generator_function_declaration")
def function_declaration(w: Walk, node: Node) -> Value:
    return Func(function(w, node, own_name(w, node), "function"))


@lowers("function_signature")
def function_signature(w: Walk, node: Node) -> Value:
    """An overload has its implementation beside it; only where nothing is implemented a signature is a symbol."""
    return Func(function(w, node, own_name(w, node), "function")) if w.ambient else NOTHING


@lowers("method_definition")
def object_method(w: Walk, node: Node) -> Value:
    """A method of an object literal; those of classes are met by `definitions`."""
    name = node.child_by_field_name("name")
    return Func(function(w, node, (key(w, name) if name is not None else None) or "", "lambda"))
