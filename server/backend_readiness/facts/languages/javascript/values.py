"""Expressions lowered to values: literals, objects, operators, and what is transparent around them."""

from __future__ import annotations

from tree_sitter import Node

from backend_readiness.facts.languages.javascript.definitions import named
from backend_readiness.facts.languages.javascript.effects import run_yielded
from backend_readiness.facts.languages.javascript.patterns import computed_key, key
from backend_readiness.facts.languages.javascript.text import decode_string, number
from backend_readiness.facts.languages.javascript.walk import MAX_ITEMS, MAX_RUN, NOTHING, Walk, inner, lowers, unknown, value
from backend_readiness.facts.languages.ternaries import chosen_by
from backend_readiness.facts.languages.text import is_text, join_text
from backend_readiness.facts.model import Alt, CallRef, Concat, Func, Lit, Member, Name, Op, Record, Return, Seq, Value

EMPTY = Lit("")
_FIXED: dict[str, Value] = {"true": Lit(True), "false": Lit(False), "null": Lit(None), "undefined": Lit(None), "this": Name("self")}
_EITHER = ("||", "??")


@lowers("true", "false", "null", "undefined", "this")
def fixed(w: Walk, node: Node) -> Value:
    return _FIXED[node.type]


@lowers("identifier", "super", "import", "property_identifier", "private_property_identifier")
def identifier(w: Walk, node: Node) -> Value:
    return w.name(w.raw(node))


@lowers("meta_property")
def meta_property(w: Walk, node: Node) -> Value:
    """`import.meta`, `new.target`."""
    base, _, name = w.raw(node).partition(".")
    return Member(Name(base.strip()), name.strip()[:80])


@lowers("string")
def string(w: Walk, node: Node) -> Value:
    return Lit(decode_string(w.text[node.start_byte + 1 : node.end_byte - 1]))


@lowers("number")
def numeral(w: Walk, node: Node) -> Value:
    return number(w.raw(node))


@lowers("regex")
def regex(w: Walk, node: Node) -> Value:
    return unknown(w, node)


@lowers("template_string")
def template_string(w: Walk, node: Node) -> Value:
    parts: list[Value] = []
    at = node.start_byte + 1
    for child in node.named_children:
        if child.type == "template_substitution":
            if len(parts) >= MAX_ITEMS:
                break
            parts.append(Lit(decode_string(w.text[at : child.start_byte])))
            at = child.end_byte
            found = inner(w, child)
            parts.append(value(w, found) if found is not None else NOTHING)
    parts.append(Lit(decode_string(w.text[at : node.end_byte - 1])))
    said = [part for part in parts if part != EMPTY]
    return Concat((said[0],)) if len(said) == 1 and not is_text(said[0]) else join_text(said)


@lowers("parenthesized_expression", "as_expression", "satisfies_expression", "non_null_expression", "instantiation_expression",
        "jsx_expression", "template_substitution", "computed_property_name")  # fmt: skip
def transparent(w: Walk, node: Node) -> Value:
    found = inner(w, node)
    return value(w, found) if found is not None else NOTHING


@lowers("type_assertion")
def type_assertion(w: Walk, node: Node) -> Value:
    """`<T>x`."""
    return value(w, node.named_children[-1]) if node.named_children else NOTHING


@lowers("await_expression")
def await_expression(w: Walk, node: Node) -> Value:
    found = inner(w, node)
    if found is None:
        return unknown(w, node)
    lowered = value(w, found)
    for option in lowered.options if isinstance(lowered, Alt) else (lowered,):
        if isinstance(option, CallRef):
            call = w.builder.calls[option.call]
            w.builder.calls[option.call] = type(call)(
                call.callee, call.args, call.owner, call.line, call.end_line, call.start, call.end, call.kind, True, call.type_args
            )
    return lowered


@lowers("yield_expression")
def yield_expression(w: Walk, node: Node) -> Value:
    """A Return; as a value it is what was yielded, which is what generator-driven effects resolve to."""
    found = inner(w, node)
    lowered = value(w, found) if found is not None else None
    run_yielded(w, lowered)
    w.builder.returns.append(Return(lowered, w.owner, w.line(node), w.end_line(node), w.base + node.start_byte))
    return lowered if lowered is not None else NOTHING


@lowers("sequence_expression")
def sequence(w: Walk, node: Node) -> Value:
    last: Value = NOTHING
    for child in node.named_children:
        if child.kind_id != w.comment_kind:
            last = value(w, child)
    return last


@lowers("spread_element")
def spread(w: Walk, node: Node) -> Value:
    found = inner(w, node)
    return Op("*", (value(w, found),)) if found is not None else NOTHING


@lowers("array")
def array(w: Walk, node: Node) -> Value:
    return Seq(tuple([value(w, child) for child in node.named_children[:MAX_ITEMS] if child.kind_id != w.comment_kind]))


