"""Compound statements of Ruby: conditions, loops, `case`, `begin` with its `rescue`, and `return`.

Their value is an Alt of what their branches end with. A body with a `rescue` is a `try` Block of its own.
"""

from __future__ import annotations

from tree_sitter import Node

from backend_readiness.facts.languages.ruby.operators import target
from backend_readiness.facts.languages.ruby.symbols import suite
from backend_readiness.facts.languages.ruby.tree import (
    F_ALTERNATIVE,
    F_BODY,
    F_CONDITION,
    F_CONSEQUENCE,
    F_EXCEPTIONS,
    F_PATTERN,
    F_VALUE,
    F_VARIABLE,
    MAX_ITEMS,
    NIL,
    Walk,
    kinds,
    lowers,
    optional,
    value,
    without_extras,
)
from backend_readiness.facts.model import Alt, Assign, Op, Return, Seq, Value

IF = kinds("if", "unless", "elsif")
UNLESS = kinds("unless", "unless_modifier")
UNTIL = kinds("until", "until_modifier")
RESCUE = kinds("rescue")
ENSURE = kinds("ensure")
ELSE = kinds("else")
CASE_VALUES = kinds("when", "in_clause", "else")


def _alternatives(found: list[Value]) -> Value:
    flat = [o for each in found for o in (each.options if isinstance(each, Alt) else (each,))]
    return flat[0] if len(flat) == 1 else Alt(tuple(flat[:MAX_ITEMS]))


def _empty(body: Node | None) -> bool:
    return body is None or not without_extras(body.named_children)


@lowers("if", "unless", "elsif")
def lower_if(w: Walk, node: Node) -> Value:
    found: list[Value] = []
    current: Node | None = node
    while current is not None and current.kind_id in IF:
        condition = optional(w, current.child_by_field_id(F_CONDITION))
        subject = Op("not", (condition,)) if condition is not None and current.kind_id in UNLESS else condition
        body, alternative = current.child_by_field_id(F_CONSEQUENCE), current.child_by_field_id(F_ALTERNATIVE)
        end = body.end_byte if body is not None else alternative.start_byte if alternative is not None else current.end_byte
        w.block("if", subject, current.start_byte, end, empty=_empty(body))
        found.append(optional(w, body) or NIL)
        current = alternative
    if current is not None:
        w.block("else", None, current.start_byte, current.end_byte, empty=_empty(current))
        found.append(value(w, current))
    else:
        found.append(NIL)
    return _alternatives(found)


@lowers("else")
def lower_else(w: Walk, node: Node) -> Value:
    return suite(w, node.named_children)


@lowers("if_modifier", "unless_modifier")
def lower_if_modifier(w: Walk, node: Node) -> Value:
    condition = optional(w, node.child_by_field_id(F_CONDITION))
    subject = Op("not", (condition,)) if condition is not None and node.kind_id in UNLESS else condition
    w.block("if", subject, node.start_byte, node.end_byte)
    return _alternatives([optional(w, node.child_by_field_id(F_BODY)) or NIL, NIL])


@lowers("while", "until", "while_modifier", "until_modifier")
def lower_while(w: Walk, node: Node) -> Value:
    condition = optional(w, node.child_by_field_id(F_CONDITION))
    subject = Op("not", (condition,)) if condition is not None and node.kind_id in UNTIL else condition
    body = node.child_by_field_id(F_BODY)
    w.block("loop", subject, node.start_byte, node.end_byte, empty=_empty(body))
    optional(w, body)
    return NIL


@lowers("for")
def lower_for(w: Walk, node: Node) -> Value:
    pattern, source = node.child_by_field_id(F_PATTERN), node.child_by_field_id(F_VALUE)
    inner = without_extras(source.named_children) if source is not None else []
    iterated = value(w, inner[0]) if inner else None
    if pattern is not None:
        start, end = pattern.start_byte, (source or pattern).end_byte
        w.builder.assigns.append(Assign(target(w, pattern), iterated, None, w.owner, w.line(start), w.last_line(end), start, end, "for"))
    body = node.child_by_field_id(F_BODY)
    w.block("loop", iterated, node.start_byte, node.end_byte, empty=_empty(body))
    optional(w, body)
    return iterated or NIL


@lowers("case", "case_match")
def lower_case(w: Walk, node: Node) -> Value:
    subject = optional(w, node.child_by_field_id(F_VALUE))
    w.block("switch", subject, node.start_byte, node.end_byte)
    return _alternatives([value(w, child) for child in node.named_children if child.kind_id in CASE_VALUES] or [NIL])


@lowers("when", "in_clause")
def lower_when(w: Walk, node: Node) -> Value:
    patterns = [value(w, child) for child in node.children_by_field_id(F_PATTERN)]
    subject = patterns[0] if len(patterns) == 1 else Seq(tuple(patterns[:MAX_ITEMS]))
    body = node.child_by_field_id(F_BODY)
    w.block("case", subject, node.start_byte, node.end_byte, empty=_empty(body))
    return optional(w, body) or NIL


@lowers("pattern")
def lower_pattern(w: Walk, node: Node) -> Value:
    inner = without_extras(node.named_children)
    return value(w, inner[0]) if inner else NIL


@lowers("begin", "body_statement", "block_body")
def lower_body(w: Walk, node: Node) -> Value:
    """Statements, and what follows them when they fail."""
    children = node.named_children
    first = next((i for i, child in enumerate(children) if child.kind_id in RESCUE or child.kind_id in ENSURE), None)
    if first is None:
        return suite(w, children)
    body, rest = children[:first], children[first:]
    start = body[0].start_byte if body else node.start_byte
    end = body[-1].end_byte if body else rest[0].start_byte
    w.block("try", None, start, max(start, end), empty=not without_extras(body))
    found = [suite(w, body)]
    for child in rest:
        lowered = value(w, child)
        if child.kind_id in RESCUE or child.kind_id in ELSE:
            found.append(lowered)
    return _alternatives(found)


@lowers("rescue")
def lower_rescue(w: Walk, node: Node) -> Value:
    caught, variable, body = (node.child_by_field_id(f) for f in (F_EXCEPTIONS, F_VARIABLE, F_BODY))
    subjects = [value(w, child) for child in without_extras(caught.named_children)] if caught is not None else []
    subject = None if not subjects else subjects[0] if len(subjects) == 1 else Seq(tuple(subjects[:MAX_ITEMS]))
    name: str | None = None
    if variable is not None and (inner := without_extras(variable.named_children)):
        target(w, inner[0])
        name = w.raw(inner[0])
    w.block("catch", subject, node.start_byte, node.end_byte, empty=_empty(body), name=name)
    return optional(w, body) or NIL


@lowers("ensure")
def lower_ensure(w: Walk, node: Node) -> Value:
    w.block("finally", None, node.start_byte, node.end_byte, empty=_empty(node))
    return suite(w, node.named_children)


@lowers("return", "next", "break")
def lower_return(w: Walk, node: Node) -> Value:
    """`return x`, and `next x`, which is how a block returns."""
    given = [value(w, child) for child in (node.named_children[0].named_children if node.named_children else ())]
    found = given[0] if len(given) == 1 else Seq(tuple(given)) if given else None
    if node.type != "break":
        start, end = node.start_byte, node.end_byte
        w.builder.returns.append(Return(found, w.owner, w.line(start), w.last_line(end), start))
    return found if found is not None else NIL


@lowers("alias", "undef", "redo", "retry")
def lower_nothing(w: Walk, node: Node) -> Value:
    """No fact stands in it."""
    return NIL
