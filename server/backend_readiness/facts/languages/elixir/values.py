"""Literals, collections, patterns and operators of Elixir.

An atom is its text. A tuple that is tagged by an atom (`{:ok, user}`) is what it carries, as a value and as a pattern. A map with texts
or atoms as keys and a keyword list are Records; `%User{...}` is a `new` call with keywords.
"""

from __future__ import annotations

import re

from tree_sitter import Node

from backend_readiness.facts.languages.elixir.tree import MAX_ITEMS, Walk, child, inner, lowers, other, unknown, value
from backend_readiness.facts.languages.text import plain
from backend_readiness.facts.model import Alt, Arg, Assign, Call, CallRef, Concat, Lit, Name, Op, Record, Seq, Unknown, Value

_ESCAPE = re.compile(r"\\(.)", re.DOTALL)
_SIMPLE = {"n": "\n", "t": "\t", "r": "\r", "s": " ", "0": "\0"}
_TAGS = ("ok", "error", "reply", "noreply", "halt", "cont", "some", "stop")


@lowers("sigil")
def lower_sigil(w: Walk, node: Node) -> Value:
    """`~p"/x/#{id}"` is its text, `~w(new show)a` a list of words; the template in a `~H` is read as one."""
    name = child(node, "sigil_name")
    held = [c for c in node.named_children if c.type not in ("sigil_name", "sigil_modifiers")]
    if name is not None and w.raw(name) in ("w", "W"):
        return _words(w, node)
    if name is None or w.raw(name) != "H" or not held or w.wanted:
        return lower_text(w, node)
    from backend_readiness.facts.languages.elixir.heex import sigil_into

    start, end = held[0].start_byte, held[-1].end_byte
    sigil_into(w, w.text[start:end].encode("latin-1"), start)
    return unknown(w, node)


def _words(w: Walk, node: Node) -> Value:
    text = lower_text(w, node)
    words = text.value.split() if isinstance(text, Lit) and isinstance(text.value, str) else None
    return Seq(tuple(Lit(word) for word in words[:MAX_ITEMS])) if words is not None else text


@lowers("string", "charlist", "quoted_atom")
def lower_text(w: Walk, node: Node) -> Value:
    parts: list[Value] = []
    for piece in node.named_children[:MAX_ITEMS]:
        if piece.type == "quoted_content":
            parts.append(Lit(plain(w.raw(piece))))
        elif piece.type == "escape_sequence":
            written = plain(w.raw(piece))
            parts.append(Lit(_ESCAPE.sub(lambda m: _SIMPLE.get(m.group(1), m.group(1)), written)))
        elif piece.type == "interpolation":
            held = inner(piece)
            parts.append(value(w, held[0]) if held else Lit(""))
    return joined(parts)


def joined(parts: list[Value]) -> Value:
    found: list[Value] = []
    for part in parts:
        last = found[-1] if found else None
        if isinstance(part, Lit) and isinstance(part.value, str) and isinstance(last, Lit) and isinstance(last.value, str):
            found[-1] = Lit(last.value + part.value)
        else:
            found.extend(part.parts if isinstance(part, Concat) else (part,))
    if not found:
        return Lit("")
    return found[0] if len(found) == 1 and isinstance(found[0], Lit) else Concat(tuple(found[:60]))


@lowers("atom")
def lower_atom(w: Walk, node: Node) -> Value:
    return Lit(plain(w.raw(node)).removeprefix(":"))


@lowers("boolean", "nil")
def lower_constant(w: Walk, node: Node) -> Value:
    return Lit({"true": True, "false": False}.get(w.raw(node)))


@lowers("integer", "float", "char")
def lower_number(w: Walk, node: Node) -> Value:
    try:
        written = w.raw(node).replace("_", "")
        return Lit(int(written, 0) if node.type == "integer" else float(written))
    except ValueError:
        return unknown(w, node)


@lowers("alias")
def lower_alias(w: Walk, node: Node) -> Value:
    return w.name(w.module_of(w.raw(node).replace(" ", "")))


