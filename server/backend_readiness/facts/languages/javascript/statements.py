"""Declarations, assignments and control flow.

`var` is a `let`. An `else if` is an `else` Block around an `if` Block. A catch clause has no subject: JavaScript catches
everything. The Assign of a declaration covers its declarator, so `const a = 1, b = 2` are two.
"""

from __future__ import annotations

from tree_sitter import Node

from backend_readiness.facts.languages.javascript.definitions import named
from backend_readiness.facts.languages.javascript.modules import commonjs_export, import_by_require, keep_exports
from backend_readiness.facts.languages.javascript.types import annotation
from backend_readiness.facts.languages.javascript.walk import NOTHING, Walk, inner, lowers, statements, unknown, value
from backend_readiness.facts.model import Alt, Assign, Block, Index, Lit, Member, Name, Op, Return, Throw, Value


def _assign(w: Walk, node: Node, target: Value, lowered: Value | None, type_: Value | None, kind: str) -> None:
    w.builder.assigns.append(
        Assign(target, lowered, type_, w.owner, w.line(node), w.end_line(node), w.base + node.start_byte, w.base + node.end_byte, kind)
    )


@lowers("lexical_declaration", "variable_declaration", "using_declaration")
def declaration(w: Walk, node: Node) -> Value:
    word = node.child_by_field_name("kind")
    kind = "const" if word is not None and word.type == "const" else "let"
    for child in node.named_children:
        if child.type != "variable_declarator":
            if child.kind_id != w.comment_kind:
                value(w, child)
            continue
        name, initial = child.child_by_field_name("name"), child.child_by_field_name("value")
        type_ = annotation(w, child.child_by_field_name("type"))
        if name is None:
            continue
        target = value(w, name)
        lowered = named(w, initial, target.id if isinstance(target, Name) else "", "function") if initial is not None else None
        if isinstance(target, Name) and lowered is not None and initial is not None and w.owner == 0:
            keep_exports(w, target.id, lowered, initial)
        if lowered is None or not import_by_require(w, target, lowered, child):
            _assign(w, child, target, lowered, type_, kind)
    return NOTHING


@lowers("assignment_expression")
def assignment(w: Walk, node: Node) -> Value:
    """The value of an assignment is what is assigned; `a = b = c` are two Assigns."""
    left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
    if left is None or right is None:
        return unknown(w, node)
    target = value(w, left)
    lowered = named(w, right, _target_name(target), "lambda")
    if not (isinstance(target, Name) and import_by_require(w, target, lowered, node)):
        _assign(w, node, target, lowered, None, "assign")
    commonjs_export(w, target, lowered, node)
    return lowered


def _target_name(target: Value) -> str:
    """The name that a function gets from what it is assigned to; `module.exports` gives none."""
    if isinstance(target, Name):
        return target.id
    if isinstance(target, Member):
        return "" if target.name == "exports" and target.base == Name("module") else target.name
    if isinstance(target, Index) and isinstance(target.key, Lit) and isinstance(target.key.value, str):
        return target.key.value
    return ""


@lowers("augmented_assignment_expression")
def augmented(w: Walk, node: Node) -> Value:
    left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
    if left is None or right is None:
        return unknown(w, node)
    target = value(w, left)
    lowered = named(w, right, _target_name(target), "lambda")
    operator = node.child_by_field_name("operator")
    if operator is not None and operator.type in ("??=", "||="):  # `url ??= "/orders"` is `url = url ?? "/orders"`
        lowered = Alt((target, lowered), fallback=True)
        _assign(w, node, target, lowered, None, "assign")
        return lowered
    _assign(w, node, target, lowered, None, "aug")
    return lowered


@lowers("return_statement")
def return_statement(w: Walk, node: Node) -> Value:
    found = inner(w, node)
    lowered = value(w, found) if found is not None else None
    w.builder.returns.append(Return(lowered, w.owner, w.line(node), w.end_line(node), w.base + node.start_byte))
    return NOTHING


