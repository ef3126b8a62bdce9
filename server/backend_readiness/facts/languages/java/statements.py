"""Statements of Java lowered to blocks, assignments, returns and throws; imports and the package.

Choices the model leaves open: `import static a.B.m` is Import("a.B", "m"); a resource of a `try` is an assignment of kind `with`;
`synchronized` is a Block `with`; a `switch` used as a value is one of what its rules give.
"""

from __future__ import annotations

from tree_sitter import Node

from backend_readiness.facts.languages.java.chains import add_call, arguments
from backend_readiness.facts.languages.java.grammar import (
    F_ALTERNATIVE,
    F_BODY,
    F_CONDITION,
    F_CONSEQUENCE,
    F_INIT,
    F_NAME,
    F_RESOURCES,
    F_TYPE,
    F_VALUE,
    GRAMMAR,
)
from backend_readiness.facts.languages.java.literals import choice
from backend_readiness.facts.languages.java.parameters import ANNOTATIONS, declared_type, modifiers_of
from backend_readiness.facts.languages.jvm.tree import MAX_ITEMS, Walk, inner_value, other, parts, statement, suite, unknown, value
from backend_readiness.facts.model import Block, Import, Name, Seq, Value

BLOCK = GRAMMAR.kind("block")
IF = GRAMMAR.kind("if_statement")
ASTERISK = GRAMMAR.kind("asterisk")
CATCH_PARAMETER = GRAMMAR.kind("catch_formal_parameter")
CATCH_TYPE = GRAMMAR.kind("catch_type")
LABEL = GRAMMAR.kind("switch_label")
SWITCH_ITEMS = GRAMMAR.set_of("switch_rule", "switch_block_statement_group")
EXPRESSION = GRAMMAR.kind("expression_statement")
DECLARATION = GRAMMAR.kind("local_variable_declaration")


@GRAMMAR.visits("package_declaration")
def visit_package(w: Walk, node: Node) -> None:
    written = [child for child in parts(w, node) if child.type in ("identifier", "scoped_identifier")]
    if written:
        w.builder.package = dotted_name(w, written[0])
    marks = tuple(value(w, child) for child in parts(w, node) if child.kind_id in ANNOTATIONS)
    if marks:  # of a package, in its `package-info.java`
        w.builder.amend(0, decorators=marks)


def dotted_name(w: Walk, node: Node) -> str:
    """A dotted name without the blanks that may stand around its dots."""
    return w.name("".join(w.raw(node).split())).id


@GRAMMAR.visits("import_declaration")
def visit_import(w: Walk, node: Node) -> None:
    children = parts(w, node)
    if not children:
        return
    whole = dotted_name(w, children[0])
    line = w.line(node.start_byte)
    if any(child.kind_id == ASTERISK for child in children):
        w.builder.imports.append(Import(whole, "*", None, line))
        return
    module, _, name = whole.rpartition(".")
    w.builder.imports.append(Import(module, name, name, line))


# ---------------------------------------------------------------- simple statements


@GRAMMAR.visits("block", "constructor_body", "ERROR", "program")
def visit_statements(w: Walk, node: Node) -> None:
    around = w.builder.symbols[w.owner]
    if node.kind_id != BLOCK or around.kind != "class" or around.name:
        suite(w, parts(w, node))
        return
    outer = w.owner, w.holder  # an initializer of a class without a name: `new HashMap<>() {{ put("order", find(id)); }}`
    w.owner, w.holder = w.begin("lambda", "", node, node.start_byte), -1
    suite(w, parts(w, node))
    w.owner, w.holder = outer


@GRAMMAR.visits("line_comment", "block_comment", "break_statement", "continue_statement", "module_declaration")
def visit_nothing(w: Walk, node: Node) -> None:
    """No fact stands in it."""


@GRAMMAR.visits("expression_statement", "labeled_statement", "assert_statement")
def visit_expression(w: Walk, node: Node) -> None:
    for child in parts(w, node):
        statement(w, child)


@GRAMMAR.visits("return_statement", "yield_statement")
def visit_return(w: Walk, node: Node) -> None:
    children = parts(w, node)
    w.returns(value(w, children[0]) if children else None, node)


@GRAMMAR.visits("throw_statement")
def visit_throw(w: Walk, node: Node) -> None:
    w.throws(inner_value(w, node), node)


@GRAMMAR.visits("explicit_constructor_invocation")
def visit_constructor_call(w: Walk, node: Node) -> None:
    """`super(name)` is a call of what the class extends; `this(name)` only evaluates its arguments."""
    called = node.child_by_field_name("constructor")
    given = node.child_by_field_name("arguments")
    if called is None or called.type != "super" or given is None:
        other(w, node)
    else:
        add_call(w, node, Name("super"), arguments(w, given))


# ---------------------------------------------------------------- compound statements


def block(w: Walk, kind: str, subject: Value | None, start: int, body: Node | None, end: int, name: str | None = None) -> None:
    """Append a Block from `start` to the end of its body (`end` where there is none), then collect the body."""
    nodes = [] if body is None else parts(w, body) if body.kind_id == BLOCK else [body]
    if body is not None:
        end = max(start, body.end_byte)
    w.builder.blocks.append(Block(kind, subject, w.owner, w.line(start), w.last_line(end), start, end, not nodes, name))
    suite(w, nodes)


def _condition(w: Walk, node: Node) -> Value | None:
    condition = node.child_by_field_id(F_CONDITION)
    return value(w, condition) if condition is not None else None