@lowers("tuple")
def lower_tuple(w: Walk, node: Node) -> Value:
    items = tuple(value(w, c) for c in inner(node)[:MAX_ITEMS])
    if len(items) > 1 and isinstance(items[0], Lit) and items[0].value in _TAGS:
        return items[1]
    return Seq(items)


@lowers("list", "bitstring")
def lower_list(w: Walk, node: Node) -> Value:
    items = inner(node)
    if len(items) == 1 and items[0].type == "keywords":
        return value(w, items[0])
    return Seq(tuple(value(w, c) for c in items[:MAX_ITEMS]))


@lowers("keywords")
def lower_keywords(w: Walk, node: Node) -> Value:
    return Record(tuple((k, v) for k, v in pairs(w, node)))


def pairs(w: Walk, node: Node) -> list[tuple[str, Value]]:
    found = []
    for pair in inner(node)[:MAX_ITEMS]:
        parts = inner(pair)
        if pair.type == "pair" and len(parts) == 2:
            key = plain(w.raw(parts[0])).strip().rstrip(":").strip('"')
            w.builder.names.add(key)
            found.append((key, value(w, parts[1])))
    return found


@lowers("map")
def lower_map(w: Walk, node: Node) -> Value:
    struct, content = child(node, "struct"), child(node, "map_content")
    items: list[tuple[str | None, Value]] = []
    computed: list[tuple[Value, Value]] = []
    for entry in inner(content)[:MAX_ITEMS]:
        if entry.type == "keywords":
            items.extend(pairs(w, entry))
        elif entry.type == "binary_operator":
            left, right = entry.child_by_field_name("left"), entry.child_by_field_name("right")
            sign = entry.child_by_field_name("operator")
            if left is None or right is None or sign is None:
                continue
            if sign.type == "|":  # `%{user | name: "x"}`
                items.append((None, value(w, left)))
                items.extend(pairs(w, right) if right.type == "keywords" else [])
                continue
            key = value(w, left)
            if isinstance(key, Lit) and isinstance(key.value, str):
                items.append((key.value, value(w, right)))
            else:
                computed.append((key, value(w, right)))
    if struct is None:
        return Record(tuple(items), tuple(computed))
    held = inner(struct)
    callee = value(w, held[0]) if held else unknown(w, node)
    start, end = node.start_byte, node.end_byte
    args = tuple(Arg(v, k, k is None) for k, v in items)
    w.builder.calls.append(Call(callee, args, w.owner, w.line(start), w.last_line(end), start, end, "new"))
    return CallRef(len(w.builder.calls) - 1)


# ---------------------------------------------------------------- patterns


def target(w: Walk, node: Node) -> Value | None:
    """What a pattern binds; None when it binds nothing. A struct pattern (`%User{} = user`) is lowered without a call."""
    kind = node.type
    if kind == "identifier":
        written = w.raw(node)
        return w.name(written) if not written.startswith("_") else None
    if kind == "tuple":
        parts = inner(node)
        if len(parts) > 1 and parts[0].type == "atom" and w.raw(parts[0]).removeprefix(":") in _TAGS:
            return target(w, parts[1])
        return _sequence(w, parts)
    if kind in ("list", "bitstring"):
        return _sequence(w, inner(node))
    if kind == "binary_operator":
        sign, left, right = (node.child_by_field_name(f) for f in ("operator", "left", "right"))
        if sign is None or left is None or right is None:
            return None
        if sign.type in ("\\\\", "when", "|"):
            return target(w, left)
        first, second = target(w, left), target(w, right)
        if isinstance(first, Record) and isinstance(second, Name):  # `%{"id" => id} = params`
            return Record((*first.items, (None, second)))
        return first if isinstance(first, Record) or second is None else second
    if kind == "map":
        found: list[tuple[str | None, Value]] = []
        for entry in inner(child(node, "map_content"))[:MAX_ITEMS]:
            if entry.type == "keywords":
                for pair in inner(entry):
                    parts = inner(pair)
                    bound = target(w, parts[1]) if len(parts) == 2 else None
                    if bound is not None:
                        found.append((plain(w.raw(parts[0])).strip().rstrip(":"), bound))
            elif entry.type == "binary_operator":
                key, held = entry.child_by_field_name("left"), entry.child_by_field_name("right")
                bound = target(w, held) if held is not None else None
                name = value(w, key) if key is not None else None
                if bound is not None and isinstance(name, Lit):
                    found.append((str(name.value), bound))
        return Record(tuple(found)) if found else None
    return None


