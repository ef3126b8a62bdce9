"""Functions, lambdas and classes of Python: symbols with their parameters, decorators, bases and annotations."""

from __future__ import annotations

from tree_sitter import Node

from backend_readiness.facts.builder import last_name
from backend_readiness.facts.languages.python.chains import CALL, chain, keyword, named_value
from backend_readiness.facts.languages.python.text import quoted_annotation
from backend_readiness.facts.languages.python.tree import (
    F_BODY,
    F_DEFINITION,
    F_NAME,
    F_PARAMETERS,
    F_RETURN_TYPE,
    F_SUPERCLASSES,
    F_TYPE,
    F_VALUE,
    IDENTIFIER,
    MAX_ITEMS,
    Walk,
    kind,
    lowers,
    other,
    suite,
    suite_nodes,
    value,
    visits,
    without_extras,
)
from backend_readiness.facts.model import Arg, Call, Func, Index, Lit, Op, Param, Return, Seq, Symbol, Value

RECEIVERS = frozenset(("self", "cls", "mcs", "mcls", "metacls", "klass"))
MAX_DOC_CHARS = 120
EXPRESSION = kind("expression_statement")
STRING = kind("string")
DECORATOR = kind("decorator")
FUNCTION = kind("function_definition")
CLASS = kind("class_definition")
LIST_STAR = kind("list_splat_pattern")
DICT_STAR = kind("dictionary_splat_pattern")
KEYWORD = kind("keyword_argument")
DEFAULTED = frozenset((kind("default_parameter"), kind("typed_default_parameter")))
TYPED = kind("typed_parameter")
STARS = frozenset((LIST_STAR, DICT_STAR))
PATTERN = kind("tuple_pattern")


# ---------------------------------------------------------------- annotations


def annotation(w: Walk, node: Node | None) -> Value | None:
    """The type of an annotation; a type written as a string is read as the type it names."""
    return _unquoted(w, value(w, node)) if node is not None else None


def _unquoted(w: Walk, written: Value) -> Value:
    if type(written) is Lit and isinstance(written.value, str):
        return quoted_annotation(written.value, w.name) or written
    if type(written) is Index:
        base = last_name(written.base)
        if base == "Literal":
            return written
        if base == "Annotated" and type(written.key) is Seq and written.key.items:
            first, *rest = written.key.items
            return Index(written.base, Seq((_unquoted(w, first), *rest)))
        return Index(written.base, _unquoted(w, written.key))
    if type(written) is Seq:
        return Seq(tuple(_unquoted(w, item) for item in written.items))
    if type(written) is Op:
        return Op(written.op, tuple(_unquoted(w, operand) for operand in written.operands))
    return written


@lowers("type")
def lower_type(w: Walk, node: Node) -> Value:
    children = without_extras(node.named_children)
    return value(w, children[0]) if len(children) == 1 else other(w, node)


@lowers("generic_type")
def lower_generic(w: Walk, node: Node) -> Value:
    children = without_extras(node.named_children)
    if len(children) != 2:
        return other(w, node)
    base = value(w, children[0])
    keys = [value(w, child) for child in without_extras(children[1].named_children)]
    return Index(base, keys[0] if len(keys) == 1 else Seq(tuple(keys[:MAX_ITEMS])))


@lowers("union_type")
def lower_union(w: Walk, node: Node) -> Value:
    operands: list[Value] = []
    for child in without_extras(node.named_children):
        operand = value(w, child)
        operands.extend(operand.operands if type(operand) is Op and operand.op == "|" else (operand,))
    return Op("|", tuple(operands[:MAX_ITEMS]))


@lowers("member_type")
def lower_member_type(w: Walk, node: Node) -> Value:
    children = without_extras(node.named_children)
    if len(children) != 2:
        return other(w, node)
    return w.builder.member(value(w, children[0]), w.name(w.raw(children[1])).id)


# ---------------------------------------------------------------- parameters


def parameters(w: Walk, node: Node | None) -> list[Param]:
    """The parameters as written; the markers `/` and `*` leave no trace."""
    return [param for child in node.named_children if (param := _parameter(w, child)) is not None] if node is not None else []


def _parameter(w: Walk, node: Node) -> Param | None:
    number = node.kind_id
    if number == IDENTIFIER:
        return Param(w.name(w.raw(node)).id)
    if number in DEFAULTED:
        name, default = node.child_by_field_id(F_NAME), node.child_by_field_id(F_VALUE)
        declared = annotation(w, node.child_by_field_id(F_TYPE))
        if name is None or name.kind_id != IDENTIFIER:
            return Param("", declared, _default(w, default, ""), pattern=value(w, name) if name is not None else None)
        written = w.name(w.raw(name)).id
        return Param(written, declared, _default(w, default, written))
    if number == TYPED:
        children = without_extras(node.named_children)
        inner = _parameter(w, children[0]) if children and children[0].kind_id != TYPED else None
        declared = annotation(w, node.child_by_field_id(F_TYPE))
        return Param(inner.name, declared, kind=inner.kind) if inner is not None else None
    if number in STARS:
        children = without_extras(node.named_children)
        name_of = w.name(w.raw(children[0])).id if children else ""
        return Param(name_of, kind="*" if number == LIST_STAR else "**")
    if number == PATTERN:
        return Param("", pattern=value(w, node))
    return None


def _default(w: Walk, node: Node | None, name: str) -> Value | None:
    return named_value(w, node, name) if node is not None else None


# ---------------------------------------------------------------- functions


