"""Definitions of Ruby: modules, classes, methods, lambdas and blocks, with their parameters.

A module is a Symbol of kind `class`, so that what includes it has it as a base; `class A::B` stands inside a symbol for `A`.
A method that is written in a block of a class body (`helpers do`, `class_methods do`) belongs to the class.
What the last expression of a body stands for is its Return.
"""

from __future__ import annotations

from tree_sitter import Node

from backend_readiness.facts.languages.ruby.tree import (
    BLOCKS,
    COMMENT,
    CONSTANT,
    F_BODY,
    F_NAME,
    F_OBJECT,
    F_PARAMETERS,
    F_SCOPE,
    F_SUPERCLASS,
    F_VALUE,
    NIL,
    Walk,
    kinds,
    lowers,
    unknown,
    value,
    without_extras,
)
from backend_readiness.facts.languages.text import plain
from backend_readiness.facts.model import Func, Lit, Name, Param, Return, Seq, Symbol, Value

MAX_DOC_CHARS = 120
MAX_STEPS = 10
IDENTIFIERS = kinds("identifier")
SELF = kinds("self")
MODULE = kinds("module")
DESTRUCTURED = kinds("destructured_parameter")
OPTIONAL = kinds("optional_parameter")
KEYWORD = kinds("keyword_parameter")
SPLAT = kinds("splat_parameter")
DOUBLE_SPLAT = kinds("hash_splat_parameter")
BLOCK_PARAMETER = kinds("block_parameter")
DEFINITIONS = kinds("class", "module", "method", "singleton_method")
RETURNS = kinds("return")
BODIES = kinds("body_statement", "block_body")


def suite(w: Walk, nodes: list[Node]) -> Value:
    """Collect the facts of statements; answers the value of the last one."""
    last: Value = NIL
    w.doc = ""
    for node in nodes:
        if node.kind_id in COMMENT:
            w.doc = w.doc or plain(w.raw(node)).lstrip("#").strip()[:MAX_DOC_CHARS]
            continue
        if node.kind_id not in DEFINITIONS:
            w.doc = ""
        last = value(w, node)
        w.doc = ""
    return last


@lowers("program", "body_statement", "block_body", "then", "do", "parenthesized_statements", "begin_block", "end_block")
def lower_suite(w: Walk, node: Node) -> Value:
    return suite(w, node.named_children)


# ---------------------------------------------------------------- parameters


def parameters(w: Walk, node: Node | None) -> tuple[Param, ...]:
    """The parameters as written; a block parameter is of kind `&`, a keyword one is like any other."""
    return tuple(p for child in without_extras(node.named_children if node is not None else ()) if (p := _parameter(w, child)) is not None)


def _parameter(w: Walk, node: Node) -> Param | None:
    number = node.kind_id
    if number in IDENTIFIERS:
        return Param(_bind(w, node))
    if number in DESTRUCTURED:
        return Param("", pattern=_pattern(w, node, 0))
    name = node.child_by_field_id(F_NAME)
    if number in OPTIONAL or number in KEYWORD:
        default = node.child_by_field_id(F_VALUE)
        lowered = value(w, default) if default is not None else None
        return Param(_bind(w, name), default=lowered) if name is not None else None
    kind = "*" if number in SPLAT else "**" if number in DOUBLE_SPLAT else "&" if number in BLOCK_PARAMETER else None
    return Param(_bind(w, name) if name is not None else "", kind=kind) if kind is not None else None


def _bind(w: Walk, node: Node) -> str:
    written = w.raw(node)
    w.locals.add(written)
    return w.name(written).id


def _pattern(w: Walk, node: Node, depth: int) -> Value:
    items: list[Value] = []
    for child in without_extras(node.named_children):
        if child.kind_id in IDENTIFIERS:
            items.append(Name(_bind(w, child)))
        elif child.kind_id in DESTRUCTURED and depth < 10:
            items.append(_pattern(w, child, depth + 1))
        else:
            items.append(unknown(w, child))
    return Seq(tuple(items))


# ---------------------------------------------------------------- functions


def begin(w: Walk, node: Node, kind: str, name: str, parent: int) -> int:
    start, end = node.start_byte, node.end_byte
    return w.builder.add_symbol(Symbol(kind, name, parent, w.line(start), w.last_line(end), start, end, doc=w.doc))


def returned(w: Walk, symbol: int, body: Node | None, found: Value) -> None:
    """Record what a body ends with, unless it ends with a `return`, which has said it."""
    nodes = without_extras(body.named_children) if body is not None and body.kind_id in BODIES else [body] if body is not None else []
    if not nodes or nodes[-1].kind_id in RETURNS or nodes[-1].kind_id in DEFINITIONS:
        return
    start, end = nodes[-1].start_byte, nodes[-1].end_byte
    w.builder.returns.append(Return(found, symbol, w.line(start), w.last_line(end), start))


