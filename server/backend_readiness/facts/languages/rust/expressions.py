"""Choices, blocks and closures of Rust.

A block is a value: that of its last expression. `if` and `match` are an Alt of their branches. What a branch that leaves the function
gives is Unknown, and counts for nothing beside the others.
"""

from __future__ import annotations

from tree_sitter import Node

from backend_readiness.facts.languages.rust.patterns import bind, target
from backend_readiness.facts.languages.rust.tree import (
    ATTRIBUTES,
    EXTRAS,
    MAX_ITEMS,
    MAX_NESTING,
    Walk,
    kinds,
    lowers,
    other,
    statement,
    unknown,
    value,
    without_extras,
)
from backend_readiness.facts.languages.rust.types import type_of
from backend_readiness.facts.model import (
    Alt,
    Block,
    Call,
    CallRef,
    Func,
    Lit,
    Name,
    Param,
    Return,
    Seq,
    Symbol,
    Throw,
    Unknown,
    Value,
)

BLOCK = kinds("block")
STATEMENT = kinds("expression_statement")
PARAMETER = kinds("parameter")
IF = kinds("if_expression")


# ---------------------------------------------------------------- blocks


@lowers("block", "async_block", "gen_block")
def lower_block(w: Walk, node: Node) -> Value:
    inner = node if node.kind_id in BLOCK else next((c for c in node.named_children if c.kind_id in BLOCK), node)
    return block_value(w, inner)


def block_value(w: Walk, node: Node) -> Value:
    """Collect the statements of a block; its value is that of a last expression without a semicolon."""
    last: Value = Lit(None)
    if w.nesting >= MAX_NESTING:
        return unknown(w, node)
    w.nesting += 1
    skip = False
    pending: list[Node] = []
    for child in node.named_children:
        number = child.kind_id
        if number in EXTRAS:
            continue
        if number in ATTRIBUTES:
            skip = skip or _is_test(w, child)
            pending.append(child)
            continue
        given, pending = pending, []
        if skip:
            skip = False
            continue
        w.attributes = given if child.type.endswith("_item") else []
        found = statement(w, child)
        w.attributes = []
        last = Lit(None) if found is None or number in STATEMENT else found
        if number in STATEMENT and child.named_children and not w.raw(child).endswith(";"):
            last = found if found is not None else last  # `if` and `match` that end a block
    w.nesting -= 1
    return last


def _is_test(w: Walk, node: Node) -> bool:
    return w.raw(node).replace(" ", "").startswith("#[cfg(test")


@lowers("expression_statement")
def lower_statement(w: Walk, node: Node) -> Value:
    inner = [c for c in without_extras(node.named_children) if c.kind_id not in ATTRIBUTES]
    return value(w, inner[0]) if inner else Lit(None)


def is_empty(node: Node | None) -> bool:
    return node is None or not without_extras(node.named_children)


def add_block(w: Walk, kind: str, subject: Value | None, start: int, body: Node | None, end: int) -> None:
    w.builder.blocks.append(Block(kind, subject, w.owner, w.line(start), w.last_line(end), start, end, is_empty(body)))


def choice(options: list[Value]) -> Value:
    flat: list[Value] = []
    for option in options:
        flat.extend(option.options if isinstance(option, Alt) else (option,))
    kept: list[Value] = [o for o in flat if not isinstance(o, Unknown)] or flat
    return kept[0] if len(kept) == 1 else Alt(tuple(kept[:MAX_ITEMS])) if kept else Lit(None)


@lowers("if_expression")
def lower_if(w: Walk, node: Node) -> Value:
    found: list[Value] = []
    current: Node | None = node
    while current is not None and current.kind_id in IF:
        condition, then = current.child_by_field_name("condition"), current.child_by_field_name("consequence")
        subject = value(w, condition) if condition is not None else None
        if then is not None:
            add_block(w, "if", subject, w.start(current), then, w.end(then))
            found.append(block_value(w, then))
        clause = current.child_by_field_name("alternative")
        current = None
        if clause is not None:
            inner = without_extras(clause.named_children)
            if inner and inner[0].kind_id in IF:
                current = inner[0]
            elif inner:
                add_block(w, "else", None, w.start(clause), inner[0], w.end(clause))
                found.append(block_value(w, inner[0]))
    return choice(found)


@lowers("let_condition")
def lower_let_condition(w: Walk, node: Node) -> Value:
    pattern, bound = node.child_by_field_name("pattern"), node.child_by_field_name("value")
    found = value(w, bound) if bound is not None else None
    if pattern is not None:
        bind(w, pattern, found, None, "let", w.end(node))
    return found or unknown(w, node)


@lowers("match_expression")
def lower_match(w: Walk, node: Node) -> Value:
    looked, body = node.child_by_field_name("value"), node.child_by_field_name("body")
    subject = value(w, looked) if looked is not None else None
    add_block(w, "switch", subject, w.start(node), body, w.end(node))
    found: list[Value] = []
    for arm in body.named_children[: MAX_ITEMS * 4] if body is not None else ():
        if arm.type != "match_arm":
            continue
        pattern, answer = arm.child_by_field_name("pattern"), arm.child_by_field_name("value")
        if pattern is not None:
            bind(w, pattern, subject, None, "let", w.end(pattern))
            guard = pattern.child_by_field_name("condition")
            if guard is not None:  # `path if path.starts_with("/orders/") => ...` is a branch inside of its arm
                add_block(w, "if", value(w, guard), w.start(guard), answer, w.end(arm))
        head = pattern.named_children[0] if pattern is not None and pattern.named_children else None
        for case in _cases(w, head) if head is not None else [unknown(w, pattern) if pattern is not None else None]:
            add_block(w, "case", case, w.start(arm), answer if answer is not None and answer.kind_id in BLOCK else arm, w.end(arm))
        if answer is not None:
            found.append(value(w, answer))
    return choice(found)


