"""Items of Rust: modules, structs, enums, traits, functions, constants and `impl` blocks.

The methods of `impl Type` belong to the class of that name in the same module; when it is not there, the block is a
`partial` class of the type's name, and the graph joins it to the class that the name means. `impl Trait for Type` makes the trait a
base. Fields of a tuple struct are named `0`, `1`. What is compiled only for tests (`#[cfg(test)]`) is left out.
"""

from __future__ import annotations

from tree_sitter import Node

from backend_readiness.facts.builder import last_name
from backend_readiness.facts.languages.rust.attributes import decorators
from backend_readiness.facts.languages.rust.chains import named_value
from backend_readiness.facts.languages.rust.derefs import add_derived_bases, deref_target, derived_names
from backend_readiness.facts.languages.rust.entities import add_entity
from backend_readiness.facts.languages.rust.expressions import BLOCK, add_return, block_value, parameter
from backend_readiness.facts.languages.rust.given_types import given_parameter
from backend_readiness.facts.languages.rust.patterns import bind, keep_variant
from backend_readiness.facts.languages.rust.tree import (
    ATTRIBUTES,
    EXTRAS,
    IDENTIFIERS,
    MAX_ITEMS,
    Walk,
    kinds,
    statement,
    value,
    visits,
    without_extras,
)
from backend_readiness.facts.languages.rust.types import bounds_of, first_bound, type_of
from backend_readiness.facts.languages.text import plain
from backend_readiness.facts.model import Alt, Assign, Import, Index, Lit, Member, Param, Symbol, Unknown, Value

MAX_DOC_CHARS = 120
TYPES = {"struct_item": "class", "union_item": "class", "enum_item": "enum", "trait_item": "interface"}
TYPE_ITEMS = kinds(*TYPES)
SELF = kinds("self_parameter")
PARAMETER = kinds("parameter")


# ---------------------------------------------------------------- bodies


def items(w: Walk, nodes: list[Node]) -> None:
    """The items of a file, module, trait or `impl`, each with its attributes. Types are declared first: an `impl` may stand before."""
    for node in nodes:
        if node.kind_id in TYPE_ITEMS:
            _declare(w, node)
    pending: list[Node] = []
    for node in nodes:
        number = node.kind_id
        if number in EXTRAS:
            continue
        if number in ATTRIBUTES:
            pending.append(node)
            continue
        w.attributes = pending
        if not any(_only_in_tests(w, a) for a in pending):
            statement(w, node)
        pending = []
    w.attributes = []


def _only_in_tests(w: Walk, attribute: Node) -> bool:
    written = w.raw(attribute).replace(" ", "")
    return written.startswith(("#[cfg(test", "#[cfg(all(test", "#[test]", "#[cfg(any(test"))


def _taken(w: Walk) -> list[Node]:
    taken, w.attributes = w.attributes, []
    return taken


def _doc(w: Walk, node: Node) -> str:
    """The first line of the `///` comment above an item and its attributes."""
    found = ""
    before = node.prev_named_sibling
    for _ in range(200):
        if before is None or (before.kind_id not in EXTRAS and before.kind_id not in ATTRIBUTES):
            break
        written = w.raw(before)
        if written.startswith(("///", "/**")):
            found = plain(written.lstrip("/* ").split("\n")[0].strip())[:MAX_DOC_CHARS] or found
        before = before.prev_named_sibling
    return found


def _written_name(w: Walk, node: Node) -> str:
    name = node.child_by_field_name("name")
    return w.name(w.raw(name)).id if name is not None else ""


def _declare(w: Walk, node: Node) -> None:
    name = _written_name(w, node)
    start, end = w.start(node), w.end(node)
    symbol = w.builder.add_symbol(Symbol(TYPES[node.type], name, w.owner, w.line(start), w.last_line(end), start, end, doc=_doc(w, node)))
    w.types[w.owner, name] = symbol


@visits("mod_item")
def visit_module(w: Walk, node: Node) -> None:
    attributes = _taken(w)
    name = _written_name(w, node)
    body = node.child_by_field_name("body")
    if body is None:
        path = next((p for a in attributes if (p := _path_attribute(w, a))), "")
        module = f"./{path}" if path else ".".join(["self", *w.mods, name])
        w.builder.imports.append(Import(module, None, name, w.line(w.start(node)), w.owner))
        return
    start, end = w.start(node), w.end(node)
    written = tuple(d for d in decorators(w, attributes) if not isinstance(d, tuple))
    symbol = w.builder.add_symbol(Symbol("namespace", name, w.owner, w.line(start), w.last_line(end), start, end, decorators=written))
    outer = w.owner, w.mods
    w.owner, w.mods = symbol, (*w.mods, name)
    items(w, body.named_children)
    w.owner, w.mods = outer