def statements_of(body: Node | None) -> int:
    if body is None:
        return 0
    return len(without_extras(body.named_children)) if body.kind_id in BODIES else 1


@lowers("method", "singleton_method")
def lower_method(w: Walk, node: Node) -> Value:
    name_node, body = node.child_by_field_id(F_NAME), node.child_by_field_id(F_BODY)
    name = plain("".join(w.raw(name_node).split())) if name_node is not None else ""
    target = node.child_by_field_id(F_OBJECT)
    static = w.static if target is None else True
    holder = w.holder if target is None or target.kind_id in SELF or target.kind_id in CONSTANT else -1
    symbol = begin(w, node, "method" if holder > 0 else "function", name, holder if holder > 0 else w.owner)
    outer = w.owner, w.locals, w.method, w.static, w.holder
    w.owner, w.locals, w.method, w.static, w.holder = symbol, set(), name, False, -1
    params = parameters(w, node.child_by_field_id(F_PARAMETERS))
    w.builder.amend(symbol, params=params, is_static=static and holder > 0, statements=statements_of(body))
    if body is not None:
        returned(w, symbol, body, value(w, body))
    w.owner, w.locals, w.method, w.static, w.holder = outer
    return Lit(name)


def function(w: Walk, node: Node, name: str, params: Node | None, body: Node | None) -> Func:
    """A lambda or block: it sees the local variables around it."""
    symbol = begin(w, node, "lambda", name, w.owner)
    outer = w.owner, w.locals
    w.owner, w.locals = symbol, set(w.locals)
    found = parameters(w, params)
    w.builder.amend(symbol, params=found, statements=statements_of(body))
    if body is not None:
        returned(w, symbol, body, value(w, body))
    w.owner, w.locals = outer
    return Func(symbol)


@lowers("lambda")
def lower_lambda(w: Walk, node: Node) -> Value:
    name, w.lambda_name = w.lambda_name, ""
    inner = node.child_by_field_id(F_BODY)
    body = inner.child_by_field_id(F_BODY) if inner is not None and inner.kind_id in BLOCKS else inner
    return function(w, node, name, node.child_by_field_id(F_PARAMETERS), body)


# ---------------------------------------------------------------- classes


@lowers("class", "module")
def lower_class(w: Walk, node: Node) -> Value:
    name_node = node.child_by_field_id(F_NAME)
    superclass = node.child_by_field_id(F_SUPERCLASS)
    inner = without_extras(superclass.named_children) if superclass is not None else []
    bases = (value(w, inner[0]),) if inner else ()
    names = _names(w, name_node)
    doc, parent = w.doc, w.holder if w.holder > 0 else w.owner
    for name in names[:-1]:
        w.doc = ""
        parent = begin(w, node, "class", name, parent)
    w.doc = doc
    body = node.child_by_field_id(F_BODY)
    if node.kind_id in MODULE and names[-1:] == ["ClassMethods"] and w.holder > 0:  # what a concern puts on the classes that include it
        _body(w, w.holder, body, static=True)
        return NIL
    symbol = begin(w, node, "class", names[-1] if names else "", parent)
    w.builder.amend(symbol, bases=bases, statements=statements_of(body))
    _body(w, symbol, body, static=False)
    return NIL


def _names(w: Walk, node: Node | None) -> list[str]:
    """The constants of `A::B::C`."""
    names: list[str] = []
    while node is not None and len(names) < MAX_STEPS:
        if node.kind_id in CONSTANT:
            names.append(w.name(w.raw(node)).id)
            break
        last = node.child_by_field_id(F_NAME)
        if last is None:
            break
        names.append(w.name(w.raw(last)).id)
        node = node.child_by_field_id(F_SCOPE)
    return names[::-1]


def _body(w: Walk, symbol: int, body: Node | None, *, static: bool) -> None:
    outer = w.owner, w.holder, w.static, w.locals, w.method
    w.owner, w.holder, w.static, w.locals, w.method = symbol, symbol, static, set(), ""
    if body is not None:
        value(w, body)
    w.owner, w.holder, w.static, w.locals, w.method = outer


@lowers("singleton_class")
def lower_singleton_class(w: Walk, node: Node) -> Value:
    """`class << self`: its methods are those of the class itself."""
    if w.holder > 0:
        _body(w, w.holder, node.child_by_field_id(F_BODY), static=True)
    else:
        suite(w, [child for child in node.named_children if child.kind_id in BODIES])
    return NIL
