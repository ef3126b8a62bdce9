"""Operators, choices, patterns and queries of C#.

A query expression stands for the source that it reads (`from o in db.Orders ...` is `db.Orders`): what is called on it reads that.
"""

from __future__ import annotations

from tree_sitter import Node

from backend_readiness.facts.languages.csharp.chains import named_value
from backend_readiness.facts.languages.csharp.tree import (
    MAX_DEPTH,
    MAX_ITEMS,
    Walk,
    inner,
    kinds,
    lowers,
    other,
    parts,
    unknown,
    value,
)
from backend_readiness.facts.languages.csharp.types import written_type
from backend_readiness.facts.languages.text import is_text, join_text
from backend_readiness.facts.model import Alt, Arg, Assign, Block, Call, Func, Index, Lit, Member, Name, Op, Seq, Throw, Value

BINARY = kinds("binary_expression")
CONDITIONAL = kinds("conditional_expression")
DECLARED = kinds("declaration_pattern", "recursive_pattern", "var_pattern", "list_pattern")
ARM = kinds("switch_expression_arm")
FLAT = frozenset(("+", "??", "&&", "||", "|"))
_NAMES = {"&&": "and", "||": "or", "!": "not"}


@lowers("binary_expression")
def binary(w: Walk, node: Node) -> Value:
    """Left-nested operators without recursion; equal neighbours share one flat value."""
    groups: list[tuple[str, list[Node]]] = []
    current = node
    while current.kind_id in BINARY:
        left, operator, right = (current.child_by_field_name(f) for f in ("left", "operator", "right"))
        if left is None or right is None or operator is None:
            break
        sign = operator.type
        if groups and groups[-1][0] == sign and sign in FLAT:
            groups[-1][1].append(right)
        else:
            groups.append((sign, [right]))
        current = left
    if not groups:
        return other(w, node)
    base, room = w.depth, max(1, MAX_DEPTH - w.depth)
    if len(groups) > room:
        result: Value = unknown(w, current)
    else:
        w.depth += len(groups)
        result = value(w, current)
    for distance in range(len(groups) - 1, -1, -1):
        sign, rights = groups[distance]
        if distance and distance % room == 0:
            result = unknown(w, node)
        w.depth = min(MAX_DEPTH, base + distance % room)
        result = _operation(sign, result, [value(w, right) for right in reversed(rights[-MAX_ITEMS:])])
    w.depth = base
    return result


def _operation(sign: str, left: Value, rights: list[Value]) -> Value:
    if sign == "??":
        found = choice([left, *rights])
        return Alt(found.options, fallback=True) if isinstance(found, Alt) and isinstance(left, Name) else found
    if sign == "+" and (is_text(left) or any(is_text(right) for right in rights)):
        return join_text([left, *rights])
    return Op(_NAMES.get(sign, sign), (left, *rights))


def choice(options: list[Value]) -> Value:
    """An Alt of the options, those of a nested Alt put in its place; what only throws is none."""
    flat: list[Value] = []
    for option in options:
        flat.extend(option.options if isinstance(option, Alt) else (option,))
    kept = [o for o in flat if o != THROWN]
    return Alt(tuple(kept[:MAX_ITEMS])) if len(kept) > 1 else kept[0] if kept else THROWN


THROWN = Op("throw", ())


@lowers("throw_expression")
def throw_expression(w: Walk, node: Node) -> Value:
    thrown = inner(w, node) if parts(node) else None
    w.builder.throws.append(Throw(thrown, w.owner, w.line(node.start_byte), node.start_byte))
    return THROWN


@lowers("conditional_expression")
def conditional(w: Walk, node: Node) -> Value:
    options: list[Value] = []
    tests: list[Value] = []
    current: Node | None = node
    while current is not None and current.kind_id in CONDITIONAL:
        condition, consequence = current.child_by_field_name("condition"), current.child_by_field_name("consequence")
        if condition is not None:
            tests.append(value(w, condition))
        if consequence is not None:
            options.append(value(w, consequence))
        current = current.child_by_field_name("alternative")
    if current is not None:
        options.append(value(w, current))
    if len(tests) == 1 and len(options) == 2 and (named := _or_else(tests[0], options)) is not None:
        return named
    return choice(options) if options else unknown(w, node)


