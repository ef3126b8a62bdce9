"""Calls: functions, methods, static methods, `new`, includes, attributes."""

from __future__ import annotations

from tree_sitter import Node

from backend_readiness.facts.languages.php.names import class_name
from backend_readiness.facts.languages.php.text import formatted, included_path
from backend_readiness.facts.languages.php.tree import (
    COMMENTS,
    F_ARGUMENTS,
    F_FUNCTION,
    F_NAME,
    F_OBJECT,
    F_PARAMETERS,
    F_SCOPE,
    MAX_ITEMS,
    NAMES,
    Walk,
    inner_value,
    lowers,
    other,
    value,
)
from backend_readiness.facts.languages.php.values import member_of, scope_value
from backend_readiness.facts.languages.text import plain
from backend_readiness.facts.model import Arg, Assign, Call, CallRef, Import, Lit, Name, Seq, Value


def arguments(w: Walk, node: Node | None) -> tuple[Arg, ...]:
    found: list[Arg] = []
    for child in (node.named_children if node is not None else [])[:MAX_ITEMS]:
        if child.type != "argument":
            continue
        name = child.child_by_field_id(F_NAME)
        inner = [c for c in child.named_children if c.kind_id not in COMMENTS and c.type != "reference_modifier" and c != name]
        if len(inner) == 1:
            spread = inner[0].type == "variadic_unpacking"
            found.append(Arg(value(w, inner[0]), plain(w.raw(name)) if name is not None else None, spread))
    return tuple(found)


def add(w: Walk, node: Node, callee: Value, args: tuple[Arg, ...], kind: str = "call") -> CallRef:
    line, last, start, end = w.place(node)
    call = Call(callee, args, w.owner, line, last, start, end, kind)  # type: ignore[arg-type]  # one of the four kinds
    return CallRef(w.builder.add_call(call))


def _is_reference(node: Node | None) -> bool:
    """`strlen(...)` is the function itself."""
    return node is not None and any(c.type == "variadic_placeholder" for c in node.named_children)


@lowers("function_call_expression")
def lower_call(w: Walk, node: Node) -> Value:
    function, given = node.child_by_field_id(F_FUNCTION), node.child_by_field_id(F_ARGUMENTS)
    if function is None:
        return other(w, node)
    callee = w.name(w.raw(function).lstrip("\\")) if _is_global(w, function) else value(w, function)
    if _is_reference(given):
        return callee
    args = arguments(w, given)
    if isinstance(callee, Name) and callee.id == "define" and len(args) >= 2 and isinstance(args[0].value, Lit):
        line, last, start, end = w.place(node)
        name = w.builder.name(str(args[0].value.value))
        w.builder.assigns.append(Assign(name, args[1].value, None, 0, line, last, start, end, "const"))
    if callee == Name("sprintf") and args and isinstance(args[0].value, Lit) and not any(a.spread for a in args):
        text = formatted(str(args[0].value.value), [a.value for a in args[1:]])
        if text is not None:
            return text
    return add(w, node, callee, args)


def _is_global(w: Walk, function: Node) -> bool:
    return function.kind_id in NAMES and "\\" not in w.raw(function).lstrip("\\")


@lowers("member_call_expression", "nullsafe_member_call_expression")
def lower_method(w: Walk, node: Node) -> Value:
    base, name, given = node.child_by_field_id(F_OBJECT), node.child_by_field_id(F_NAME), node.child_by_field_id(F_ARGUMENTS)
    if base is None or name is None:
        return other(w, node)
    holder = value(w, base)
    if _is_reference(given):
        return Seq((holder, Lit(plain(w.raw(name)))))  # `$this->run(...)` is `[$this, "run"]`
    return add(w, node, member_of(w, holder, name), arguments(w, given))


@lowers("scoped_call_expression")
def lower_static_call(w: Walk, node: Node) -> Value:
    scope, name, given = node.child_by_field_id(F_SCOPE), node.child_by_field_id(F_NAME), node.child_by_field_id(F_ARGUMENTS)
    if scope is None or name is None:
        return other(w, node)
    holder = scope_value(w, scope)
    if _is_reference(given):
        return Seq((holder, Lit(plain(w.raw(name)))))
    return add(w, node, member_of(w, holder, name), arguments(w, given))


@lowers("object_creation_expression")
def lower_new(w: Walk, node: Node) -> Value:
    children = [c for c in node.named_children if c.kind_id not in COMMENTS]
    made = next((c for c in children if c.type != "arguments"), None)
    if made is None:
        return other(w, node)
    if made.type == "anonymous_class":
        callee = value(w, made)
        given = next((c for c in made.named_children if c.type == "arguments"), None)
    else:
        callee = class_name(w, w.raw(made)) if made.kind_id in NAMES else value(w, made)
        given = next((c for c in children if c.type == "arguments"), None)
    return add(w, node, callee, arguments(w, given), "new")


@lowers("include_expression", "include_once_expression", "require_expression", "require_once_expression")
def lower_include(w: Walk, node: Node) -> Value:
    inner = next((c for c in node.named_children if c.kind_id not in COMMENTS), None)
    if inner is None:
        return other(w, node)
    given = value(w, inner)
    path = included_path(w.raw(inner))
    if path is not None:
        w.builder.imports.append(Import(module=path, name="*", local=None, line=w.line(node.start_byte), owner=w.owner))
        given = Lit(path)
    return add(w, node, w.name("require"), (Arg(given),))


@lowers("print_intrinsic")
def lower_print(w: Walk, node: Node) -> Value:
    return add(w, node, w.name("print"), (Arg(inner_value(w, node)),))


def attributes(w: Walk, node: Node | None) -> tuple[Value, ...]:
    """`#[Route("/x"), IsGranted("ROLE")]`: calls of kind `decorator`, or the name where nothing is given."""
    found: list[Value] = []
    for group in node.named_children if node is not None else ():
        for attribute in group.named_children if group.type == "attribute_group" else ():
            name = next((c for c in attribute.named_children if c.kind_id in NAMES), None)
            if name is None:
                continue
            callee = class_name(w, w.raw(name))
            given = attribute.child_by_field_id(F_PARAMETERS)
            found.append(callee if given is None else add(w, attribute, callee, arguments(w, given), "decorator"))
    return tuple(found)
