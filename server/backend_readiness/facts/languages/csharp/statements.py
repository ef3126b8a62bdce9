"""Statements of C#. A `using` is a `with`, `lock` too; each arm of `else if` is an `if` of its own."""

from __future__ import annotations

from tree_sitter import Node

from backend_readiness.facts.languages.csharp.chains import named_value
from backend_readiness.facts.languages.csharp.operators import matched
from backend_readiness.facts.languages.csharp.tree import Walk, kinds, parts, statement, statements, unknown, value, visits
from backend_readiness.facts.languages.csharp.types import written_type
from backend_readiness.facts.model import Assign, Block, Return, Seq, Throw, Value

BLOCK = kinds("block")
IF = kinds("if_statement")
DECLARATION = kinds("variable_declaration")
DECLARATOR = kinds("variable_declarator")
PATTERN = kinds("tuple_pattern")
EMPTY = kinds("empty_statement")


def _block(w: Walk, kind: str, subject: Value | None, start: int, body: Node | None, end: int, name: str | None = None) -> None:
    """Append a Block from `start` to the end of its body, then collect the body."""
    nodes = parts(body) if body is not None and body.kind_id in BLOCK else [body] if body is not None else []
    end = max(start, body.end_byte if body is not None else end)
    is_empty = all(n.kind_id in EMPTY for n in nodes)
    w.builder.blocks.append(Block(kind, subject, w.owner, w.line(start), w.last_line(end), start, end, is_empty, name))
    statements(w, nodes)


def _field_value(w: Walk, node: Node, name: str) -> Value | None:
    found = node.child_by_field_name(name)
    return value(w, found) if found is not None else None


@visits("block", "global_statement", "labeled_statement", "checked_statement", "unsafe_statement", "fixed_statement", "ERROR")
def visit_block(w: Walk, node: Node) -> None:
    statements(w, parts(node))


@visits("declaration_list", "preproc_else", "preproc_if", "preproc_elif")
def visit_declarations(w: Walk, node: Node) -> None:
    """Both sides of `#if` count; its condition is no code."""
    condition = node.child_by_field_name("condition")
    statements(w, [c for c in parts(node) if condition is None or c != condition])


@visits("comment", "empty_statement", "break_statement", "continue_statement", "goto_statement", "extern_alias_directive")
def visit_nothing(w: Walk, node: Node) -> None:
    """No fact stands in it."""


@visits("expression_statement")
def visit_expression(w: Walk, node: Node) -> None:
    for child in parts(node):
        value(w, child)


@visits("local_declaration_statement")
def visit_local(w: Walk, node: Node) -> None:
    disposed = any(c.type == "using" for c in node.children)
    for child in parts(node):
        if child.kind_id in DECLARATION:
            declared = variables(w, child, "with" if disposed else "let")
            if disposed:
                start, end = node.start_byte, node.end_byte
                w.builder.blocks.append(Block("with", declared, w.owner, w.line(start), w.last_line(end), start, end))


@visits("variable_declaration")
def visit_variables(w: Walk, node: Node) -> None:
    variables(w, node, "let")


def variables(w: Walk, node: Node, kind: str) -> Value | None:
    """The Assigns of a declaration; answers the last value."""
    declared = written_type(w, node.child_by_field_name("type"))
    bound: Value | None = None
    for declarator in parts(node):
        if declarator.kind_id not in DECLARATOR:
            continue
        children = parts(declarator)
        if not children:
            continue
        name, after = children[0], children[1:]
        if name.type == "identifier":
            w.declare(w.raw(name))
        target = value(w, name)
        bound = named_value(w, after[-1], w.raw(name) if name.type == "identifier" else "", declared) if after else None
        start, end = declarator.start_byte, declarator.end_byte
        w.builder.assigns.append(Assign(target, bound, declared, w.owner, w.line(start), w.last_line(end), start, end, kind))
    return bound


@visits("return_statement", "yield_statement")
def visit_return(w: Walk, node: Node) -> None:
    children = parts(node)
    returned = value(w, children[0]) if children else None
    start, end = node.start_byte, node.end_byte
    w.builder.returns.append(Return(returned, w.owner, w.line(start), w.last_line(end), start))


@visits("throw_statement")
def visit_throw(w: Walk, node: Node) -> None:
    children = parts(node)
    thrown = value(w, children[0]) if children else None
    w.builder.throws.append(Throw(thrown, w.owner, w.line(node.start_byte), node.start_byte))