def _path_attribute(w: Walk, node: Node) -> str:
    """The file of `#[path = "x.rs"]`."""
    for found in decorators(w, [node], keyed=True):
        if isinstance(found, tuple) and found[0] == "path":
            return found[1]
    return ""


@visits("foreign_mod_item", "inner_attribute_item", "empty_statement", "attribute_item")
def visit_nothing(w: Walk, node: Node) -> None:
    """No fact stands in it."""


# ---------------------------------------------------------------- types


@visits("struct_item", "union_item", "enum_item")
def visit_type(w: Walk, node: Node) -> None:
    attributes = _taken(w)
    name = _written_name(w, node)
    if (w.owner, name) not in w.types:
        _declare(w, node)
    symbol = w.types[w.owner, name]
    outer = w.owner, w.bounds, w.self_type
    w.bounds, w.self_type = w.bounds | bounds_of(w, node), w.name(name)
    written = tuple(d for d in decorators(w, attributes) if not isinstance(d, tuple))
    body = node.child_by_field_name("body")
    w.owner = symbol
    fields = _fields(w, body) if body is not None else 0
    w.owner, w.bounds, w.self_type = outer
    w.builder.amend(symbol, decorators=written, statements=fields)
    add_derived_bases(w, symbol, derived_names(w, written))
    add_entity(w, symbol, written)


def _fields(w: Walk, body: Node) -> int:
    position = 0
    attributes: list[Node] = []
    for child in body.named_children[: MAX_ITEMS * 2]:
        if child.kind_id in ATTRIBUTES:
            attributes.append(child)
        if child.kind_id in EXTRAS or child.kind_id in ATTRIBUTES or child.type == "visibility_modifier":
            continue
        decorators(w, attributes)  # `#[serde(rename = "kind")]`: a call in the body of the class, just before the field
        attributes = []
        if child.type in ("field_declaration", "enum_variant"):
            declared = type_of(w, child.child_by_field_name("type"))
            name = _written_name(w, child)
            inside = child.child_by_field_name("body") if child.type == "enum_variant" else None
            if inside is not None and inside.type == "ordered_field_declaration_list":
                keep_variant(w, body, name, [t for c in inside.children_by_field_name("type") if (t := type_of(w, c)) is not None])
        else:  # a type of a tuple struct
            declared, name = type_of(w, child), w.builder.name(str(position)).id
        position += 1
        start, end = w.start(child), w.end(child)
        w.builder.assigns.append(
            Assign(w.builder.name(name), None, declared, w.owner, w.line(start), w.last_line(end), start, end, "field")
        )
    return position


@visits("trait_item")
def visit_trait(w: Walk, node: Node) -> None:
    attributes = _taken(w)
    name = _written_name(w, node)
    if (w.owner, name) not in w.types:
        _declare(w, node)
    symbol = w.types[w.owner, name]
    bounds = node.child_by_field_name("bounds")
    above = first_bound(w, bounds) if bounds is not None else None
    asked = bounds_of(w, node).get("Self")  # `where Self: Model`: what else stands above it
    bases = tuple(dict.fromkeys(b for b in (above, asked) if b is not None))
    written = tuple(d for d in decorators(w, attributes) if not isinstance(d, tuple))
    w.builder.amend(symbol, bases=bases, decorators=written)
    _members(w, node, symbol, w.name(name))


@visits("impl_item")
def visit_impl(w: Walk, node: Node) -> None:
    attributes = _taken(w)
    outer = w.bounds
    w.bounds = w.bounds | bounds_of(w, node)
    typed = type_of(w, node.child_by_field_name("type"))
    trait = type_of(w, node.child_by_field_name("trait"))
    name = last_name(typed) or ""
    symbol = w.types.get((w.owner, name), -1)
    if symbol < 0 or typed is None:
        start, end = w.start(node), w.end(node)
        meant = typed.base if isinstance(typed, Index) else typed
        by_path = meant if isinstance(meant, Member) else None
        symbol = w.builder.add_symbol(
            Symbol("class", name, w.owner, w.line(start), w.last_line(end), start, end, returns=by_path, partial=True)
        )
    trait = trait.base if isinstance(trait, Index) else trait
    if trait is not None:
        w.builder.amend(symbol, bases=(*w.builder.symbols[symbol].bases, trait, *deref_target(w, node, trait)))
    written = tuple(d for d in decorators(w, attributes) if not isinstance(d, tuple))
    if written:
        w.builder.amend(symbol, decorators=(*w.builder.symbols[symbol].decorators, *written))
    plain_type = typed.base if isinstance(typed, Index) else typed
    _members(w, node, symbol, plain_type or w.name(name))
    w.bounds = outer