def _or_else(test: Value, options: list[Value]) -> Alt | None:
    """`group is null ? app : group` is `group ?? app`."""
    if not isinstance(test, Op) or len(test.operands) != 2 or test.op not in ("is", "==", "!=") or not isinstance(test.operands[0], Name):
        return None
    name, against = test.operands
    none = Lit(None)
    negated = test.op == "!=" or (isinstance(against, Op) and against.op == "not" and against.operands == (none,))
    if against != none and not negated:
        return None
    there, missing = options if negated else options[::-1]
    return Alt((there, missing), fallback=True) if there == name and not isinstance(missing, Alt) else None


@lowers("prefix_unary_expression", "postfix_unary_expression", "is_expression", "range_expression")
def unary(w: Walk, node: Node) -> Value:
    children = parts(node)
    sign = next((c.type for c in node.children if not c.is_named), "")
    operands = tuple(value(w, c) for c in children)
    if len(operands) == 1 and sign == "-" and isinstance(operands[0], Lit) and isinstance(operands[0].value, int | float):
        return Lit(-operands[0].value)
    if len(operands) == 1 and sign in ("", "!") and node.type == "postfix_unary_expression":
        return operands[0]
    return Op(_NAMES.get(sign, sign), operands)


@lowers("cast_expression")
def cast(w: Walk, node: Node) -> Value:
    declared, cast_value = node.child_by_field_name("type"), node.child_by_field_name("value")
    if declared is not None:
        value(w, declared)
    return value(w, cast_value) if cast_value is not None else unknown(w, node)


@lowers("as_expression")
def as_expression(w: Walk, node: Node) -> Value:
    left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
    if right is not None:
        value(w, right)
    return value(w, left) if left is not None else unknown(w, node)


# ---------------------------------------------------------------- patterns


@lowers("is_pattern_expression")
def is_pattern(w: Walk, node: Node) -> Value:
    left, pattern = node.child_by_field_name("expression"), node.child_by_field_name("pattern")
    if left is None or pattern is None:
        return other(w, node)
    tested = value(w, left)
    return Op("is", (tested, matched(w, pattern, tested)))


def matched(w: Walk, pattern: Node, tested: Value) -> Value:
    """The value that a pattern compares with; a name that it declares is assigned what is tested."""
    if pattern.kind_id not in DECLARED:
        return value(w, pattern)
    name, declared = pattern.child_by_field_name("name"), written_type(w, pattern.child_by_field_name("type"))
    if name is not None and name.type == "identifier":
        w.declare(w.raw(name))
        start, end = pattern.start_byte, pattern.end_byte
        target = value(w, name)
        w.builder.assigns.append(Assign(target, tested, declared, w.owner, w.line(start), w.last_line(end), start, end, "let"))
    items: list[Value] = []
    for child in parts(pattern):
        if child.type == "positional_pattern_clause":
            items.extend(value(w, p) for part in parts(child)[:MAX_ITEMS] for p in parts(part)[-1:])
        elif child.type == "property_pattern_clause":
            other(w, child)
    if declared is None and len(items) > 1:
        return Seq(tuple(items))  # `("GET", "/orders")`
    return declared if declared is not None else unknown(w, pattern)


@lowers("declaration_pattern", "recursive_pattern", "var_pattern", "list_pattern")
def lone_pattern(w: Walk, node: Node) -> Value:
    return matched(w, node, unknown(w, node))


@lowers("constant_pattern", "parenthesized_pattern", "type_pattern")
def constant_pattern(w: Walk, node: Node) -> Value:
    return inner(w, node)