@visits("if_statement")
def visit_if(w: Walk, node: Node) -> None:
    current: Node | None = node
    while current is not None and current.kind_id in IF:
        subject = _field_value(w, current, "condition")
        _block(w, "if", subject, current.start_byte, current.child_by_field_name("consequence"), current.end_byte)
        current = current.child_by_field_name("alternative")
    if current is not None:
        _block(w, "else", None, current.start_byte, current, current.end_byte)


@visits("while_statement", "do_statement")
def visit_while(w: Walk, node: Node) -> None:
    subject = _field_value(w, node, "condition")
    _block(w, "loop", subject, node.start_byte, node.child_by_field_name("body"), node.end_byte)


@visits("for_statement")
def visit_for(w: Walk, node: Node) -> None:
    for child in node.children_by_field_name("initializer"):
        statement(w, child)
    subject = _field_value(w, node, "condition")
    for child in node.children_by_field_name("update"):
        value(w, child)
    _block(w, "loop", subject, node.start_byte, node.child_by_field_name("body"), node.end_byte)


@visits("foreach_statement")
def visit_foreach(w: Walk, node: Node) -> None:
    left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
    declared = written_type(w, node.child_by_field_name("type"))
    iterated = value(w, right) if right is not None else None
    if left is not None:
        if left.kind_id not in PATTERN:
            w.declare(w.raw(left))
        target = value(w, left)
        start, end = left.start_byte, (right or left).end_byte
        w.builder.assigns.append(Assign(target, iterated, declared, w.owner, w.line(start), w.last_line(end), start, end, "for"))
    _block(w, "loop", iterated, node.start_byte, node.child_by_field_name("body"), node.end_byte)


@visits("try_statement")
def visit_try(w: Walk, node: Node) -> None:
    body = node.child_by_field_name("body")
    _block(w, "try", None, node.start_byte, body, node.end_byte)
    statements(w, [c for c in parts(node) if body is None or c != body])


@visits("catch_clause")
def visit_catch(w: Walk, node: Node) -> None:
    subject: Value | None = None
    name: str | None = None
    for child in parts(node):
        if child.type == "catch_declaration":
            caught, written = child.child_by_field_name("type"), child.child_by_field_name("name")
            subject = value(w, caught) if caught is not None else None
            if written is not None:
                name = w.name(w.raw(written)).id
                w.declare(w.raw(written))
        elif child.type == "catch_filter_clause":
            statements(w, parts(child))
    _block(w, "catch", subject, node.start_byte, node.child_by_field_name("body"), node.end_byte, name)


@visits("finally_clause")
def visit_finally(w: Walk, node: Node) -> None:
    _block(w, "finally", None, node.start_byte, next((c for c in parts(node) if c.kind_id in BLOCK), None), node.end_byte)


@visits("using_statement", "lock_statement")
def visit_using(w: Walk, node: Node) -> None:
    body = node.child_by_field_name("body") or next((c for c in reversed(parts(node))), None)
    subject: Value | None = None
    for child in parts(node):
        if child == body:
            break
        subject = variables(w, child, "with") if child.kind_id in DECLARATION else value(w, child)
    _block(w, "with", subject, node.start_byte, body, node.end_byte)


@visits("switch_statement")
def visit_switch(w: Walk, node: Node) -> None:
    tested = _field_value(w, node, "value")
    body = node.child_by_field_name("body")
    start, end = node.start_byte, node.end_byte
    w.builder.blocks.append(Block("switch", tested, w.owner, w.line(start), w.last_line(end), start, end, not parts(body)))
    for section in parts(body):
        _section(w, section, tested)


def _section(w: Walk, section: Node, tested: Value | None) -> None:
    """`case` labels with what follows them. A label without statements of its own falls through to the next section."""
    start, end = section.start_byte, section.end_byte
    subjects: list[Value] = []
    rest: list[Node] = []
    for child in parts(section):
        if rest or child.type.endswith("_statement") or child.kind_id in BLOCK:
            rest.extend(parts(child) if child.kind_id in BLOCK else [child])
        elif child.type == "when_clause":
            statements(w, parts(child))
        else:
            subjects.append(matched(w, child, tested if tested is not None else unknown(w, child)))
    subject = subjects[0] if len(subjects) == 1 else Seq(tuple(subjects)) if subjects else None
    is_empty = all(c.type in ("break_statement", "empty_statement") for c in rest)
    w.builder.blocks.append(Block("case", subject, w.owner, w.line(start), w.last_line(end), start, end, is_empty))
    statements(w, rest)