def _members(w: Walk, node: Node, symbol: int, self_type: Value) -> None:
    body = node.child_by_field_name("body")
    outer = w.owner, w.holder, w.self_type, w.bounds, w.in_trait
    w.owner, w.holder, w.self_type, w.in_trait = symbol, symbol, self_type, node.type == "trait_item"
    if node.type == "trait_item":
        w.bounds = w.bounds | bounds_of(w, node)
    if body is not None:
        items(w, body.named_children)
    w.owner, w.holder, w.self_type, w.bounds, w.in_trait = outer


# ---------------------------------------------------------------- functions and values


@visits("function_item", "function_signature_item")
def visit_function(w: Walk, node: Node) -> None:
    attributes = _taken(w)
    is_method = w.holder >= 0 and w.owner == w.holder
    start, end = w.start(node), w.end(node)
    symbol = w.builder.add_symbol(
        Symbol("method" if is_method else "function", _written_name(w, node), w.owner, w.line(start), w.last_line(end), start, end)
    )
    written = tuple(d for d in decorators(w, attributes) if not isinstance(d, tuple))
    outer = w.owner, w.holder, w.bounds
    w.owner, w.holder, w.bounds = symbol, -1, w.bounds | bounds_of(w, node)
    given = node.child_by_field_name("parameters")
    params = _params(w, given) if given is not None else []
    returns = type_of(w, node.child_by_field_name("return_type"))
    body = node.child_by_field_name("body")
    statements = without_extras(body.named_children) if body is not None else []
    head = w.text[node.start_byte : given.start_byte if given is not None else node.start_byte]
    w.builder.amend(
        symbol,
        params=tuple(params),
        decorators=written,
        returns=returns,
        is_async="async" in head.split(),
        is_static=is_method and not (params and params[0].name == "self"),
        statements=len(statements),
        doc=_doc(w, node),
        type_params=given_parameter(w, node),
    )
    if body is not None:
        returned = block_value(w, body)
        tail(w, returned, statements)
    w.owner, w.holder, w.bounds = outer


def tail(w: Walk, returned: Value, statements: list[Node]) -> None:
    """What a body ends with is what the function returns."""
    last = next((s for s in reversed(statements) if s.kind_id not in ATTRIBUTES), None)
    if last is None or (isinstance(returned, Unknown) and returned.text in ("return", "break")):
        return
    if returned == Lit(None):
        return
    add_return(w, returned, last)


def _params(w: Walk, node: Node) -> list[Param]:
    found = []
    for child in node.named_children[:MAX_ITEMS]:
        if child.kind_id in SELF:
            found.append(Param("self"))
        elif child.kind_id in PARAMETER:
            found.append(parameter(w, child))
    return found


@visits("let_declaration")
def visit_let(w: Walk, node: Node) -> None:
    pattern, bound = node.child_by_field_name("pattern"), node.child_by_field_name("value")
    declared = type_of(w, node.child_by_field_name("type"))
    if pattern is not None and pattern.kind_id in IDENTIFIERS:
        w.lets.add(w.raw(pattern))
    lowered = named_value(w, bound, w.raw(pattern) if pattern is not None else "") if bound is not None else None
    if pattern is not None:
        bind(w, pattern, lowered, declared, "let", w.end(node))
    otherwise = node.child_by_field_name("alternative")
    if otherwise is not None and otherwise.kind_id in BLOCK:
        block_value(w, otherwise)


@visits("const_item", "static_item")
def visit_constant(w: Walk, node: Node) -> None:
    _taken(w)
    name, bound = node.child_by_field_name("name"), node.child_by_field_name("value")
    if name is None:
        return
    declared = type_of(w, node.child_by_field_name("type"))
    lowered = named_value(w, bound, w.raw(name)) if bound is not None else None
    _assigned(w, node, name, lowered, declared)


@visits("type_item", "associated_type")
def visit_alias(w: Walk, node: Node) -> None:
    _taken(w)
    name = node.child_by_field_name("name")
    meant = type_of(w, node.child_by_field_name("type"))
    if name is not None and meant is not None:
        _assigned(w, node, name, meant, None)


def _assigned(w: Walk, node: Node, name: Node, bound: Value | None, declared: Value | None) -> None:
    start, end = w.start(node), w.end(node)
    how = "field" if w.holder >= 0 and w.owner == w.holder else "const"
    w.builder.assigns.append(Assign(w.name(w.raw(name)), bound, declared, w.owner, w.line(start), w.last_line(end), start, end, how))


__all__ = ["Alt", "items", "value"]
