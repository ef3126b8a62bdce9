"""The Python adapter: statements of a file lowered to facts. Expressions, symbols and imports have modules of their own.

Choices the model leaves open: an assignment to a Name or a pattern is `let`, in a class body `field`; one to a Member, an
Index or a `global`/`nonlocal` name is `assign`. An `elif` is an `if` Block of its own clause. A body of `...` is as empty
as one of `pass`. A `with` of several items has a Seq as subject. `__all__` is an assignment and no Export.
"""

from __future__ import annotations

from tree_sitter import Node, Parser

from backend_readiness.facts.builder import Builder

# imported for their handlers, which register themselves by node kind
from backend_readiness.facts.languages.python import imports as _imports  # noqa: F401
from backend_readiness.facts.languages.python import literals as _literals  # noqa: F401
from backend_readiness.facts.languages.python import patterns as _patterns  # noqa: F401
from backend_readiness.facts.languages.python.bindings import assign, loop_target
from backend_readiness.facts.languages.python.chains import named_value
from backend_readiness.facts.languages.python.symbols import EXPRESSION, STRING, annotation, docstring
from backend_readiness.facts.languages.python.tree import (
    F_ALIAS,
    F_ALTERNATIVE,
    F_BODY,
    F_CAUSE,
    F_CONDITION,
    F_CONSEQUENCE,
    F_GUARD,
    F_LEFT,
    F_RIGHT,
    F_SUBJECT,
    F_TYPE,
    F_VALUE,
    IDENTIFIER,
    KINDS,
    LANGUAGE,
    MAX_ITEMS,
    Walk,
    kind,
    other,
    statement,
    suite,
    suite_nodes,
    value,
    visits,
    without_extras,
)
from backend_readiness.facts.languages.python.trivia import blank_long_runs, collect_comments
from backend_readiness.facts.model import Arg, Block, Call, Return, Seq, Throw, Value

ASSIGNMENT = kind("assignment")
AS_PATTERN = frozenset(KINDS["as_pattern"])
CASE_PATTERN = kind("case_pattern")
EXISTING = frozenset((kind("attribute"), kind("subscript")))
PASS = kind("pass_statement")
ELLIPSIS = kind("ellipsis")
BLOCKS = frozenset(KINDS["block"])
CHEVRON = kind("chevron")


def extract(source: bytes, path: str) -> Builder:
    """The facts of one Python file in a filled Builder of language `python`.

    Never raises, whatever the bytes: syntax errors are counted in `builder.errors` and the facts of the rest still
    stand; code nested deeper than the limits of `tree` is left out. `path` does not change the facts.
    """
    builder = Builder("python", source)
    calm, blanked = blank_long_runs(source)
    root = Parser(LANGUAGE).parse(calm).root_node
    w = Walk(source, builder)
    body = suite_nodes(root)
    doc = docstring(w, body)
    builder.amend(0, statements=len(body) - (doc is not None), doc=doc or "")
    suite(w, body)
    if root.has_error:
        builder.errors = _count_errors(root)
    collect_comments(w, root, blanked)
    builder.names.discard("")
    return builder


def _count_errors(root: Node) -> int:
    count = 0
    pending = [root]
    while pending:
        node = pending.pop()
        count += node.is_error or node.is_missing
        pending.extend(child for child in node.children if child.has_error or child.is_missing)
    return count


# ---------------------------------------------------------------- simple statements


@visits("block", "ERROR")
def visit_statements(w: Walk, node: Node) -> None:
    suite(w, node.named_children)


@visits("comment", "line_continuation", "pass_statement", "break_statement", "continue_statement")
def visit_nothing(w: Walk, node: Node) -> None:
    """No fact stands in it."""


@visits("expression_statement")
def visit_expression(w: Walk, node: Node) -> None:
    for child in node.named_children:
        if child.kind_id == ASSIGNMENT:
            visit_assignment(w, child)
        else:
            statement(w, child)


