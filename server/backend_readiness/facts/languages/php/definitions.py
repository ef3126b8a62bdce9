"""Classes and functions: symbols with parameters, bases, fields and constants."""

from __future__ import annotations

from tree_sitter import Node

from backend_readiness.facts.languages.php.calls import add, attributes
from backend_readiness.facts.languages.php.docs import doc_annotations, doc_type, first_line, param_types, return_type, var_type
from backend_readiness.facts.languages.php.names import class_name
from backend_readiness.facts.languages.php.tree import (
    COMMENTS,
    F_ATTRIBUTES,
    F_BODY,
    F_DEFAULT,
    F_NAME,
    F_PARAMETERS,
    F_RETURN,
    F_TYPE,
    F_VALUE,
    NAMES,
    Walk,
    body_nodes,
    lowers,
    suite,
    value,
    visits,
)
from backend_readiness.facts.languages.php.types import is_plain, type_value
from backend_readiness.facts.languages.text import plain
from backend_readiness.facts.model import Alt, Assign, CallRef, Func, Param, Return, Symbol, Value

_KINDS = {"interface_declaration": "interface", "enum_declaration": "enum"}


def _begin(w: Walk, node: Node, kind: str, name: str) -> int:
    line, last, start, end = w.place(node)
    return w.builder.add_symbol(Symbol(kind, name, w.owner, line, last, start, end))


def _decorators(w: Walk, node: Node, doc: str) -> tuple[Value, ...]:
    """Attributes, and the annotations of the doc comment before the definition."""
    found = attributes(w, node.child_by_field_id(F_ATTRIBUTES))
    if doc and "@" in doc:
        found += doc_annotations(w, doc, max(0, w.text.rfind(doc, 0, node.start_byte)))
    return found


# ---------------------------------------------------------------- functions


@visits("function_definition")
def visit_function(w: Walk, node: Node) -> None:
    name = node.child_by_field_id(F_NAME)
    _function(w, node, "function", plain(w.raw(name)) if name is not None else "")


@visits("method_declaration")
def visit_method(w: Walk, node: Node) -> None:
    name = node.child_by_field_id(F_NAME)
    _function(w, node, "method", plain(w.raw(name)) if name is not None else "")


@lowers("anonymous_function", "arrow_function")
def lower_closure(w: Walk, node: Node) -> Value:
    name, w.lambda_name = w.lambda_name, ""
    return Func(_function(w, node, "lambda", name))


def _function(w: Walk, node: Node, kind: str, name: str) -> int:
    doc, w.doc = (w.doc, "") if kind != "lambda" else ("", w.doc)
    decorators = _decorators(w, node, doc)
    symbol = _begin(w, node, kind, name)
    outer = w.owner, w.in_class
    w.owner, w.in_class = symbol, False
    params = _parameters(w, node.child_by_field_id(F_PARAMETERS), param_types(doc))
    hidden = next((w.raw(c) for c in node.children[:6] if c.type == "visibility_modifier"), "").lower()
    if kind == "method" and hidden in ("private", "protected"):
        decorators = (*decorators, w.name(hidden))
    returns = type_value(w, node.child_by_field_id(F_RETURN))
    if is_plain(returns):
        returns = return_type(w, doc) or returns
    body = node.child_by_field_id(F_BODY)
    statements = [c for c in body_nodes(body) if c.kind_id not in COMMENTS]
    w.builder.amend(
        symbol,
        params=params,
        returns=returns,
        decorators=decorators,
        is_static=any(c.type == "static_modifier" for c in node.children[:6]),
        statements=len(statements),
        doc=first_line(doc),
    )
    if node.type == "arrow_function":
        if body is not None:
            line, last, start, _ = w.place(body)
            w.builder.returns.append(Return(value(w, body), symbol, line, last, start))
    else:
        suite(w, body_nodes(body))
    w.owner, w.in_class = outer
    return symbol


