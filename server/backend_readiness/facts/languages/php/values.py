"""Expressions of PHP lowered to values: literals, text, members, arrays, operators."""

from __future__ import annotations

from tree_sitter import Node

from backend_readiness.facts.languages.php.names import class_name, qualified, scope_name
from backend_readiness.facts.languages.php.text import escape, single_quoted
from backend_readiness.facts.languages.php.tree import (
    COMMENTS,
    F_ALTERNATIVE,
    F_ARGUMENT,
    F_BODY,
    F_CONDITION,
    F_LEFT,
    F_NAME,
    F_OBJECT,
    F_OPERATOR,
    F_RIGHT,
    F_SCOPE,
    F_VALUE,
    MAX_ITEMS,
    NAMES,
    VARIABLE,
    Walk,
    inner_value,
    lowers,
    other,
    unknown,
    value,
)
from backend_readiness.facts.languages.text import plain
from backend_readiness.facts.model import Alt, Block, Concat, Index, Lit, Op, Record, Seq, Value

_WORDS = {"true": True, "false": False, "null": None}
_ANDOR = {"and": "&&", "or": "||", "xor": "^"}


@lowers("name", "qualified_name", "relative_scope")
def lower_name(w: Walk, node: Node) -> Value:
    written = w.raw(node)
    low = written.lower()
    if low == "__class__" and w.classes and w.classes[-1]:
        return class_name(w, "self")
    return Lit(_WORDS[low]) if low in _WORDS else qualified(w, written)


@lowers("dynamic_variable_name", "variable_name")
def lower_variable(w: Walk, node: Node) -> Value:
    return other(w, node)


@lowers("boolean", "null")
def lower_word(w: Walk, node: Node) -> Value:
    return Lit(_WORDS.get(w.raw(node).lower()))


@lowers("integer")
def lower_integer(w: Walk, node: Node) -> Value:
    written = w.raw(node).replace("_", "").lower()
    try:
        octal = written.startswith("0") and written.isdigit() and len(written) > 1
        return Lit(int(written, 8 if octal else 0))
    except ValueError:
        return unknown(w, node)


@lowers("float")
def lower_float(w: Walk, node: Node) -> Value:
    try:
        return Lit(float(w.raw(node).replace("_", "")))
    except ValueError:
        return unknown(w, node)


# ---------------------------------------------------------------- text


@lowers("string")
def lower_string(w: Walk, node: Node) -> Value:
    raw = w.raw(node)
    return Lit(single_quoted(raw[1 + raw.startswith(("b", "B")) : -1]))


@lowers("encapsed_string", "shell_command_expression", "heredoc_body")
def lower_encapsed(w: Walk, node: Node) -> Value:
    """Text with variables inside is a Concat, without any a Lit."""
    parts: list[Value] = []
    text: list[str] = []
    for child in node.named_children[:MAX_ITEMS]:
        kind = child.type
        if kind == "string_content":
            text.append(plain(w.raw(child)))
        elif kind == "escape_sequence":
            text.append(escape(w.raw(child)))
        elif child.kind_id not in COMMENTS:
            if text:
                parts.append(Lit("".join(text)))
                text = []
            parts.append(value(w, child))
    if not parts:
        return Lit("".join(text))
    if text:
        parts.append(Lit("".join(text)))
    return Concat(tuple(parts))


@lowers("heredoc")
def lower_heredoc(w: Walk, node: Node) -> Value:
    body = node.child_by_field_id(F_VALUE)
    return lower_encapsed(w, body) if body is not None else Lit("")


@lowers("nowdoc")
def lower_nowdoc(w: Walk, node: Node) -> Value:
    body = node.child_by_field_id(F_VALUE)
    return Lit(plain(w.raw(body)).strip("\r\n")) if body is not None else Lit("")


# ---------------------------------------------------------------- members


@lowers("member_access_expression", "nullsafe_member_access_expression")
def lower_member(w: Walk, node: Node) -> Value:
    base, name = node.child_by_field_id(F_OBJECT), node.child_by_field_id(F_NAME)
    if base is None or name is None:
        return other(w, node)
    return member_of(w, value(w, base), name)


