"""Statements: assignments, returns, throws, blocks, output."""

from __future__ import annotations

from tree_sitter import Node

from backend_readiness.facts.languages.php.calls import add
from backend_readiness.facts.languages.php.docs import named_types, var_type
from backend_readiness.facts.languages.php.tree import (
    COMMENTS,
    F_BODY,
    F_CONDITION,
    F_LEFT,
    F_NAME,
    F_RIGHT,
    F_TYPE,
    F_VALUE,
    VARIABLE,
    Walk,
    body_nodes,
    inner_value,
    lowers,
    other,
    suite,
    unknown,
    value,
    visits,
)
from backend_readiness.facts.languages.php.types import type_value
from backend_readiness.facts.languages.text import plain
from backend_readiness.facts.model import Arg, Assign, Block, Export, Op, Return, Throw, Value


@visits("comment", "php_tag", "php_end_tag", "text", "text_interpolation", "empty_statement", "break_statement", "continue_statement")
def visit_nothing(w: Walk, node: Node) -> None:
    """No fact stands in it."""


@visits("compound_statement", "colon_block", "ERROR")
def visit_block(w: Walk, node: Node) -> None:
    suite(w, node.named_children)


@visits("expression_statement")
def visit_expression(w: Walk, node: Node) -> None:
    _declared(w, node)
    for child in node.named_children:
        if child.kind_id not in COMMENTS:
            lowered = value(w, child)
            if w.text.startswith("<?=", max(0, w.text.rfind("<?", 0, node.start_byte))):
                w.outputs[node.start_byte, node.end_byte] = lowered


def _declared(w: Walk, node: Node) -> None:
    """`/** @var Application $app */` before a statement that uses a variable which another file gives."""
    first = node.named_children[0] if w.doc and node.named_child_count else None
    if first is None or first.type.endswith("assignment_expression"):
        return
    for name, declared in named_types(w, w.doc):
        _assign(w, node, w.name(name), None, "let", declared)


@visits("echo_statement")
def visit_echo(w: Walk, node: Node) -> None:
    values = [value(w, child) for child in node.named_children if child.kind_id not in COMMENTS]
    add(w, node, w.name("echo"), tuple(Arg(v) for v in values))
    if values:
        w.outputs[node.start_byte, node.end_byte] = values[0]


# ---------------------------------------------------------------- assignments


@lowers("assignment_expression", "reference_assignment_expression")
def lower_assignment(w: Walk, node: Node) -> Value:
    left, right = node.child_by_field_id(F_LEFT), node.child_by_field_id(F_RIGHT)
    if left is None or right is None:
        return other(w, node)
    doc, w.doc = w.doc, ""
    if left.kind_id in VARIABLE:
        w.lambda_name = plain(w.raw(left)).lstrip("$")
    bound = value(w, right)
    w.lambda_name = ""
    declared = var_type(w, doc, w.raw(left)) if doc else None
    _assign(w, node, value(w, left), bound, "let" if left.kind_id in VARIABLE or left.type == "list_literal" else "assign", declared)
    return bound


@lowers("augmented_assignment_expression")
def lower_augmented(w: Walk, node: Node) -> Value:
    left, right = node.child_by_field_id(F_LEFT), node.child_by_field_id(F_RIGHT)
    if left is None or right is None:
        return other(w, node)
    bound = value(w, right)
    written = w.text[left.end_byte : right.start_byte].strip()
    kind = "aug" if written != "??=" else "let" if left.kind_id in VARIABLE else "assign"
    _assign(w, node, value(w, left), bound, kind)
    return bound


def _assign(w: Walk, node: Node, target: Value, bound: Value | None, kind: str, declared: Value | None = None) -> None:
    line, last, start, end = w.place(node)
    w.builder.assigns.append(Assign(target, bound, declared, w.owner, line, last, start, end, kind))


@visits("static_variable_declaration")
def visit_static(w: Walk, node: Node) -> None:
    name, bound = node.child_by_field_id(F_NAME), node.child_by_field_id(F_VALUE)
    if name is not None:
        _assign(w, node, value(w, name), value(w, bound) if bound is not None else None, "let")


@visits("function_static_declaration")
def visit_statics(w: Walk, node: Node) -> None:
    suite(w, node.named_children)


@visits("global_declaration")
def visit_global(w: Walk, node: Node) -> None:
    """`global $db`: the variable of the file, which a look-up finds when the function binds none of its own."""


# ---------------------------------------------------------------- leaving


@visits("return_statement")
def visit_return(w: Walk, node: Node) -> None:
    children = [c for c in node.named_children if c.kind_id not in COMMENTS]
    returned = value(w, children[0]) if children else None
    line, last, start, _ = w.place(node)
    w.builder.returns.append(Return(returned, w.owner, line, last, start))
    if w.owner == 0 and returned is not None:
        w.builder.exports.append(Export("=", returned, None, line))


@lowers("yield_expression")
def lower_yield(w: Walk, node: Node) -> Value:
    given = other(w, node)
    line, last, start, _ = w.place(node)
    w.builder.returns.append(Return(given, w.owner, line, last, start))
    return given