def _sequence(w: Walk, parts: list[Node]) -> Value | None:
    items = [target(w, p) for p in parts[:MAX_ITEMS]]
    return Seq(tuple(i or Name("") for i in items)) if any(items) else None


def bind(w: Walk, pattern: Node, bound: Value | None, how: str = "let") -> None:
    found = target(w, pattern)
    if found is None or found == bound:
        return
    start, end = pattern.start_byte, pattern.end_byte
    w.builder.assigns.append(Assign(found, bound, None, w.owner, w.line(start), w.last_line(end), start, end, how))


# ---------------------------------------------------------------- operators


@lowers("unary_operator")
def lower_unary(w: Walk, node: Node) -> Value:
    from backend_readiness.facts.languages.elixir.functions import capture

    sign, operand = node.child_by_field_name("operator"), node.child_by_field_name("operand")
    if sign is None or operand is None:
        return other(w, node)
    if sign.type == "@":
        return attribute(w, operand)
    if sign.type == "&":
        return capture(w, operand)
    lowered = value(w, operand)
    if sign.type == "^":
        return lowered
    return Op("not" if sign.type in ("!", "not") else sign.type, (lowered,))


def attribute(w: Walk, node: Node) -> Value:
    """`@base` is read, `@base "/api"` is set: a field of the module."""
    if node.type == "identifier":
        return w.name(f"@{w.raw(node)}")
    head = node.child_by_field_name("target")
    args = inner(child(node, "arguments"))
    if head is None or not args or w.raw(head) in ("doc", "moduledoc", "spec", "type", "typep", "callback", "impl", "opaque", "typedoc"):
        return Lit(None)
    start, end = node.start_byte, node.end_byte
    bound = value(w, args[0])
    w.builder.assigns.append(Assign(w.name(f"@{w.raw(head)}"), bound, None, w.owner, w.line(start), w.last_line(end), start, end, "field"))
    return bound


@lowers("binary_operator")
def lower_binary(w: Walk, node: Node) -> Value:
    from backend_readiness.facts.languages.elixir.calls import piped

    left, right, operator = (node.child_by_field_name(f) for f in ("left", "right", "operator"))
    if left is None or right is None or operator is None:
        return other(w, node)
    sign = operator.type
    if sign == "|>":
        return piped(w, node)
    if sign == "=":
        w.lambda_name = w.raw(left) if left.type == "identifier" else ""
        bound = value(w, right)
        w.lambda_name = ""
        bind(w, left, bound)
        return bound
    if sign in ("<-", "in") and sign == "<-":
        bound = value(w, right)
        bind(w, left, bound)
        return bound
    first, second = value(w, left), value(w, right)
    if sign == "<>":
        return joined([first, second])
    if sign in ("||", "or"):
        return Alt((first, second))
    return Op({"&&": "and"}.get(sign, sign), (first, second))


@lowers("block", "body", "stab_clause")
def lower_block(w: Walk, node: Node) -> Value:
    last: Value = Lit(None)
    for part in inner(node):
        last = value(w, part)
    return last


@lowers("access_call")
def lower_access(w: Walk, node: Node) -> Value:
    from backend_readiness.facts.model import Index

    held, key = node.child_by_field_name("target"), node.child_by_field_name("key")
    return Index(value(w, held), value(w, key)) if held is not None and key is not None else other(w, node)


__all__ = ["Unknown"]
