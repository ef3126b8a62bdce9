"""Functions, lambdas, parameters, and the patterns of cases."""

from __future__ import annotations

from tree_sitter import Node

from backend_readiness.facts.languages.jvm.tree import MAX_ITEMS, Walk, parts, suite, unknown, value
from backend_readiness.facts.languages.scala.grammar import (
    BLOCKS,
    CASE,
    CASES,
    COLON,
    F_BODY,
    F_DEFAULT,
    F_NAME,
    F_PATTERN,
    GRAMMAR,
    GUARD,
    LAMBDA,
    PARAMETER,
    child_of,
    children_of,
    fields_of,
)
from backend_readiness.facts.languages.scala.literals import declared_type
from backend_readiness.facts.languages.scala.patterns import bind, pattern
from backend_readiness.facts.model import Alt, Func, Name, Param, Value

BINDINGS = GRAMMAR.set_of("bindings")
BINDING = GRAMMAR.set_of("binding")
REPEATED = GRAMMAR.set_of("repeated_parameter_type")
WILDCARD = GRAMMAR.set_of("wildcard")


def parameters(w: Walk, lists: list[Node]) -> tuple[Param, ...]:
    """The parameters of all lists, one after the other."""
    found: list[Param] = []
    for given in lists:
        for child in children_of(given, PARAMETER):
            name = child.child_by_field_id(F_NAME)
            default = child.child_by_field_id(F_DEFAULT)
            bound = value(w, default) if default is not None else None
            kind = "*" if child_of(child, REPEATED) is not None else ""
            decorators = tuple(value(w, c) for c in child.named_children if c.type == "annotation")
            written = w.name(w.raw(name)).id if name is not None else ""
            found.append(Param(written, declared_type(w, child), bound, kind, decorators=decorators))
    return tuple(found[:MAX_ITEMS])


def body_of(w: Walk, body: Node | None) -> int:
    """Collect the facts of a body; its last expression is what it returns. Answers the number of statements."""
    if body is None:
        return 0
    return last_of(w, parts(w, body) if body.kind_id in BLOCKS else [body])


def last_of(w: Walk, nodes: list[Node]) -> int:
    suite(w, nodes[:-1])
    if nodes:
        last = nodes[-1]
        if last.kind_id in w.statements:
            suite(w, [last])
        else:
            w.returns(value(w, last), last)
    return len(nodes)


def function_argument(w: Walk, node: Node) -> Value:
    """A block, cases, or `: x =>` behind a call: the function that it is. Any other expression is its value."""
    if node.kind_id in BLOCKS:
        inner = parts(w, node)
        if len(inner) == 1 and inner[0].kind_id in LAMBDA:
            return value(w, inner[0])
        return _block_function(w, node, inner)
    if node.kind_id in CASES:
        return lower_cases(w, node)
    if node.kind_id in COLON:
        return _colon(w, node)
    return value(w, node)


def _colon(w: Walk, node: Node) -> Value:
    body = next(iter(reversed(parts(w, node))), None)
    if body is not None and body.kind_id in CASES:
        return lower_cases(w, body)
    heads = [child for child in parts(w, node) if child != body]
    symbol, outer = _begin(w, node)
    params = tuple(p for head in heads for p in _lambda_parameters(w, head))
    w.builder.amend(symbol, params=params)
    w.builder.amend(symbol, statements=body_of(w, body))
    w.owner, w.holder = outer
    return Func(symbol)


def _begin(w: Walk, node: Node) -> tuple[int, tuple[int, int]]:
    name, w.lambda_name = w.lambda_name, ""
    symbol = w.begin("lambda", name, node, node.start_byte)
    outer = w.owner, w.holder
    w.owner, w.holder = symbol, -1
    return symbol, outer


def _block_function(w: Walk, node: Node, inner: list[Node]) -> Value:
    symbol, outer = _begin(w, node)
    w.builder.amend(symbol, statements=last_of(w, inner))
    w.owner, w.holder = outer
    return Func(symbol)


@GRAMMAR.lowers("lambda_expression")
def lower_lambda(w: Walk, node: Node) -> Value:
    symbol, outer = _begin(w, node)
    heads = fields_of(node, "parameters")
    params = tuple(p for head in heads for p in _lambda_parameters(w, head))
    body = [child for child in parts(w, node) if child not in heads]
    w.builder.amend(symbol, params=params)
    nodes = parts(w, body[0]) if len(body) == 1 and body[0].kind_id in BLOCKS else body
    w.builder.amend(symbol, statements=last_of(w, nodes))
    w.owner, w.holder = outer
    return Func(symbol)


def _lambda_parameters(w: Walk, node: Node) -> list[Param]:
    if node.kind_id in BINDINGS:
        return [p for child in parts(w, node) for p in _lambda_parameters(w, child)][:MAX_ITEMS]
    if node.kind_id in BINDING:
        name = node.child_by_field_id(F_NAME)
        return [Param(w.name(w.raw(name)).id if name is not None else "", declared_type(w, node))]
    if node.kind_id in w.identifiers:
        return [Param(w.name(w.raw(node)).id)]
    return [Param("_")] if node.kind_id in WILDCARD else []


@GRAMMAR.lowers("case_block", "indented_cases")
def lower_cases(w: Walk, node: Node) -> Value:
    """`{ case p => ... case q => ... }` as a function: one for each case, with the pattern as its parameter."""
    found: list[Value] = []
    for clause in children_of(node, CASE)[:MAX_ITEMS]:
        symbol, outer = _begin(w, clause)
        written = clause.child_by_field_id(F_PATTERN)
        taken = pattern(w, written) if written is not None else None
        param = Param(taken.id) if type(taken) is Name else Param("", pattern=taken)
        w.builder.amend(symbol, params=(param,))
        if written is not None and type(taken) is not Name:
            bind(w, written)
        guard = child_of(clause, GUARD)
        if guard is not None:
            for child in parts(w, guard):
                value(w, child)
        w.builder.amend(symbol, statements=last_of(w, clause_body(w, clause)))
        w.owner, w.holder = outer
        found.append(Func(symbol))
    if not found:
        return unknown(w, node)
    return found[0] if len(found) == 1 else Alt(tuple(found))


def clause_body(w: Walk, clause: Node) -> list[Node]:
    """The statements behind the arrow of a case."""
    nodes = [child for child in clause.children_by_field_id(F_BODY) if child.is_named and child.kind_id not in w.extras]
    return parts(w, nodes[0]) if len(nodes) == 1 and nodes[0].kind_id in BLOCKS else nodes