@lowers("object")
def record(w: Walk, node: Node) -> Value:
    items: list[tuple[str | None, Value]] = []
    computed: list[tuple[Value, Value]] = []
    for child in node.named_children[:MAX_ITEMS]:
        kind = child.type
        if kind == "pair":
            name, content = child.child_by_field_name("key"), child.child_by_field_name("value")
            if name is None or content is None:
                continue
            written = key(w, name)
            if written is None:
                computed.append((computed_key(w, name), value(w, content)))
            else:
                items.append((written, named(w, content, written, "lambda")))
        elif kind == "shorthand_property_identifier":
            found = w.name(w.raw(child))
            items.append((found.id, found))
        elif kind == "spread_element":
            content = inner(w, child)
            if content is not None:
                items.append((None, value(w, content)))
        elif kind == "method_definition":
            method = value(w, child)
            name = child.child_by_field_name("name")
            if isinstance(method, Func) and (symbol := w.builder.symbols[method.symbol]).name:
                items.append((symbol.name, method))
            elif name is not None:
                computed.append((computed_key(w, name), method))
        elif child.kind_id != w.comment_kind:
            value(w, child)
    return Record(tuple(items), tuple(computed))


@lowers("ternary_expression")
def ternary(w: Walk, node: Node) -> Value:
    """`a ? b : c ? d : e` is one Alt, however long."""
    options: list[Value] = []
    tests: list[Value] = []
    last: Node | None = node
    while last is not None and last.type == "ternary_expression":
        condition, chosen = last.child_by_field_name("condition"), last.child_by_field_name("consequence")
        if condition is not None:
            tests.append(value(w, condition))
        if chosen is not None:
            options.append(value(w, chosen))
        last = last.child_by_field_name("alternative")
    if last is not None:
        options.append(value(w, last))
    return chosen_by(tests, either(options))


def either(options: list[Value], *, fallback: bool = False) -> Value:
    flat: list[Value] = []
    for option in options:
        flat.extend(option.options if isinstance(option, Alt) else (option,))
    fallback = fallback and all(o.fallback for o in options if isinstance(o, Alt))
    return flat[0] if len(flat) == 1 else Alt(tuple(flat[:MAX_ITEMS]), fallback)


@lowers("binary_expression")
def binary(w: Walk, node: Node) -> Value:
    """The grammar nests `a + b + c` to the left, as deep as the expression is long: the left side is a loop here."""
    spine: list[Node] = []
    left: Node | None = node
    while left is not None and left.type == "binary_expression":
        spine.append(left)
        left = left.child_by_field_name("left")
    lowered = value(w, left) if left is not None else NOTHING
    operator, operands, nested = "", [lowered], 0
    for part in reversed(spine):
        sign, right = part.child_by_field_name("operator"), part.child_by_field_name("right")
        written = sign.type if sign is not None else ""
        if written != operator and len(operands) > 1:
            nested += 1
            operands = [combine(operator, operands) if nested < MAX_RUN else unknown(w, part)]
        operator = written
        operands.append(value(w, right) if right is not None else NOTHING)
    return combine(operator, operands)


def combine(operator: str, operands: list[Value]) -> Value:
    """One operator over its operands. Text makes `+` a Concat; a short run of others is nested to the left as it is evaluated."""
    if operator in _EITHER:
        return either(operands, fallback=True)
    if operator == "+" and any(is_text(operand) for operand in operands):
        return join_text(operands)
    if len(operands) == 1:
        return operands[0]
    if len(operands) > MAX_RUN:
        return Op(operator, tuple(operands[:MAX_ITEMS]))
    lowered = operands[0]
    for operand in operands[1:]:
        lowered = Op(operator, (lowered, operand))
    return lowered


@lowers("unary_expression")
def unary(w: Walk, node: Node) -> Value:
    sign, argument = node.child_by_field_name("operator"), node.child_by_field_name("argument")
    operator = sign.type if sign is not None else ""
    lowered = value(w, argument) if argument is not None else NOTHING
    if operator == "void":
        return lowered
    if operator == "!" and isinstance(lowered, Op) and lowered.op == "!":
        return lowered.operands[0]
    if operator == "-" and isinstance(lowered, Lit) and isinstance(lowered.value, int | float) and not isinstance(lowered.value, bool):
        return Lit(-lowered.value)
    return Op(operator, (lowered,))


@lowers("update_expression")
def update(w: Walk, node: Node) -> Value:
    """`x++`: an operator, no Assign; loops are full of them."""
    sign, argument = node.child_by_field_name("operator"), node.child_by_field_name("argument")
    return Op(sign.type if sign is not None else "", (value(w, argument) if argument is not None else NOTHING,))