def member_of(w: Walk, base: Value, name: Node) -> Value:
    """`base->name`; a computed name is an Index."""
    if name.type == "name":
        return w.builder.member(base, plain(w.raw(name)))
    return Index(base, value(w, name))


def scope_value(w: Walk, node: Node) -> Value:
    """What stands before `::`."""
    return scope_name(w, w.raw(node)) if node.kind_id in NAMES else value(w, node)


@lowers("scoped_property_access_expression")
def lower_static(w: Walk, node: Node) -> Value:
    scope, name = node.child_by_field_id(F_SCOPE), node.child_by_field_id(F_NAME)
    if scope is None or name is None:
        return other(w, node)
    base = scope_value(w, scope)
    return w.builder.member(base, plain(w.raw(name)).lstrip("$")) if name.kind_id in VARIABLE else Index(base, value(w, name))


@lowers("class_constant_access_expression")
def lower_constant(w: Walk, node: Node) -> Value:
    """`Order::class` is the class, `Order::OPEN` a member of it."""
    children = node.named_children
    if len(children) != 2:
        return other(w, node)
    scope, name = children
    if w.raw(name).lower() == "class":
        return class_name(w, w.raw(scope)) if scope.kind_id in NAMES else value(w, scope)
    return member_of(w, scope_value(w, scope), name)


@lowers("subscript_expression")
def lower_subscript(w: Walk, node: Node) -> Value:
    children = [c for c in node.named_children if c.kind_id not in COMMENTS]
    if not children:
        return other(w, node)
    base = value(w, children[0])
    if len(children) == 1:
        return Index(base, Lit(None))  # `$list[] = x`
    key = children[1]
    if key.type == "name":  # `"$row[name]"`
        return Index(base, Lit(plain(w.raw(key))))
    return Index(base, value(w, key))


# ---------------------------------------------------------------- arrays


@lowers("array_creation_expression")
def lower_array(w: Walk, node: Node) -> Value:
    """A list is a Seq; with any text key it is a Record, whose entries without a key are keyed by their position."""
    entries = [_entry(w, child) for child in node.named_children[:MAX_ITEMS] if child.kind_id not in COMMENTS]
    if not any(key is not None for key, _ in entries):
        return Seq(tuple(item for _, item in entries))
    items: list[tuple[str | None, Value]] = []
    computed: list[tuple[Value, Value]] = []
    position = 0
    for key, item in entries:
        if key is None:
            items.append((str(position), item))
            position += 1
        elif isinstance(key, Lit):
            items.append((str(key.value), item))
            if isinstance(key.value, int):
                position = key.value + 1
        else:
            computed.append((key, item))
    return Record(tuple(items), tuple(computed))


def _entry(w: Walk, node: Node) -> tuple[Value | None, Value]:
    children = [c for c in node.named_children if c.kind_id not in COMMENTS]
    if node.type != "array_element_initializer":
        return None, value(w, node)
    if len(children) == 2:
        key = value(w, children[0])
        if isinstance(key, Lit) and isinstance(key.value, str):
            w.lambda_name = key.value
        item = value(w, children[1])
        w.lambda_name = ""
        return key, item
    return None, value(w, children[0]) if len(children) == 1 else other(w, node)


@lowers("list_literal")
def lower_list(w: Walk, node: Node) -> Value:
    """A pattern: `[$a, , $c]`, `['id' => $id]`."""
    items: list[Value] = []
    keyed: list[tuple[str | None, Value]] = []
    key: Value | None = None
    waiting: Value | None = None
    for child in node.children:
        if child.type == "=>":
            key, waiting = waiting, None
        elif child.type in (",", "]", ")"):
            if key is not None and isinstance(key, Lit) and waiting is not None:
                keyed.append((str(key.value), waiting))
            elif child.type == "," or waiting is not None:
                items.append(waiting if waiting is not None else Lit(None))
            key = waiting = None
        elif child.is_named and child.kind_id not in COMMENTS:
            waiting = value(w, child)
    return Record(tuple(keyed)) if keyed else Seq(tuple(items[:MAX_ITEMS]))


