"""Control flow of Scala. All of it has a value: that of one of its branches."""

from __future__ import annotations

from tree_sitter import Node

from backend_readiness.facts.languages.jvm.tree import MAX_ITEMS, MAX_NESTING, Walk, parts, suite, unknown, value
from backend_readiness.facts.languages.scala.functions import clause_body
from backend_readiness.facts.languages.scala.grammar import (
    BLOCKS,
    CASE,
    CASES,
    F_ALTERNATIVE,
    F_BODY,
    F_CONDITION,
    F_CONSEQUENCE,
    F_LEFT,
    F_PATTERN,
    F_RIGHT,
    F_TYPE,
    F_VALUE,
    GRAMMAR,
    GUARD,
    child_of,
    children_of,
)
from backend_readiness.facts.languages.scala.patterns import TYPED, bind, pattern
from backend_readiness.facts.model import Alt, Block, Name, Value

IF = GRAMMAR.set_of("if_expression")
CATCH = GRAMMAR.set_of("catch_clause")
FINALLY = GRAMMAR.set_of("finally_clause")
ENUMERATORS = GRAMMAR.set_of("enumerators")
ENUMERATOR = GRAMMAR.set_of("enumerator")


def choice(found: list[Value]) -> Value:
    """An Alt of the options, those of a nested Alt put in its place."""
    flat: list[Value] = []
    for option in found:
        flat.extend(option.options if type(option) is Alt else (option,))
    return flat[0] if len(flat) == 1 else Alt(tuple(flat[:MAX_ITEMS]))


@GRAMMAR.lowers("block", "indented_block")
def lower_block(w: Walk, node: Node) -> Value:
    """A block that is a value: that of its last statement."""
    return _suite_value(w, parts(w, node)) or unknown(w, node)


def _suite_value(w: Walk, nodes: list[Node]) -> Value | None:
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


def block(w: Walk, kind: str, subject: Value | None, start: int, nodes: list[Node], end: int, name: str | None = None) -> Value | None:
    """Append a Block, then collect its statements; answers the value of the last one when that is an expression."""
    if len(nodes) == 1 and nodes[0].kind_id in BLOCKS:
        end = nodes[0].end_byte
        nodes = parts(w, nodes[0])
    elif nodes:
        end = max(start, nodes[-1].end_byte)
    w.builder.blocks.append(Block(kind, subject, w.owner, w.line(start), w.last_line(end), start, end, not nodes, name))
    return _suite_value(w, nodes)


@GRAMMAR.lowers("if_expression")
def lower_if(w: Walk, node: Node) -> Value:
    """A chain of `else if` without recursion."""
    given: list[Value] = []
    current: Node | None = node
    while current is not None:
        condition, then = current.child_by_field_id(F_CONDITION), current.child_by_field_id(F_CONSEQUENCE)
        subject = value(w, condition) if condition is not None else None
        found = block(w, "if", subject, current.start_byte, [then] if then is not None else [], current.end_byte)
        given.extend([found] if found is not None else [])
        otherwise = current.child_by_field_id(F_ALTERNATIVE)
        if otherwise is not None and otherwise.kind_id not in IF:
            found = block(w, "else", None, otherwise.start_byte, [otherwise], otherwise.end_byte)
            given.extend([found] if found is not None else [])
            otherwise = None
        current = otherwise
    return choice(given) if given else unknown(w, node)


@GRAMMAR.lowers("match_expression")
def lower_match(w: Walk, node: Node) -> Value:
    matched = node.child_by_field_id(F_VALUE)
    subject = value(w, matched) if matched is not None else None
    body = node.child_by_field_id(F_BODY)
    start, end = node.start_byte, node.end_byte
    clauses = children_of(body, CASE)[:MAX_ITEMS] if body is not None else []
    w.builder.blocks.append(Block("switch", subject, w.owner, w.line(start), w.last_line(end), start, end, not clauses, None))
    given = [_clause(w, clause, "case", subject) for clause in clauses]
    kept = [found for found in given if found is not None]
    return choice(kept) if kept else unknown(w, node)


def _clause(w: Walk, clause: Node, kind: str, subject: Value | None = None) -> Value | None:
    written = clause.child_by_field_id(F_PATTERN)
    tested = pattern(w, written) if written is not None else None
    name = None
    if written is not None:
        bind(w, written)
        if kind == "catch":
            name, tested = _caught(w, written, tested)
        elif type(tested) is Name and tested.id[:1].islower() and subject is not None:
            w.assign(tested, subject, None, "let", written.start_byte, written.end_byte)
    guard = child_of(clause, GUARD)
    for child in parts(w, guard):
        value(w, child)
    return block(w, kind, tested, clause.start_byte, clause_body(w, clause), clause.end_byte, name)


