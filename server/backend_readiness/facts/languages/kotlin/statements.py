"""Statements and control flow of Kotlin; imports and the package.

`if`, `when` and `try` are expressions: their blocks are recorded, and their value is one of what their branches give.
"""

from __future__ import annotations

from tree_sitter import Node

from backend_readiness.facts.languages.jvm.tree import MAX_ITEMS, MAX_NESTING, Walk, parts, suite, unknown, value
from backend_readiness.facts.languages.kotlin.grammar import (
    BLOCK,
    F_CONDITION,
    F_LEFT,
    F_OPERATOR,
    F_RIGHT,
    GRAMMAR,
    IF,
    LABEL,
    MULTI,
    TYPES,
    VARIABLE,
    after,
    child_of,
)
from backend_readiness.facts.languages.kotlin.literals import choice
from backend_readiness.facts.model import Block, Import, Seq, Value

QUALIFIED = GRAMMAR.kind("qualified_identifier")
WHEN_ENTRY = GRAMMAR.kind("when_entry")
WHEN_SUBJECT = GRAMMAR.kind("when_subject")
CATCH = GRAMMAR.kind("catch_block")
FINALLY = GRAMMAR.kind("finally_block")


@GRAMMAR.visits("package_header")
def visit_package(w: Walk, node: Node) -> None:
    w.builder.package = ".".join(_path(w, node))


def _path(w: Walk, node: Node) -> list[str]:
    written = child_of(node, QUALIFIED)
    return [w.name(w.raw(child)).id for child in parts(w, written)]


@GRAMMAR.visits("import")
def visit_import(w: Walk, node: Node) -> None:
    path = _path(w, node)
    line = w.line(node.start_byte)
    if not path:
        return
    if any(child.type == "*" for child in node.children):
        w.builder.imports.append(Import(".".join(path), "*", None, line))
        return
    alias = after(w, node, "as")
    local = w.name(w.raw(alias[0])).id if alias else path[-1]
    above = [step for step in path[:-1] if step != "Companion"]  # the members of a companion are members of its class
    w.builder.imports.append(Import(".".join(above), path[-1], local, line))


@GRAMMAR.visits("line_comment", "block_comment", "label", "file_annotation", "shebang", "setter")
def visit_nothing(w: Walk, node: Node) -> None:
    """No fact stands in it."""


@GRAMMAR.visits("block", "source_file", "ERROR")
def visit_statements(w: Walk, node: Node) -> None:
    suite(w, parts(w, node))


@GRAMMAR.lowers("return_expression")
def lower_return(w: Walk, node: Node) -> Value:
    labels = [child for child in parts(w, node) if child.kind_id != LABEL]
    if node.child_by_field_id(GRAMMAR.field("label")) is not None:
        labels = labels[1:]
    w.returns(value(w, labels[0]) if labels else None, node)
    return unknown(w, node)


@GRAMMAR.lowers("throw_expression")
def lower_throw(w: Walk, node: Node) -> Value:
    children = parts(w, node)
    w.throws(value(w, children[0]) if children else None, node)
    return unknown(w, node)


@GRAMMAR.visits("assignment")
def visit_assignment(w: Walk, node: Node) -> None:
    left, right, operator = (node.child_by_field_id(f) for f in (F_LEFT, F_RIGHT, F_OPERATOR))
    if left is None or right is None or operator is None:
        suite(w, parts(w, node))
        return
    target = value(w, left)
    w.assign(target, value(w, right), None, "assign" if operator.type == "=" else "aug", node.start_byte, node.end_byte)


# ---------------------------------------------------------------- blocks


def block(w: Walk, kind: str, subject: Value | None, start: int, body: Node | None, end: int, name: str | None = None) -> Value | None:
    """Append a Block, then collect the body; answers the value of its last statement when that is an expression."""
    nodes = [] if body is None else parts(w, body) if body.kind_id == BLOCK else [body]
    if body is not None:
        end = max(start, body.end_byte)
    w.builder.blocks.append(Block(kind, subject, w.owner, w.line(start), w.last_line(end), start, end, not nodes, name))
    if w.nesting >= MAX_NESTING or not nodes:
        return None
    suite(w, nodes[:-1])
    if nodes[-1].kind_id in w.statements:
        suite(w, nodes[-1:])
        return None
    w.nesting += 1
    given = value(w, nodes[-1])
    w.nesting -= 1
    return given