@visits("decorated_definition")
def visit_decorated(w: Walk, node: Node) -> None:
    decorators: list[Value] = []
    for child in node.named_children:
        if child.kind_id == DECORATOR:
            decorators.append(_decorator(w, child))
    definition = node.child_by_field_id(F_DEFINITION)
    if definition is None:
        return
    if definition.kind_id == FUNCTION:
        _function(w, definition, tuple(decorators))
    elif definition.kind_id == CLASS:
        _class(w, definition, tuple(decorators))


def _decorator(w: Walk, node: Node) -> Value:
    children = without_extras(node.named_children)
    if len(children) != 1:
        return other(w, node)
    if children[0].kind_id == CALL:
        return chain(w, children[0], call_kind="decorator", start=node.start_byte)
    return value(w, children[0])


@visits("decorator")
def visit_lone_decorator(w: Walk, node: Node) -> None:
    """A decorator whose definition is not written yet."""
    _decorator(w, node)


@visits("function_definition")
def visit_function(w: Walk, node: Node) -> None:
    _function(w, node, ())


@visits("class_definition")
def visit_class(w: Walk, node: Node) -> None:
    _class(w, node, ())


def _begin(w: Walk, node: Node, symbol_kind: str, name: str, decorators: tuple[Value, ...] = ()) -> int:
    start, end = node.start_byte, node.end_byte
    return w.builder.add_symbol(Symbol(symbol_kind, name, w.owner, w.line(start), w.last_line(end), start, end, decorators=decorators))


def _written_name(w: Walk, node: Node) -> str:
    name = node.child_by_field_id(F_NAME)
    return w.name(w.raw(name)).id if name is not None else ""


def _function(w: Walk, node: Node, decorators: tuple[Value, ...]) -> None:
    is_method = w.in_class
    is_static = is_method and any(last_name(decorator) == "staticmethod" for decorator in decorators)
    symbol = _begin(w, node, "method" if is_method else "function", _written_name(w, node), decorators)
    outer = w.owner, w.in_class, w.receiver, w.rebound
    w.owner, w.in_class = symbol, False
    params = parameters(w, node.child_by_field_id(F_PARAMETERS))
    returns = annotation(w, node.child_by_field_id(F_RETURN_TYPE))
    names = {param.name for param in params}
    if is_method and not is_static and params and not params[0].kind and params[0].name in RECEIVERS:
        w.receiver = None if params[0].name == "self" else params[0].name
        params[0] = Param("self", params[0].type, params[0].default)
    elif w.receiver in names:
        w.receiver = None
    w.rebound = frozenset()
    body = suite_nodes(node.child_by_field_id(F_BODY))
    doc = docstring(w, body)
    w.builder.amend(
        symbol,
        params=tuple(params),
        returns=returns,
        is_async=w.text.startswith("async", node.start_byte),
        is_static=is_static,
        statements=len(body) - (doc is not None),
        doc=doc or "",
    )
    suite(w, body)
    w.owner, w.in_class, w.receiver, w.rebound = outer


@lowers("lambda")
def lower_lambda(w: Walk, node: Node) -> Value:
    name, w.lambda_name = w.lambda_name, ""
    body = node.child_by_field_id(F_BODY)
    symbol = _begin(w, node, "lambda", name)
    outer = w.owner, w.in_class, w.receiver
    w.owner, w.in_class = symbol, False
    params = parameters(w, node.child_by_field_id(F_PARAMETERS))
    if w.receiver in {param.name for param in params}:
        w.receiver = None
    w.builder.amend(symbol, params=tuple(params), statements=1)
    if body is not None:
        start, end = body.start_byte, body.end_byte
        returned = value(w, body)
        w.builder.returns.append(Return(returned, symbol, w.line(start), w.last_line(end), start))
    w.owner, w.in_class, w.receiver = outer
    return Func(symbol)


# ---------------------------------------------------------------- classes


def _class(w: Walk, node: Node, decorators: tuple[Value, ...]) -> None:
    bases: list[Value] = []
    given: list[Arg | None] = []
    superclasses = node.child_by_field_id(F_SUPERCLASSES)
    for child in suite_nodes(superclasses):
        if child.kind_id == KEYWORD:
            given.append(keyword(w, child))
        else:
            bases.append(value(w, child))
    _tell_base(w, node, bases, given)
    symbol = _begin(w, node, "class", _written_name(w, node), decorators)
    body = suite_nodes(node.child_by_field_id(F_BODY))
    doc = docstring(w, body)
    w.builder.amend(symbol, bases=tuple(bases), statements=len(body) - (doc is not None), doc=doc or "")
    outer = w.owner, w.in_class, w.receiver, w.rebound
    w.owner, w.in_class, w.rebound = symbol, True, frozenset()
    suite(w, body)
    w.owner, w.in_class, w.receiver, w.rebound = outer


def _tell_base(w: Walk, node: Node, bases: list[Value], given: list[Arg | None]) -> None:
    """`class Orders(View, attach=app)` calls `View.__init_subclass__` with the new class and with what is given."""
    told = [a for a in given if a is not None and a.name != "metaclass"]
    if bases and told:
        callee, itself = w.builder.member(bases[0], "__init_subclass__"), Arg(w.builder.name(_written_name(w, node)))
        line, start, end = w.line(node.start_byte), node.start_byte, node.end_byte
        w.builder.calls.append(Call(callee, (itself, *told), w.owner, line, line, start, end, "call", False))


def docstring(w: Walk, body: list[Node]) -> str | None:
    """The first line of the docstring that a body starts with, "" for an empty one, None where there is none."""
    if not body or body[0].kind_id != EXPRESSION:
        return None
    children = body[0].named_children
    if len(children) != 1 or children[0].kind_id != STRING:
        return None
    written = value(w, children[0])
    if type(written) is not Lit or not isinstance(written.value, str):
        return None
    return next((line.strip() for line in written.value.splitlines() if line.strip()), "")[:MAX_DOC_CHARS]
