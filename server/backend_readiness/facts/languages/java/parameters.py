"""Parameters and annotations of Java.

Every annotation is a Call of kind `decorator`, with or without parentheses; only the marks of the language itself
(`@Override`) are plain names.
"""

from __future__ import annotations

from tree_sitter import Node

from backend_readiness.facts.languages.java.grammar import F_ARGUMENTS, F_KEY, F_NAME, F_TYPE, F_VALUE, GRAMMAR
from backend_readiness.facts.languages.jvm.tree import MAX_ITEMS, Walk, other, parts, value
from backend_readiness.facts.model import Arg, Call, CallRef, Param, Value

ANNOTATIONS = GRAMMAR.set_of("annotation", "marker_annotation")
MODIFIERS = GRAMMAR.kind("modifiers")
PARAMETER = GRAMMAR.kind("formal_parameter")
SPREAD = GRAMMAR.kind("spread_parameter")
DECLARATOR = GRAMMAR.kind("variable_declarator")
PAIR = GRAMMAR.kind("element_value_pair")
PLAIN = frozenset(("Override", "Deprecated", "SuppressWarnings", "FunctionalInterface", "SafeVarargs", "Nullable", "NonNull"))


@GRAMMAR.lowers("annotation", "marker_annotation")
def annotation(w: Walk, node: Node) -> Value:
    name = node.child_by_field_id(F_NAME)
    if name is None:
        return other(w, node)
    callee = value(w, name)
    args: list[Arg] = []
    written = node.child_by_field_id(F_ARGUMENTS)
    torn = _torn(written)
    args.extend(Arg(value(w, child)) for child in torn[:1])
    for child in parts(w, written)[:MAX_ITEMS]:
        if child.kind_id != PAIR and torn:
            continue
        if child.kind_id != PAIR:
            args.append(Arg(value(w, child)))
            continue
        key, item = child.child_by_field_id(F_KEY), child.child_by_field_id(F_VALUE)
        if key is not None and item is not None:
            args.append(Arg(value(w, item), w.name(w.raw(key)).id))
    if w.raw(name) in PLAIN:
        return callee
    start, end = node.start_byte, node.end_byte
    call = Call(callee, tuple(args), w.owner, w.line(start), w.last_line(end), start, end, "decorator")
    return CallRef(w.builder.add_call(call))


def _torn(written: Node | None) -> list[Node]:
    """What stands before a syntax error in the arguments: `("/x", method = GET)`, which a hand that writes Kotlin too lets slip."""
    errors = [c for c in written.children if c.is_error] if written is not None and written.has_error else []
    return [child for error in errors for child in error.named_children]


def modifiers_of(w: Walk, node: Node) -> tuple[tuple[Value, ...], frozenset[str], int]:
    """The annotations, the words (`static`, `abstract`), and where the declaration starts after its annotations."""
    found: list[Value] = []
    words: list[str] = []
    start = -1
    for child in node.children:
        if child.kind_id in w.extras:
            continue
        if child.kind_id != MODIFIERS:
            start = child.start_byte if start < 0 else start
            break
        for item in child.children:
            if item.kind_id in ANNOTATIONS:
                found.append(value(w, item))
            elif item.kind_id not in w.extras:
                start = item.start_byte if start < 0 else start
                words.append(item.type)
    return tuple(found), frozenset(words), max(start, node.start_byte)


def parameters(w: Walk, node: Node | None, *, fields: bool = False) -> tuple[Param, ...]:
    """The parameters as written; `fields` for the components of a record."""
    found: list[Param] = []
    for child in parts(w, node):
        param = _parameter(w, child, fields)
        if param is not None:
            found.append(param)
    return tuple(found)


def _parameter(w: Walk, node: Node, is_field: bool) -> Param | None:
    if node.kind_id in w.identifiers:  # `(a, b) -> ...`
        return Param(w.name(w.raw(node)).id)
    if node.kind_id not in (PARAMETER, SPREAD):
        return None
    decorators, _, _ = modifiers_of(w, node)
    declared: Value | None = None
    name = node.child_by_field_id(F_NAME)
    written = node.child_by_field_id(F_TYPE)
    for child in parts(w, node):
        if child.kind_id == DECLARATOR:
            name = child.child_by_field_id(F_NAME)
        elif child.kind_id not in (MODIFIERS, *ANNOTATIONS) and written is None and child != name:
            written = child
    if written is not None:
        declared = value(w, written)
    if name is None:
        return None
    kind = "*" if node.kind_id == SPREAD else ""
    return Param(w.name(w.raw(name)).id, declared, kind=kind, decorators=decorators, field=is_field)


def declared_type(w: Walk, node: Node | None) -> Value | None:
    """The written type; None for `var`."""
    if node is None or w.raw(node) == "var":
        return None
    return value(w, node)