@lowers("throw_expression")
def lower_throw(w: Walk, node: Node) -> Value:
    thrown = inner_value(w, node)
    w.builder.throws.append(Throw(thrown, w.owner, w.line(node.start_byte), node.start_byte + w.shift))
    return unknown(w, node)


@visits("exit_statement")
def visit_exit(w: Walk, node: Node) -> None:
    values = [value(w, c) for c in node.named_children if c.kind_id not in COMMENTS]
    add(w, node, w.name("exit"), tuple(Arg(v) for v in values))


# ---------------------------------------------------------------- blocks


def _block(
    w: Walk, kind: str, subject: Value | None, node: Node, body: Node | None, end: int | None = None, name: str | None = None
) -> None:
    """The block is noted before its statements, as the model lists them in source order."""
    stop = node.end_byte if end is None else end
    nodes = body_nodes(body)
    empty = not any(c.kind_id not in COMMENTS and c.type not in ("text_interpolation", "empty_statement") for c in nodes)
    if any(c.type == "text_interpolation" and c.named_child_count > 2 for c in nodes):
        empty = False
    start = node.start_byte
    w.builder.blocks.append(Block(kind, subject, w.owner, w.line(start), w.last_line(stop), start + w.shift, stop + w.shift, empty, name))
    suite(w, nodes)


@visits("if_statement")
def visit_if(w: Walk, node: Node) -> None:
    _branch(w, node, "if")
    for clause in node.named_children:
        if clause.type == "else_if_clause":
            _branch(w, clause, "if")
        elif clause.type == "else_clause":
            _block(w, "else", None, clause, clause.child_by_field_id(F_BODY))


def _branch(w: Walk, node: Node, kind: str) -> None:
    condition, body = node.child_by_field_id(F_CONDITION), node.child_by_field_id(F_BODY)
    subject = value(w, condition) if condition is not None else None
    _block(w, kind, subject, node, body, body.end_byte if body is not None else None)


@visits("while_statement", "do_statement")
def visit_while(w: Walk, node: Node) -> None:
    condition = node.child_by_field_id(F_CONDITION)
    _block(w, "loop", value(w, condition) if condition is not None else None, node, node.child_by_field_id(F_BODY))


@visits("for_statement")
def visit_for(w: Walk, node: Node) -> None:
    body = node.child_by_field_id(F_BODY)
    condition = node.child_by_field_id(F_CONDITION)
    subject = value(w, condition) if condition is not None else None
    for child in node.named_children:
        if child not in (body, condition) and child.kind_id not in COMMENTS and child.type not in ("compound_statement",):
            value(w, child)
    _block(w, "loop", subject, node, body)


@visits("foreach_statement")
def visit_foreach(w: Walk, node: Node) -> None:
    """`foreach ($rows as $id => $row)`: both are what the loop gives in one pass, bound at one place."""
    body = node.child_by_field_id(F_BODY)
    heads = [c for c in node.named_children if c.kind_id not in COMMENTS and c != body]
    iterated = value(w, heads[0]) if heads else None
    if len(heads) > 1:
        given: Node | None = heads[1]
        if given is not None and given.type == "pair":
            inner = [c for c in given.named_children if c.kind_id not in COMMENTS]
            if len(inner) == 2:
                keys = Op("keys", (iterated,)) if iterated is not None else None
                _assign(w, given, value(w, inner[1]), iterated, "for")
                _assign(w, given, value(w, inner[0]), keys, "for")
                given = None
        if given is not None:
            _assign(w, given, value(w, given), iterated, "for")
    _block(w, "loop", iterated, node, body)


@visits("try_statement")
def visit_try(w: Walk, node: Node) -> None:
    body = node.child_by_field_id(F_BODY)
    _block(w, "try", None, node, body, body.end_byte if body is not None else None)
    for clause in node.named_children:
        if clause.type == "catch_clause":
            name = clause.child_by_field_id(F_NAME)
            caught = type_value(w, clause.child_by_field_id(F_TYPE))
            written = w.name(w.raw(name)).id if name is not None else None
            _block(w, "catch", caught, clause, clause.child_by_field_id(F_BODY), name=written)
        elif clause.type == "finally_clause":
            _block(w, "finally", None, clause, clause.child_by_field_id(F_BODY))


@visits("switch_statement")
def visit_switch(w: Walk, node: Node) -> None:
    condition, body = node.child_by_field_id(F_CONDITION), node.child_by_field_id(F_BODY)
    line, last, start, end = w.place(node)
    subject = value(w, condition) if condition is not None else None
    w.builder.blocks.append(Block("switch", subject, w.owner, line, last, start, end))
    for case in body.named_children if body is not None else ():
        if case.type not in ("case_statement", "default_statement"):
            continue
        given = case.child_by_field_id(F_VALUE)
        tested = value(w, given) if given is not None else None
        line, last, start, end = w.place(case)
        statements = [c for c in case.named_children if c != given and c.kind_id not in COMMENTS]
        w.builder.blocks.append(Block("case", tested, w.owner, line, last, start, end, not statements))
        suite(w, statements)