@visits("assignment")
def visit_assignment(w: Walk, node: Node) -> None:
    """`a = b = value` gives one Assign for each target, all with the same value."""
    targets: list[Node] = []
    declared: Value | None = None
    bound: Value | None = None
    end = node.end_byte
    current: Node | None = node
    while current is not None and current.kind_id == ASSIGNMENT:
        left = current.child_by_field_id(F_LEFT)
        if left is not None:
            targets.append(left)
        declared = annotation(w, current.child_by_field_id(F_TYPE)) or declared
        current = current.child_by_field_id(F_RIGHT)
    if current is not None:
        bound = named_value(w, current, w.raw(targets[0]) if targets else "")
    for target in targets:
        assign(w, target, bound, declared, _kind_of(w, target), target.start_byte, end)


def _kind_of(w: Walk, target: Node) -> str:
    if target.kind_id == IDENTIFIER:
        if w.in_class:
            return "field"
        return "assign" if w.rebound and w.raw(target) in w.rebound else "let"
    return "assign" if target.kind_id in EXISTING else "field" if w.in_class else "let"


@visits("augmented_assignment")
def visit_augmented(w: Walk, node: Node) -> None:
    left, right = node.child_by_field_id(F_LEFT), node.child_by_field_id(F_RIGHT)
    bound = value(w, right) if right is not None else None
    if left is not None:
        assign(w, left, bound, None, "aug", node.start_byte, node.end_byte)


@visits("type_alias_statement")
def visit_type_alias(w: Walk, node: Node) -> None:
    left, right = node.child_by_field_id(F_LEFT), node.child_by_field_id(F_RIGHT)
    if left is not None:
        assign(w, left, annotation(w, right), None, "field" if w.in_class else "let", node.start_byte, node.end_byte)


@visits("global_statement", "nonlocal_statement")
def visit_global(w: Walk, node: Node) -> None:
    w.rebound |= {w.raw(child) for child in node.named_children}


@visits("return_statement")
def visit_return(w: Walk, node: Node) -> None:
    children = without_extras(node.named_children)
    returned = value(w, children[0]) if children else None
    start, end = node.start_byte, node.end_byte
    w.builder.returns.append(Return(returned, w.owner, w.line(start), w.last_line(end), start))


@visits("raise_statement")
def visit_raise(w: Walk, node: Node) -> None:
    cause = node.child_by_field_id(F_CAUSE)
    thrown: Value | None = None
    for child in without_extras(node.named_children):
        lowered = value(w, child)
        if thrown is None and child != cause:
            thrown = lowered
    w.builder.throws.append(Throw(thrown, w.owner, w.line(node.start_byte), node.start_byte))


@visits("print_statement")
def visit_print(w: Walk, node: Node) -> None:
    """Python 2: `print x, y` is a call of `print`."""
    args = tuple(Arg(value(w, child)) for child in without_extras(node.named_children) if child.kind_id != CHEVRON)
    start, end = node.start_byte, node.end_byte
    w.builder.add_call(Call(w.name("print"), args, w.owner, w.line(start), w.last_line(end), start, end))


# ---------------------------------------------------------------- compound statements


def _is_empty(body: list[Node]) -> bool:
    for node in body:
        if node.kind_id == PASS:
            continue
        if node.kind_id != EXPRESSION or any(child.kind_id not in (ELLIPSIS, STRING) for child in node.named_children):
            return False
    return True


def _block(w: Walk, block_kind: str, subject: Value | None, start: int, body: Node | None, end: int, name: str | None = None) -> None:
    """Append a Block from `start` to the end of its body (`end` where there is none), then collect the body."""
    nodes = suite_nodes(body)
    if body is not None:
        end = max(start, body.end_byte)
    w.builder.blocks.append(Block(block_kind, subject, w.owner, w.line(start), w.last_line(end), start, end, _is_empty(nodes), name))
    suite(w, nodes)


def _condition(w: Walk, node: Node) -> Value | None:
    condition = node.child_by_field_id(F_CONDITION)
    return value(w, condition) if condition is not None else None