@GRAMMAR.visits("if_statement")
def visit_if(w: Walk, node: Node) -> None:
    """A chain of `else if` without recursion."""
    current: Node | None = node
    while current is not None:
        subject = _condition(w, current)
        block(w, "if", subject, current.start_byte, current.child_by_field_id(F_CONSEQUENCE), current.end_byte)
        current = current.child_by_field_id(F_ALTERNATIVE)
        if current is not None and current.kind_id != IF:
            block(w, "else", None, current.start_byte, current, current.end_byte)
            return


@GRAMMAR.visits("while_statement", "do_statement")
def visit_while(w: Walk, node: Node) -> None:
    subject = _condition(w, node)
    block(w, "loop", subject, node.start_byte, node.child_by_field_id(F_BODY), node.end_byte)


@GRAMMAR.visits("for_statement")
def visit_for(w: Walk, node: Node) -> None:
    body = node.child_by_field_id(F_BODY)
    for init in node.children_by_field_id(F_INIT):
        statement(w, init)
    subject = _condition(w, node)
    for child in parts(w, node):
        if child.type == "update_expression" or child.type == "method_invocation":
            value(w, child)
    block(w, "loop", subject, node.start_byte, body, node.end_byte)


@GRAMMAR.visits("enhanced_for_statement")
def visit_for_each(w: Walk, node: Node) -> None:
    modifiers_of(w, node)
    name, iterated = node.child_by_field_id(F_NAME), node.child_by_field_id(F_VALUE)
    declared = declared_type(w, node.child_by_field_id(F_TYPE))
    bound = value(w, iterated) if iterated is not None else None
    if name is not None:
        w.assign(w.name(w.raw(name)), bound, declared, "for", name.start_byte, (iterated or name).end_byte)
    block(w, "loop", bound, node.start_byte, node.child_by_field_id(F_BODY), node.end_byte)


@GRAMMAR.visits("synchronized_statement")
def visit_synchronized(w: Walk, node: Node) -> None:
    children = parts(w, node)
    subject = value(w, children[0]) if children else None
    block(w, "with", subject, node.start_byte, node.child_by_field_id(F_BODY), node.end_byte)


@GRAMMAR.visits("try_statement", "try_with_resources_statement")
def visit_try(w: Walk, node: Node) -> None:
    for item in parts(w, node.child_by_field_id(F_RESOURCES)):
        _resource(w, item)
    body = node.child_by_field_id(F_BODY)
    block(w, "try", None, node.start_byte, body, node.end_byte)
    for child in parts(w, node):
        if child.type == "catch_clause":
            _catch(w, child)
        elif child.type == "finally_clause":
            block(w, "finally", None, child.start_byte, next(iter(parts(w, child)), None), child.end_byte)


def _resource(w: Walk, node: Node) -> None:
    name, bound = node.child_by_field_id(F_NAME), node.child_by_field_id(F_VALUE)
    if name is None or bound is None:
        other(w, node)
        return
    declared = declared_type(w, node.child_by_field_id(F_TYPE))
    w.assign(w.name(w.raw(name)), value(w, bound), declared, "with", node.start_byte, node.end_byte)


def _catch(w: Walk, node: Node) -> None:
    subjects: list[Value] = []
    name: str | None = None
    for child in parts(w, node):
        if child.kind_id == CATCH_PARAMETER:
            written = child.child_by_field_id(F_NAME)
            name = w.name(w.raw(written)).id if written is not None else None
            for one in parts(w, child):
                if one.kind_id == CATCH_TYPE:
                    subjects.extend(value(w, t) for t in parts(w, one))
    subject = subjects[0] if len(subjects) == 1 else Seq(tuple(subjects)) if subjects else None
    block(w, "catch", subject, node.start_byte, node.child_by_field_id(F_BODY), node.end_byte, name)


# ---------------------------------------------------------------- switch


@GRAMMAR.lowers("switch_expression")
def lower_switch(w: Walk, node: Node) -> Value:
    """As a statement and as a value: the value is one of what its rules give."""
    subject = _condition(w, node)
    body = node.child_by_field_id(F_BODY)
    start, end = node.start_byte, node.end_byte
    w.builder.blocks.append(Block("switch", subject, w.owner, w.line(start), w.last_line(end), start, end, body is None, None))
    given: list[Value] = []
    for item in parts(w, body):
        if item.kind_id in SWITCH_ITEMS:
            found = _case(w, item)
            if found is not None:
                given.append(found)
    return choice(given[:MAX_ITEMS]) if given else unknown(w, node)


def _case(w: Walk, node: Node) -> Value | None:
    """The facts of one rule or group; the value of a rule that is one expression."""
    labels: list[Value] = []
    rest: list[Node] = []
    for child in parts(w, node):
        if child.kind_id == LABEL:
            labels.extend(value(w, label) for label in parts(w, child))
        else:
            rest.append(child)
    subject = labels[0] if len(labels) == 1 else Seq(tuple(labels[:MAX_ITEMS])) if labels else None
    start, end = node.start_byte, node.end_byte
    w.builder.blocks.append(Block("case", subject, w.owner, w.line(start), w.last_line(end), start, end, not rest, None))
    if node.type == "switch_rule" and len(rest) == 1 and rest[0].kind_id == EXPRESSION:
        inner = parts(w, rest[0])
        return value(w, inner[0]) if inner else None
    suite(w, rest)
    return None