@lowers("negated_pattern")
def negated_pattern(w: Walk, node: Node) -> Value:
    return Op("not", (inner(w, node),))


@lowers("or_pattern", "and_pattern")
def joined_pattern(w: Walk, node: Node) -> Value:
    return Op("or" if node.type == "or_pattern" else "and", tuple(value(w, c) for c in parts(node)))


@lowers("tuple_pattern", "parenthesized_variable_designation")
def tuple_pattern(w: Walk, node: Node) -> Value:
    """`(a, (b, _))` declares its names."""
    found: list[Value] = []
    for child in parts(node)[:MAX_ITEMS]:
        if child.type == "identifier":
            w.declare(w.raw(child))
        found.append(value(w, child))
    return Seq(tuple(found))


@lowers("switch_expression")
def switch_expression(w: Walk, node: Node) -> Value:
    children = parts(node)
    if not children:
        return unknown(w, node)
    tested = value(w, children[0])
    _block(w, node, "switch", tested)
    options: list[Value] = []
    for arm in children[1:]:
        inside = parts(arm)
        if arm.kind_id not in ARM or len(inside) < 2:
            continue
        _block(w, arm, "case", matched(w, inside[0], tested))
        for clause in inside[1:-1]:
            other(w, clause)
        options.append(value(w, inside[-1]))
    return choice(options) if options else unknown(w, node)


def _block(w: Walk, node: Node, kind: str, subject: Value) -> None:
    start, end = node.start_byte, node.end_byte
    w.builder.blocks.append(Block(kind, subject, w.owner, w.line(start), w.last_line(end), start, end, False))


# ---------------------------------------------------------------- assignments and queries


@lowers("assignment_expression")
def assignment(w: Walk, node: Node) -> Value:
    left, operator, right = (node.child_by_field_name(f) for f in ("left", "operator", "right"))
    if left is None or right is None:
        return other(w, node)
    sign = operator.type if operator is not None else "="
    target = value(w, left)
    assigned = named_value(w, right, w.raw(left) if left.type == "identifier" else "")
    if isinstance(target, Name) and w.in_type and not w.is_local(w.raw(left)):
        target = Member(w.name("self"), target.id)
    start, end = node.start_byte, node.end_byte
    kind = "assign" if sign in ("=", "??=") else "aug"
    w.builder.assigns.append(Assign(target, assigned, None, w.owner, w.line(start), w.last_line(end), start, end, kind))
    if kind == "assign" and isinstance(target, Index) and _may_be_function(assigned):
        keys = target.key.items if isinstance(target.key, Seq) else (target.key,)  # an indexer is set by a call, which may keep a function
        args = tuple(Arg(v) for v in (*keys, assigned))
        w.builder.add_call(Call(Member(target.base, "set_Item"), args, w.owner, w.line(start), w.last_line(end), start, end))
    return choice([target, assigned]) if sign == "??=" else assigned


def _may_be_function(assigned: Value) -> bool:
    """A lambda, or a name as methods have it."""
    name = assigned.id if isinstance(assigned, Name) else assigned.name if isinstance(assigned, Member) else ""
    return isinstance(assigned, Func) or (name[:1].isupper() and not (isinstance(assigned, Member) and not isinstance(assigned.base, Name)))


@lowers("query_expression")
def query(w: Walk, node: Node) -> Value:
    source: Value | None = None
    for clause in parts(node):
        if clause.type == "from_clause":
            name, inside = clause.child_by_field_name("name"), parts(clause)
            read = value(w, inside[-1]) if inside else None
            source = source if source is not None else read
            if name is not None and read is not None:
                w.declare(w.raw(name))
                start, end = clause.start_byte, clause.end_byte
                target = value(w, name)
                w.builder.assigns.append(Assign(target, read, None, w.owner, w.line(start), w.last_line(end), start, end, "for"))
        else:
            other(w, clause)
    return source if source is not None else unknown(w, node)
