"""Functions, methods and types of Go as symbols.

A struct is a class whose embedded types are its bases, an interface lists its methods, and every other named type is a class
too, with the type behind it as base when that has a name. A method belongs to the class of its receiver; when that is declared in another
file of the package, to a class of that name that is marked `partial`. A struct tag is a call of kind `decorator` inside of the
field: `json:"id"` is `tag:json("id")`.
"""

from __future__ import annotations

import re

from tree_sitter import Node

from backend_readiness.facts.builder import last_name
from backend_readiness.facts.languages.go import text
from backend_readiness.facts.languages.go.regrouped import function_body
from backend_readiness.facts.languages.go.tree import Walk, body_of, parts, visits
from backend_readiness.facts.languages.go.types import lower_type
from backend_readiness.facts.model import ELEMENT, Arg, Assign, Call, Index, Lit, Member, Name, Param, Seq, Symbol, Value

MAX_TAGS = 12
_TAG = re.compile(r'([\w.-]{1,40}):"((?:[^"\\]|\\.)*)"')


def signature(w: Walk, node: Node) -> tuple[tuple[Param, ...], Value | None, tuple[str, ...]]:
    """Parameters, result type (a Seq for several) and the names of named results."""
    params: list[Param] = []
    for child in parts(node.child_by_field_name("parameters")):
        kind = "*" if child.type == "variadic_parameter_declaration" else ""
        written = lower_type(w, child.child_by_field_name("type"))
        names = child.children_by_field_name("name")
        params.extend(Param(w.name(w.raw(name)).id, written, kind=kind) for name in names)
        if not names:
            params.append(Param("_", written, kind=kind))
    result = node.child_by_field_name("result")
    named = (
        [n for child in parts(result) for n in child.children_by_field_name("name")] if result and result.type == "parameter_list" else []
    )
    returns = lower_type(w, result)
    if result is not None and result.type == "parameter_list":
        types = returns.items if isinstance(returns, Seq) else ()
        for name, typed in zip(named, types, strict=False):
            start, end = name.start_byte, name.end_byte
            target = w.name(w.raw(name))
            w.builder.assigns.append(Assign(target, None, typed, w.owner, w.line(start), w.last_line(end), start, end))
        if len(types) == 1:
            returns = types[0]
    return tuple(params), returns, tuple(w.raw(n) for n in named)


@visits("function_declaration")
def visit_function(w: Walk, node: Node) -> None:
    _function(w, node, "function", w.owner, "")


def declare_function(w: Walk, node: Node, doc: str, decorators: tuple[Value, ...] = ()) -> None:
    """A function or method of the file; `decorators` are the annotations of its comment."""
    receiver = node.child_by_field_name("receiver")
    if receiver is None:
        _function(w, node, "function", 0, doc, decorators=decorators)
        return
    declared = next(iter(parts(receiver)), None)
    written = lower_type(w, declared.child_by_field_name("type")) if declared is not None else None
    name = last_name(written) or ""
    named = declared.child_by_field_name("name") if declared is not None else None
    _function(w, node, "method", _holder(w, name, node), doc, Param("self"), w.raw(named) if named is not None else None, decorators)


def _holder(w: Walk, name: str, node: Node) -> int:
    """The class of that name; one marked `partial` when this file does not declare it."""
    if not name:
        return 0
    if name not in w.types:
        start, end = node.start_byte, node.end_byte
        symbol = Symbol("class", name, 0, w.line(start), w.last_line(end), start, end, partial=True)
        w.types[name] = w.builder.add_symbol(symbol)
    return w.types[name]


def _function(
    w: Walk, node: Node, kind: str, parent: int, doc: str, self: Param | None = None, receiver: str | None = None,
    decorators: tuple[Value, ...] = (),
) -> None:  # fmt: skip
    named = node.child_by_field_name("name")
    name = w.name(w.raw(named)).id if named is not None else ""
    start, end = node.start_byte, node.end_byte
    made = Symbol("method" if kind == "method" else "function", name, parent, w.line(start), w.last_line(end), start, end, doc=doc)
    symbol = w.builder.add_symbol(made)
    body = node.child_by_field_name("body")
    outer = w.owner, w.receiver, w.results
    w.owner, w.receiver = symbol, None
    params, returns, w.results = signature(w, node)
    w.receiver = receiver if receiver not in ("_", *(p.name for p in params)) else None
    w.builder.amend(symbol, params=(self, *params) if self is not None else params, returns=returns, statements=len(body_of(body)))
    if decorators:
        w.builder.amend(symbol, decorators=decorators)
    function_body(w, body)
    w.owner, w.receiver, w.results = outer


# ---------------------------------------------------------------- types


@visits("type_declaration")
def visit_types(w: Walk, node: Node) -> None:
    for spec in parts(node):
        declare_type(w, spec, "")