@visits("if_statement", "elif_clause")
def visit_if(w: Walk, node: Node) -> None:
    subject = _condition(w, node)
    _block(w, "if", subject, node.start_byte, node.child_by_field_id(F_CONSEQUENCE), node.end_byte)
    for child in node.children_by_field_id(F_ALTERNATIVE):
        statement(w, child)


@visits("else_clause")
def visit_else(w: Walk, node: Node) -> None:
    _block(w, "else", None, node.start_byte, node.child_by_field_id(F_BODY), node.end_byte)


@visits("for_statement")
def visit_for(w: Walk, node: Node) -> None:
    iterated = loop_target(w, node)
    _block(w, "loop", iterated, node.start_byte, node.child_by_field_id(F_BODY), node.end_byte)
    for child in node.children_by_field_id(F_ALTERNATIVE):
        statement(w, child)


@visits("while_statement")
def visit_while(w: Walk, node: Node) -> None:
    subject = _condition(w, node)
    _block(w, "loop", subject, node.start_byte, node.child_by_field_id(F_BODY), node.end_byte)
    for child in node.children_by_field_id(F_ALTERNATIVE):
        statement(w, child)


@visits("try_statement")
def visit_try(w: Walk, node: Node) -> None:
    body = node.child_by_field_id(F_BODY)
    _block(w, "try", None, node.start_byte, body, node.end_byte)
    for child in node.named_children:
        if child != body:
            statement(w, child)


@visits("except_clause")
def visit_except(w: Walk, node: Node) -> None:
    caught = node.children_by_field_id(F_VALUE)
    name: str | None = None
    subjects: list[Value] = []
    for child in caught:
        alias = child.child_by_field_id(F_ALIAS) if child.kind_id in AS_PATTERN else None
        if alias is not None:
            name = w.name(w.raw(alias)).id
            child = without_extras(child.named_children)[0]
        subjects.append(value(w, child))
    if len(caught) == 2 and caught[1].kind_id == IDENTIFIER and w.raw(caught[1])[:1].islower():
        name = w.raw(caught[1])  # Python 2: `except Type, name`
        subjects.pop()
    subject = subjects[0] if len(subjects) == 1 else Seq(tuple(subjects)) if subjects else None
    _block(w, "catch", subject, node.start_byte, _last_block(node), node.end_byte, name)


@visits("finally_clause")
def visit_finally(w: Walk, node: Node) -> None:
    _block(w, "finally", None, node.start_byte, _last_block(node), node.end_byte)


def _last_block(node: Node) -> Node | None:
    return next((child for child in reversed(node.named_children) if child.kind_id in BLOCKS), None)


@visits("with_statement")
def visit_with(w: Walk, node: Node) -> None:
    body = node.child_by_field_id(F_BODY)
    subjects: list[Value] = []
    for clause in node.named_children:
        if clause == body:
            break
        for item in without_extras(clause.named_children):
            bound = item.child_by_field_id(F_VALUE)
            subjects.append(value(w, bound if bound is not None else item))
    subject = subjects[0] if len(subjects) == 1 else Seq(tuple(subjects[:MAX_ITEMS]))
    _block(w, "with", subject, node.start_byte, body, node.end_byte)


# ---------------------------------------------------------------- match


@visits("match_statement")
def visit_match(w: Walk, node: Node) -> None:
    subjects = [value(w, child) for child in node.children_by_field_id(F_SUBJECT)]
    subject = subjects[0] if len(subjects) == 1 else Seq(tuple(subjects[:MAX_ITEMS]))
    _block(w, "switch", subject, node.start_byte, node.child_by_field_id(F_BODY), node.end_byte)


@visits("case_clause")
def visit_case(w: Walk, node: Node) -> None:
    consequence, guard = node.child_by_field_id(F_CONSEQUENCE), node.child_by_field_id(F_GUARD)
    patterns = [value(w, child) for child in node.named_children if child.kind_id == CASE_PATTERN]
    if guard is not None:
        other(w, guard)
    subject = patterns[0] if len(patterns) == 1 else Seq(tuple(patterns[:MAX_ITEMS]))
    _block(w, "case", subject, node.start_byte, consequence, node.end_byte)