def _cases(w: Walk, pattern: Node) -> list[Value]:
    """What a pattern of an arm compares with, one value for each alternative of `"/a" | "/b"`."""
    inner = [c for c in pattern.named_children if not c.is_extra]
    if pattern.type == "or_pattern":
        return [case for child in inner for case in _cases(w, child)][:MAX_ITEMS]
    if pattern.type in ("reference_pattern", "ref_pattern") and inner:
        return _cases(w, inner[-1])
    if pattern.type == "tuple_pattern":
        return [Seq(tuple(_cases(w, child)[0] for child in inner[:MAX_ITEMS]))]
    if pattern.type == "slice_pattern":
        return [Seq(tuple(Unknown("..") if ".." in w.raw(child) else _cases(w, child)[0] for child in inner[:MAX_ITEMS]))]
    if pattern.type in _PARTED:  # `Command::Add { id }`: the variant, whatever it holds
        named = pattern.child_by_field_name("type")
        return [value(w, named) if named is not None and named.type.startswith("scoped_") else unknown(w, pattern)]
    return [value(w, pattern) if pattern.type in _CASES else unknown(w, pattern)]


_PARTED = ("tuple_struct_pattern", "struct_pattern")
_CASES = ("string_literal", "integer_literal", "scoped_identifier", "boolean_literal", "negative_literal", "char_literal")


@lowers("for_expression", "while_expression", "loop_expression")
def lower_loop(w: Walk, node: Node) -> Value:
    pattern, over = node.child_by_field_name("pattern"), node.child_by_field_name("value") or node.child_by_field_name("condition")
    body = node.child_by_field_name("body")
    subject = value(w, over) if over is not None else None
    if pattern is not None:
        bind(w, pattern, subject, None, "for", w.end(over) if over is not None else w.end(pattern))
    add_block(w, "loop", subject, w.start(node), body, w.end(node))
    if body is not None:
        block_value(w, body)
    return Lit(None)


@lowers("return_expression")
def lower_return(w: Walk, node: Node) -> Value:
    inner = without_extras(node.named_children)
    add_return(w, value(w, inner[0]) if inner else None, node)
    return Unknown("return")


def add_return(w: Walk, returned: Value | None, node: Node) -> None:
    """A Return; an `Err(x)` among what is returned is a Throw too."""
    start, end = w.start(node), w.end(node)
    w.builder.returns.append(Return(returned, w.owner, w.line(start), w.last_line(end), start))
    for option in returned.options if isinstance(returned, Alt) else (returned,):
        call = w.builder.calls[option.call] if isinstance(option, CallRef) else None
        if call is not None and call.callee == Name("Err") and call.args:
            w.builder.throws.append(Throw(call.args[0].value, w.owner, call.line, call.start))


@lowers("break_expression", "continue_expression", "yield_expression")
def lower_jump(w: Walk, node: Node) -> Value:
    other(w, node)
    return Unknown("break")


# ---------------------------------------------------------------- closures


@lowers("closure_expression")
def lower_closure(w: Walk, node: Node) -> Value:
    name, w.lambda_name = w.lambda_name, ""
    start, end = w.start(node), w.end(node)
    symbol = w.builder.add_symbol(Symbol("lambda", name, w.owner, w.line(start), w.last_line(end), start, end))
    outer, w.owner = w.owner, symbol
    given = node.child_by_field_name("parameters")
    params = closure_params(w, given) if given is not None else []
    body = node.child_by_field_name("body")
    inner = body
    if body is not None and body.type == "async_block":
        inner = next((c for c in body.named_children if c.kind_id in BLOCK), body)
    is_async = "async" in w.text[node.start_byte : given.start_byte if given is not None else node.start_byte] or inner is not body
    count = len(without_extras(inner.named_children)) if inner is not None and inner.kind_id in BLOCK else 1
    w.builder.amend(symbol, params=tuple(params), statements=count, is_async=is_async)
    if inner is not None:
        returned = value(w, inner)
        if returned != Lit(None) and returned != Unknown("return"):
            add_return(w, returned, inner)
    w.owner = outer
    return Func(symbol)


def closure_params(w: Walk, node: Node) -> list[Param]:
    found = []
    for child in without_extras(node.named_children)[:MAX_ITEMS]:
        if child.kind_id in PARAMETER:
            found.append(parameter(w, child))
        else:
            bound = target(w, child)
            found.append(Param(bound.id) if isinstance(bound, Name) else Param("", pattern=bound or Name("")))
    return found


def _note(w: Walk, bound: Value | None) -> None:
    """The names that a parameter binds: a path that starts with one of them means something else."""
    if isinstance(bound, Name):
        w.lets.add(bound.id)
    elif isinstance(bound, Seq):
        for item in bound.items:
            _note(w, item)


def parameter(w: Walk, node: Node) -> Param:
    """A parameter; a pattern around one name (`State(pool): State<Pool>`) is that name with the declared type."""
    pattern = node.child_by_field_name("pattern")
    declared = type_of(w, node.child_by_field_name("type"))
    bound = target(w, pattern) if pattern is not None else None
    _note(w, bound)
    if isinstance(bound, Name):
        return Param(bound.id, declared)
    return Param("_", declared) if bound is None else Param("", declared, pattern=bound)


__all__ = ["Call", "block_value", "parameter"]