@GRAMMAR.lowers("if_expression")
def lower_if(w: Walk, node: Node) -> Value:
    """A chain of `else if` without recursion."""
    given: list[Value] = []
    current = node
    while True:
        condition = current.child_by_field_id(F_CONDITION)
        subject = value(w, condition) if condition is not None else None
        behind = [child for child in parts(w, current) if child != condition]
        otherwise = after(w, current, "else")
        body = behind[0] if behind and (not otherwise or behind[0] != otherwise[0]) else None
        found = block(w, "if", subject, current.start_byte, body, current.end_byte)
        given.extend([found] if found is not None else [])
        if not otherwise:
            break
        if otherwise[0].kind_id != IF:
            found = block(w, "else", None, otherwise[0].start_byte, otherwise[0], otherwise[0].end_byte)
            given.extend([found] if found is not None else [])
            break
        current = otherwise[0]
    return choice(given) if given else unknown(w, node)


@GRAMMAR.lowers("when_expression")
def lower_when(w: Walk, node: Node) -> Value:
    subject = _when_subject(w, child_of(node, WHEN_SUBJECT))
    start, end = node.start_byte, node.end_byte
    entries = [child for child in parts(w, node) if child.kind_id == WHEN_ENTRY]
    w.builder.blocks.append(Block("switch", subject, w.owner, w.line(start), w.last_line(end), start, end, not entries, None))
    given: list[Value] = []
    for entry in entries[:MAX_ITEMS]:
        body = after(w, entry, "->")
        tests = [value(w, child) for child in parts(w, entry) if not body or child.end_byte <= body[0].start_byte]
        tested = tests[0] if len(tests) == 1 else Seq(tuple(tests)) if tests else None
        found = block(w, "case", tested, entry.start_byte, body[0] if body else None, entry.end_byte)
        given.extend([found] if found is not None else [])
    return choice(given) if given else unknown(w, node)


def _when_subject(w: Walk, node: Node | None) -> Value | None:
    if node is None:
        return None
    variable = child_of(node, VARIABLE)
    inner = [child for child in parts(w, node) if child != variable]
    bound = value(w, inner[-1]) if inner else None
    if variable is not None:
        name = next(iter(parts(w, variable)), variable)
        w.assign(w.name(w.raw(name)), bound, None, "let", node.start_byte, node.end_byte)
    return bound


@GRAMMAR.lowers("try_expression")
def lower_try(w: Walk, node: Node) -> Value:
    given: list[Value] = []
    found = block(w, "try", None, node.start_byte, child_of(node, BLOCK), node.end_byte)
    given.extend([found] if found is not None else [])
    for child in parts(w, node):
        if child.kind_id == CATCH:
            inner = parts(w, child)
            name = next((w.name(w.raw(c)).id for c in inner if c.kind_id in w.identifiers), None)
            subject = next((value(w, c) for c in inner if c.kind_id in TYPES), None)
            found = block(w, "catch", subject, child.start_byte, child_of(child, BLOCK), child.end_byte, name)
            given.extend([found] if found is not None else [])
        elif child.kind_id == FINALLY:
            block(w, "finally", None, child.start_byte, child_of(child, BLOCK), child.end_byte)
    return choice(given) if given else unknown(w, node)


@GRAMMAR.visits("for_statement")
def visit_for(w: Walk, node: Node) -> None:
    target = child_of(node, VARIABLE) or child_of(node, MULTI)
    inner = after(w, node, "in")
    iterated = value(w, inner[0]) if inner else None
    if target is not None:
        declared = next((value(w, child) for child in parts(w, target) if child.kind_id in TYPES), None)
        if target.kind_id == MULTI:
            names = [next(iter(parts(w, child)), child) for child in parts(w, target)]
            bound: Value = Seq(tuple(w.name(w.raw(n)) for n in names))
        else:
            bound = w.name(w.raw(next(iter(parts(w, target)), target)))
        w.assign(bound, iterated, declared, "for", target.start_byte, (inner[0] if inner else target).end_byte)
    body = inner[1] if len(inner) > 1 else None
    block(w, "loop", iterated, node.start_byte, body, node.end_byte)


@GRAMMAR.visits("while_statement", "do_while_statement")
def visit_while(w: Walk, node: Node) -> None:
    condition = node.child_by_field_id(F_CONDITION)
    subject = value(w, condition) if condition is not None else None
    body = next((child for child in parts(w, node) if child != condition), None)
    block(w, "loop", subject, node.start_byte, body, node.end_byte)