@lowers("throw_statement")
def throw_statement(w: Walk, node: Node) -> Value:
    found = inner(w, node)
    lowered = value(w, found) if found is not None else None
    w.builder.throws.append(Throw(lowered, w.owner, w.line(node), w.base + node.start_byte))
    return NOTHING


# ---------------------------------------------------------------- control flow


def _block(
    w: Walk, kind: str, subject: Value | None, node: Node, body: Node | None, *, end: Node | None = None, name: str | None = None
) -> None:
    """Record a compound statement from the start of `node` to the end of `end` (`node` itself when it is None)."""
    end = end if end is not None else node
    place = (w.line(node), w.end_line(end), w.base + node.start_byte, w.base + end.end_byte)
    w.builder.blocks.append(Block(kind, subject, w.owner, *place, _is_empty(w, body), name))


def _is_empty(w: Walk, body: Node | None) -> bool:
    if body is None or body.type == "empty_statement":
        return True
    return body.type == "statement_block" and inner(w, body) is None


def _field(w: Walk, node: Node, name: str) -> Value | None:
    found = node.child_by_field_name(name)
    return value(w, found) if found is not None else None


@lowers("if_statement")
def if_statement(w: Walk, node: Node) -> Value:
    """`else if` chains are a loop: the grammar nests them as deep as they are long."""
    at: Node | None = node
    while at is not None:
        body = at.child_by_field_name("consequence")
        _block(w, "if", _field(w, at, "condition"), at, body, end=body)
        if body is not None:
            value(w, body)
        clause = at.child_by_field_name("alternative")
        at = None
        if clause is not None:
            body = inner(w, clause)
            _block(w, "else", None, clause, body)
            if body is not None and body.type == "if_statement":
                at = body
            elif body is not None:
                value(w, body)
    return NOTHING


@lowers("for_statement", "while_statement", "do_statement")
def loop(w: Walk, node: Node) -> Value:
    _field(w, node, "initializer")
    body = node.child_by_field_name("body")
    subject = _field(w, node, "condition")
    _block(w, "loop", subject if subject is not NOTHING else None, node, body)
    _field(w, node, "increment")
    if body is not None:
        value(w, body)
    return NOTHING


@lowers("for_in_statement")
def for_in(w: Walk, node: Node) -> Value:
    left, body = node.child_by_field_name("left"), node.child_by_field_name("body")
    iterated = _field(w, node, "right")
    _block(w, "loop", iterated, node, body)
    if left is not None:
        operator = node.child_by_field_name("operator")
        keys = operator is not None and operator.type == "in" and iterated is not None
        _assign(w, left, value(w, left), Op("keys", (iterated,)) if keys and iterated is not None else iterated, None, "for")
    if body is not None:
        value(w, body)
    return NOTHING


@lowers("try_statement")
def try_statement(w: Walk, node: Node) -> Value:
    body = node.child_by_field_name("body")
    _block(w, "try", None, node, body, end=body)
    if body is not None:
        value(w, body)
    handler = node.child_by_field_name("handler")
    if handler is not None:
        parameter, body = handler.child_by_field_name("parameter"), handler.child_by_field_name("body")
        caught = value(w, parameter) if parameter is not None else None
        _block(w, "catch", None, handler, body, name=caught.id if isinstance(caught, Name) else None)
        if body is not None:
            value(w, body)
    finalizer = node.child_by_field_name("finalizer")
    if finalizer is not None:
        body = finalizer.child_by_field_name("body")
        _block(w, "finally", None, finalizer, body)
        if body is not None:
            value(w, body)
    return NOTHING


@lowers("switch_statement")
def switch_statement(w: Walk, node: Node) -> Value:
    body = node.child_by_field_name("body")
    cases = [child for child in body.named_children if child.kind_id != w.comment_kind] if body is not None else []
    _block(w, "switch", _field(w, node, "value"), node, cases[0] if cases else None)
    for case in cases:
        subject = _field(w, case, "value")
        bodies = case.children_by_field_name("body")
        _block(w, "case", subject, case, bodies[0] if bodies else None)
        statements(w, bodies)
    return NOTHING