def _parameters(w: Walk, node: Node | None, documented: dict[str, str]) -> tuple[Param, ...]:
    found: list[Param] = []
    for child in node.named_children if node is not None else ():
        name = child.child_by_field_id(F_NAME)
        if name is None:
            continue
        written = w.raw(name).lstrip("&.")
        declared = type_value(w, child.child_by_field_id(F_TYPE))
        told = doc_type(w, documented[written]) if written in documented else None
        if told is not None and told != declared:  # the comment often names the class where the code names an interface
            declared = told if is_plain(declared) or declared is None else Alt((told, declared))
        default = child.child_by_field_id(F_DEFAULT)
        found.append(
            Param(
                name=w.name(written).id,
                type=declared,
                default=value(w, default) if default is not None else None,
                kind="*" if child.type == "variadic_parameter" else "",
                decorators=attributes(w, child.child_by_field_id(F_ATTRIBUTES)),
                field=child.type == "property_promotion_parameter",
            )
        )
        if child.type == "property_promotion_parameter":
            w.builder.names.add(plain(written).lstrip("$"))
    return tuple(found)


# ---------------------------------------------------------------- classes


@visits("class_declaration", "interface_declaration", "trait_declaration", "enum_declaration")
def visit_class(w: Walk, node: Node) -> None:
    name = node.child_by_field_id(F_NAME)
    _class(w, node, _KINDS.get(node.type, "class"), plain(w.raw(name)) if name is not None else "")


@lowers("anonymous_class")
def lower_anonymous_class(w: Walk, node: Node) -> Value:
    return Func(_class(w, node, "class", ""))


def _class(w: Walk, node: Node, kind: str, name: str) -> int:
    doc, w.doc = w.doc, ""
    decorators = _decorators(w, node, doc)
    symbol = _begin(w, node, kind, name)
    if name:
        w.builder.names.add(name)
    bases: list[Value] = []
    for child in node.named_children:
        if child.type in ("base_clause", "class_interface_clause"):
            bases.extend(class_name(w, w.raw(c)) for c in child.named_children if c.kind_id in NAMES)
    body = node.child_by_field_id(F_BODY)
    members = body.named_children if body is not None else []
    for child in members:
        if child.type == "use_declaration":
            bases.extend(class_name(w, w.raw(c)) for c in child.named_children if c.kind_id in NAMES)
    count = sum(1 for c in members if c.kind_id not in COMMENTS)
    w.builder.amend(symbol, bases=tuple(bases), decorators=decorators, statements=count, doc=first_line(doc))
    outer = w.owner, w.in_class
    w.owner, w.in_class = symbol, True
    w.classes.append(name)
    suite(w, members)
    w.classes.pop()
    w.owner, w.in_class = outer
    return symbol


@visits("use_declaration")
def visit_traits(w: Walk, node: Node) -> None:
    """They stand among the bases of the class."""


@visits("property_declaration")
def visit_property(w: Walk, node: Node) -> None:
    doc, w.doc = w.doc, ""
    declared = type_value(w, node.child_by_field_id(F_TYPE))
    if is_plain(declared):
        declared = var_type(w, doc) or declared
    line, last, start, end = w.place(node)
    if doc:
        begin = max(0, w.text.rfind(doc, 0, node.start_byte))
        line, start = w.line(begin), begin + w.shift
    for decorator in _decorators(w, node, doc):
        if not isinstance(decorator, CallRef):
            add(w, node, decorator, (), "decorator")
    for element in node.named_children:
        name = element.child_by_field_id(F_NAME) if element.type == "property_element" else None
        if name is None:
            continue
        default = element.child_by_field_id(F_DEFAULT)
        target = w.builder.name(plain(w.raw(name)).lstrip("$"))
        bound = value(w, default) if default is not None else None
        w.builder.assigns.append(Assign(target, bound, declared, w.owner, line, last, start, end, "field"))


@visits("const_declaration")
def visit_constants(w: Walk, node: Node) -> None:
    for element in node.named_children:
        if element.type == "const_element" and len(element.named_children) >= 2:
            name, bound = element.named_children[0], element.named_children[-1]
            _constant(w, element, plain(w.raw(name)), value(w, bound))


@visits("enum_case")
def visit_case(w: Walk, node: Node) -> None:
    name, bound = node.child_by_field_id(F_NAME), node.child_by_field_id(F_VALUE)
    if name is not None:
        _constant(w, node, plain(w.raw(name)), value(w, bound) if bound is not None else None)


def _constant(w: Walk, node: Node, name: str, bound: Value | None) -> None:
    line, last, start, end = w.place(node)
    kind = "field" if w.in_class else "const"
    w.builder.assigns.append(Assign(w.builder.name(name), bound, None, w.owner, line, last, start, end, kind))