def _caught(w: Walk, node: Node, tested: Value | None) -> tuple[str | None, Value | None]:
    """The name and the type of `case e: Failure`."""
    if node.kind_id in TYPED:
        declared = node.child_by_field_id(F_TYPE)
        name = tested.id if type(tested) is Name else None
        return name, value(w, declared) if declared is not None else None
    return (tested.id, None) if type(tested) is Name else (None, tested)


@GRAMMAR.lowers("try_expression")
def lower_try(w: Walk, node: Node) -> Value:
    body = node.child_by_field_id(F_BODY)
    found = [block(w, "try", None, node.start_byte, [body] if body is not None else [], node.end_byte)]
    catch, last = child_of(node, CATCH), child_of(node, FINALLY)
    cases = child_of(catch, CASES)
    if cases is not None:
        found.extend(_clause(w, clause, "catch") for clause in children_of(cases, CASE)[:MAX_ITEMS])
    elif catch is not None:
        block(w, "catch", None, catch.start_byte, parts(w, catch), catch.end_byte)
    if last is not None:
        block(w, "finally", None, last.start_byte, parts(w, last), last.end_byte)
    kept = [given for given in found if given is not None]
    return choice(kept) if kept else unknown(w, node)


@GRAMMAR.lowers("for_expression")
def lower_for(w: Walk, node: Node) -> Value:
    """`for (x <- xs) { ... }` is a loop; with `yield` it may as well put results one after the other (futures, options), and is none.

    Its value is what it yields."""
    enumerators = child_of(node, ENUMERATORS)
    first: Value | None = None
    for enumerator in children_of(enumerators, ENUMERATOR)[:MAX_ITEMS] if enumerators is not None else []:
        bound = _enumerator(w, enumerator)
        first = bound if first is None else first
    body = node.child_by_field_id(F_BODY)
    nodes = [body] if body is not None else []
    if any(child.type == "yield" for child in node.children):
        inner = parts(w, body) if body is not None and body.kind_id in BLOCKS else nodes
        return _suite_value(w, inner) or unknown(w, node)
    block(w, "loop", first, node.start_byte, nodes, node.end_byte)
    return unknown(w, node)


def _enumerator(w: Walk, node: Node) -> Value | None:
    children = [child for child in parts(w, node) if child.kind_id not in GUARD]
    given = value(w, children[1]) if len(children) > 1 else None
    if children:
        taken = children[0]
        kind = "for" if any(child.type in ("<-", "\u2190") for child in node.children) else "let"
        if given is None:
            value(w, taken)
        elif taken.kind_id in w.identifiers:
            w.assign(w.name(w.raw(taken)), given, None, kind, node.start_byte, node.end_byte)
        elif taken.type == "tuple_pattern":
            w.assign(pattern(w, taken), given, None, kind, node.start_byte, node.end_byte)
        else:
            bind(w, taken)
    for guard in children_of(node, GUARD):
        for child in parts(w, guard):
            value(w, child)
    return given


@GRAMMAR.visits("while_expression", "do_while_expression")
def visit_while(w: Walk, node: Node) -> None:
    condition, body = node.child_by_field_id(F_CONDITION), node.child_by_field_id(F_BODY)
    subject = value(w, condition) if condition is not None else None
    block(w, "loop", subject, node.start_byte, [body] if body is not None else [], node.end_byte)


@GRAMMAR.lowers("return_expression")
def lower_return(w: Walk, node: Node) -> Value:
    children = parts(w, node)
    w.returns(value(w, children[0]) if children else None, node)
    return unknown(w, node)


@GRAMMAR.lowers("throw_expression")
def lower_throw(w: Walk, node: Node) -> Value:
    children = parts(w, node)
    w.throws(value(w, children[0]) if children else None, node)
    return unknown(w, node)


@GRAMMAR.visits("assignment_expression")
def visit_assignment(w: Walk, node: Node) -> None:
    left, right = node.child_by_field_id(F_LEFT), node.child_by_field_id(F_RIGHT)
    if left is not None and right is not None:
        target = value(w, left)
        w.assign(target, value(w, right), None, "assign", node.start_byte, node.end_byte)