# ---------------------------------------------------------------- operators


@lowers("binary_expression")
def lower_binary(w: Walk, node: Node) -> Value:
    operator = _operator(w, node)
    if operator == ".":
        return Concat(tuple(_joined(w, node)))
    left, right = node.child_by_field_id(F_LEFT), node.child_by_field_id(F_RIGHT)
    if left is None or right is None:
        return other(w, node)
    if operator == "instanceof":
        second: Value = class_name(w, w.raw(right)) if right.kind_id in NAMES else value(w, right)
        return Op(operator, (value(w, left), second))
    operands = value(w, left), value(w, right)
    return Alt(operands) if operator == "??" else Op(_ANDOR.get(operator, operator), operands)


def _operator(w: Walk, node: Node) -> str:
    operator = node.child_by_field_id(F_OPERATOR)
    if operator is not None:
        return w.raw(operator).lower()
    return next((c.type for c in node.children if not c.is_named), "")


def _joined(w: Walk, node: Node) -> list[Value]:
    """The parts of `a . b . c`, however many, without recursion on the left."""
    parts: list[Value] = []
    current: Node | None = node
    while current is not None and current.type == "binary_expression" and _operator(w, current) == ".":
        right = current.child_by_field_id(F_RIGHT)
        if right is not None and len(parts) < MAX_ITEMS:
            part = value(w, right)
            parts.extend(reversed(part.parts) if isinstance(part, Concat) else (part,))
        current = current.child_by_field_id(F_LEFT)
    if current is not None:
        parts.append(value(w, current))
    return parts[::-1]


@lowers("unary_op_expression", "update_expression")
def lower_unary(w: Walk, node: Node) -> Value:
    argument = node.child_by_field_id(F_ARGUMENT)
    if argument is None:
        return other(w, node)
    operand = value(w, argument)
    operator = _operator(w, node)
    if operator == "-" and isinstance(operand, Lit) and isinstance(operand.value, int | float) and not isinstance(operand.value, bool):
        return Lit(-operand.value)
    return Op(operator or "+", (operand,))


@lowers("conditional_expression")
def lower_conditional(w: Walk, node: Node) -> Value:
    condition, then, otherwise = (node.child_by_field_id(f) for f in (F_CONDITION, F_BODY, F_ALTERNATIVE))
    tested = value(w, condition) if condition is not None else None
    options = [value(w, then)] if then is not None else [tested] if tested is not None else []
    if otherwise is not None:
        options.append(value(w, otherwise))
    return Alt(tuple(options))


@lowers("match_expression")
def lower_match(w: Walk, node: Node) -> Value:
    condition, body = node.child_by_field_id(F_CONDITION), node.child_by_field_id(F_BODY)
    subject = value(w, condition) if condition is not None else None
    branches = subject == Lit(True)  # `match (true)` is a chain of conditions
    if not branches:
        w.builder.blocks.append(Block("switch", subject, w.owner, *w.place(node)))
    results: list[Value] = []
    for arm in (body.named_children if body is not None else [])[:MAX_ITEMS]:
        children = [c for c in arm.named_children if c.kind_id not in COMMENTS]
        listed = [t for c in children[:-1] for t in (c.named_children if c.type == "match_condition_list" else [c])]
        tested: list[Value | None] = [value(w, t) for t in listed]
        for one in tested or [None]:
            w.builder.blocks.append(Block("if" if branches and one is not None else "case", one, w.owner, *w.place(arm)))
        if children:
            results.append(value(w, children[-1]))
    return Alt(tuple(results))


@lowers(
    "parenthesized_expression", "cast_expression", "error_suppression_expression", "clone_expression", "by_ref", "reference_modifier",
    "variadic_unpacking", "argument",
)  # fmt: skip
def lower_wrapper(w: Walk, node: Node) -> Value:
    """The value inside is what counts."""
    inner = node.child_by_field_id(F_VALUE)
    return value(w, inner) if inner is not None else inner_value(w, node)