def announce_type(w: Walk, spec: Node) -> None:
    """Make the symbol of a type of the file before the walk, so that methods above it find it."""
    name = spec.child_by_field_name("name")
    if name is not None and spec.type == "type_spec":
        written = w.name(w.raw(name)).id
        w.types[written] = _begin(w, spec, "interface" if _is_interface(spec) else "class", written)


def _is_interface(spec: Node) -> bool:
    inner = spec.child_by_field_name("type")
    return inner is not None and inner.type == "interface_type"


def _begin(w: Walk, node: Node, kind: str, name: str) -> int:
    start, end = node.start_byte, node.end_byte
    made = Symbol("interface" if kind == "interface" else "class", name, w.owner, w.line(start), w.last_line(end), start, end)
    return w.builder.add_symbol(made)


def declare_type(w: Walk, spec: Node, doc: str) -> None:
    named, inner = spec.child_by_field_name("name"), spec.child_by_field_name("type")
    if named is None or inner is None:
        return
    name = w.name(w.raw(named)).id
    if spec.type == "type_alias":
        start, end = spec.start_byte, spec.end_byte
        value = lower_type(w, inner)
        w.builder.assigns.append(Assign(Name(name), value, None, w.owner, w.line(start), w.last_line(end), start, end, "const"))
        return
    symbol = w.types.get(name) if w.owner == 0 else None
    if symbol is None:
        symbol = _begin(w, spec, "interface" if _is_interface(spec) else "class", name)
    w.builder.amend(symbol, doc=doc)
    if inner.type in ("struct_type", "interface_type"):
        _members(w, inner, symbol)
        return
    written = lower_type(w, inner)
    element = _element_of(written)
    if isinstance(element, Name | Member):
        start, end = inner.start_byte, inner.end_byte
        w.builder.assigns.append(Assign(Name(ELEMENT), element, None, symbol, w.line(start), w.last_line(end), start, end, "const"))
    if (isinstance(written, Name | Member) and inner.type != "function_type") or (
        isinstance(written, Index) and inner.type == "generic_type"
    ):
        w.builder.amend(symbol, bases=(written,))


def _element_of(written: Value | None) -> Value | None:
    """The type of what a list or a map holds."""
    if not isinstance(written, Index) or not isinstance(written.base, Name):
        return None
    if written.base.id == "map":
        return written.key.items[-1] if isinstance(written.key, Seq) and written.key.items else None
    return written.key if written.base == Name(ELEMENT) else None


def written_type(w: Walk, node: Node, name: str) -> int:
    """A struct or interface that is written where a type is expected."""
    symbol = _begin(w, node, "interface" if node.type == "interface_type" else "class", name)
    _members(w, node, symbol)
    return symbol


def _members(w: Walk, node: Node, symbol: int) -> None:
    owner, w.owner = w.owner, symbol
    bases: list[Value] = []
    children = parts(node)
    for child in parts(children[0]) if len(children) == 1 and children[0].type == "field_declaration_list" else children:
        if child.type == "field_declaration":
            bases.extend(_field(w, child))
        elif child.type == "method_elem":
            _abstract(w, child)
        elif child.type == "type_elem" and (base := lower_type(w, child)) is not None:
            bases.append(base)
    w.builder.amend(symbol, bases=tuple(b for b in bases if isinstance(b, Name | Member | Index)), statements=len(children))
    w.owner = owner


def _abstract(w: Walk, node: Node) -> None:
    named = node.child_by_field_name("name")
    start, end = node.start_byte, node.end_byte
    name = w.name(w.raw(named)).id if named is not None else ""
    symbol = w.builder.add_symbol(Symbol("method", name, w.owner, w.line(start), w.last_line(end), start, end))
    owner, w.owner = w.owner, symbol
    params, returns, _ = signature(w, node)
    w.owner = owner
    w.builder.amend(symbol, params=(Param("self"), *params), returns=returns)


def _field(w: Walk, node: Node) -> list[Value]:
    """Append the fields of one declaration and their tags; answers the embedded type."""
    written = lower_type(w, node.child_by_field_name("type"))
    names = [w.name(w.raw(n)).id for n in node.children_by_field_name("name")]
    embedded = not names
    if embedded:
        names = [last_name(written) or ""]
    start, end = node.start_byte, node.end_byte
    for name in names:
        if name:
            field = Assign(Name(name), None, written, w.owner, w.line(start), w.last_line(end), start, end, "field")
            w.builder.assigns.append(field)
    tag = node.child_by_field_name("tag")
    if tag is not None:
        _tags(w, tag)
    return [written] if embedded and written is not None else []


def _tags(w: Walk, node: Node) -> None:
    written = text.string(w.raw(node)).value
    line = w.line(node.start_byte)
    for count, match in enumerate(_TAG.finditer(str(written)[:2000])):
        if count < MAX_TAGS:
            callee = w.builder.name(f"tag:{match.group(1)}")
            args = (Arg(Lit(match.group(2).replace('\\"', '"'))),)
            w.builder.add_call(Call(callee, args, w.owner, line, line, node.start_byte, node.end_byte, "decorator"))
