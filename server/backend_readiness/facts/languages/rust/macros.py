"""Macros of Rust, unexpanded: their arguments are parsed again as arguments of a call, or as statements when they stand in braces.

`format!`, `concat!`, `vec!` and `json!` are the values that they make. What does not parse as Rust gives a call with the literal
texts that stand in it. The name of a macro is written with its `!`. Code that macros only quote (`quote!`) says nothing; those
of the file itself are read in `own_macros`.
"""

from __future__ import annotations

import re
from itertools import pairwise

from tree_sitter import Node

from backend_readiness.facts.languages.rust import selects
from backend_readiness.facts.languages.rust.arms import Arm, add_arms, arms_of, before_arms
from backend_readiness.facts.languages.rust.chains import arguments
from backend_readiness.facts.languages.rust.drawn_elements import add_elements
from backend_readiness.facts.languages.rust.expressions import block_value
from backend_readiness.facts.languages.rust.pairs import paired
from backend_readiness.facts.languages.rust.pieces import AFTER_ARGS, BEFORE_ARGS, MAX_PIECES_DEEP, first, piece, split
from backend_readiness.facts.languages.rust.tables import add_table
from backend_readiness.facts.languages.rust.text import formatted, has_fields, joined, unescape
from backend_readiness.facts.languages.rust.tree import IDENTIFIERS, MAX_ITEMS, Walk, kinds, lowers, unknown, value
from backend_readiness.facts.languages.text import plain
from backend_readiness.facts.model import Arg, Call, CallRef, Lit, Member, Name, Record, Seq, Throw, Unknown, Value

TREE = kinds("token_tree")
TEXTS = kinds("string_literal", "raw_string_literal")
SIMPLE = TEXTS | kinds("integer_literal", "float_literal", "boolean_literal", "char_literal")
_BEFORE_BODY, _AFTER_BODY = "fn f(){", "}"
_SIGIL = re.compile(r"(?<=[(,=\s])[%?](?=[\w&(*])")  # `user = %id` of tracing
_STATIC = re.compile(r"\bstatic\s+ref\b")
_QUOTING = frozenset(("quote", "quote_spanned", "parse_quote", "stringify", "cfg", "matches", "assert_matches", "bitflags", "view", "rsx"))
_DRAWING = frozenset(("html",))
_MADE = ("format", "concat")
_THROWN = frozenset(("panic", "bail", "unreachable", "todo", "unimplemented"))


@lowers("macro_invocation")
def lower_macro(w: Walk, node: Node) -> Value:
    written = node.child_by_field_name("macro")
    tree = next((c for c in node.named_children if c.kind_id in TREE), None)
    if written is None:
        return unknown(w, node)
    name = plain(w.raw(written)).rpartition("::")[2]
    if tree is not None and name in _DRAWING:
        add_elements(w, tree, _named(w, written))
        return unknown(w, node)
    if tree is None or name in _QUOTING or name.startswith(("assert", "debug_assert")):
        return unknown(w, node)
    if name == "json":
        return _json(w, tree)
    if (name in ("table", "diesel_table") and add_table(w, tree)) or (name in selects.NAMES and selects.read_select(w, tree)):
        return unknown(w, node)
    arms = arms_of(w, tree)
    if arms:
        args = _before(w, tree, arms)
    elif w.text[tree.start_byte] == "{" and _is_list(tree):
        args = arguments_of(w, tree)
    elif w.text[tree.start_byte] == "{" and not _statements(w, tree):
        _named_blocks(w, tree)
        pairs = paired(w, tree)
        if pairs is None:
            return unknown(w, node)
        args = pairs
    elif w.text[tree.start_byte] == "{":
        return unknown(w, node)
    else:
        args = arguments_of(w, tree)
    if name in _MADE:
        return formatted(w.builder, args) if name == "format" else joined([a.value for a in args])
    if name == "vec":
        return Seq(tuple(a.value for a in args))
    args = tuple(Arg(formatted(w.builder, args[i:]), a.name) if has_fields(a.value) else a for i, a in enumerate(args))
    start, end = w.start(node), w.end(node)
    callee = _named(w, written)
    w.builder.calls.append(Call(callee, args, w.owner, w.line(start), w.last_line(end), start, end))
    if name in _THROWN:
        w.builder.throws.append(Throw(args[0].value if args else None, w.owner, w.line(start), start))
        return Unknown(f"{name}!")
    made = CallRef(len(w.builder.calls) - 1)
    add_arms(w, tree, arms, made) if arms else None
    return made


def _before(w: Walk, tree: Node, arms: list[Arm]) -> tuple[Arg, ...]:
    """What a macro is given before its arms, where it is plain names and texts."""
    simple = [p[0] for p in split(before_arms(tree, arms)) if len(p) == 1 and p[0].kind_id in SIMPLE | IDENTIFIERS]
    return tuple(Arg(value(w, one)) for one in simple)


def _named(w: Walk, written: Node) -> Value:
    """The name of a macro ends with `!`: macros and functions have names apart."""
    callee = value(w, written)
    if isinstance(callee, Member):
        return w.builder.member(callee.base, f"{callee.name}!")
    return w.builder.name(f"{callee.id}!") if isinstance(callee, Name) else callee


def arguments_of(w: Walk, tree: Node) -> tuple[Arg, ...]:
    """What stands between the delimiters of a token tree, as arguments of a call."""
    simple = _simple(w, tree)
    if simple is not None:
        return simple
    start, end = tree.start_byte + 1, max(tree.start_byte + 1, tree.end_byte - 1)
    inner = w.text[start:end]
    if "=>" in inner:
        inner = inner.replace("=>", ", ", 1)  # `route!("/" => Index)`
    if "%" in inner or "?" in inner:
        inner = _SIGIL.sub(" ", inner)
    if ";" in inner:
        head, _, tail = inner.rpartition(";")
        inner = f"{head},{tail}" if "{" not in head else inner  # `vec![0; n]`
    with piece(w, BEFORE_ARGS, inner, AFTER_ARGS, start) as root:
        call = first(root, "arguments") if root is not None and not root.has_error else None
        if call is not None:
            return arguments(w, call)
    return paired(w, tree) or _simple(w, tree, tolerant=True) or ()


def _simple(w: Walk, tree: Node, *, tolerant: bool = False) -> tuple[Arg, ...] | None:
    """`("text", name, key = "text")` without a parser; None for anything else, or `tolerant` only that of it."""
    args: list[Arg] = []
    parts: list[Node] = []
    for child in (*tree.children[1:-1], None):
        if child is not None and child.type != ",":
            parts.append(child)
            continue
        if not parts:
            continue
        last = parts[-1]
        keyed = len(parts) == 3 and parts[1].type == "=" and parts[0].kind_id in IDENTIFIERS
        plain_value = last.kind_id in SIMPLE or (last.kind_id in IDENTIFIERS and len(parts) == 1)
        if not plain_value or (len(parts) != 1 and not keyed):
            if not tolerant:
                return None
            if len(parts) > 1 and parts[0].kind_id in IDENTIFIERS and parts[1].kind_id in TEXTS:  # `#[route(GET "/orders" with State)]`
                args.extend(Arg(value(w, part)) for part in parts[:2])
            parts = []
            continue
        args.append(Arg(value(w, last), w.name(w.raw(parts[0])).id if len(parts) == 3 else None))
        parts = []
    return tuple(args[:MAX_ITEMS])


def _is_list(tree: Node) -> bool:
    """Are braces written in place of parentheses: `sqlx::query! { "delete from orders where id = ?", id }`?"""
    found = {c.type for c in tree.children[1:-1]}
    return not found & {";", "=>", ":", "="} and ("," in found or (tree.child_count == 3 and tree.children[1].kind_id in TEXTS))


def _statements(w: Walk, tree: Node) -> bool:
    """A macro in braces: its content, where that is Rust."""
    start, end = tree.start_byte + 1, max(tree.start_byte + 1, tree.end_byte - 1)
    inner = w.text[start:end]
    inner = _STATIC.sub(lambda m: "static" + " " * (len(m.group()) - 6), inner)
    body = None
    with piece(w, _BEFORE_BODY, inner, _AFTER_BODY, start) as root:
        body = first(root, "block") if root is not None and not root.has_error else None
        if body is not None:
            block_value(w, body)
    return body is not None


def _named_blocks(w: Walk, tree: Node) -> None:
    """Blocks behind names, of which a macro takes one or each: `run! { conn: sqlite, mysql { ... } postgresql { ... } }`."""
    tokens = [c for c in tree.children[1:-1] if "comment" not in c.type]
    for before, block in pairwise(tokens):
        if block.kind_id in TREE and w.text[block.start_byte] == "{" and before.kind_id in IDENTIFIERS:
            _statements(w, block)


# ---------------------------------------------------------------- json!


def _json(w: Walk, tree: Node, depth: int = 0) -> Value:
    """`json!({...})`: the token tree as objects, arrays and expressions."""
    tokens = [c for c in tree.children[1:-1] if "comment" not in c.type]
    if depth == 0:
        return _json_value(w, tokens, 1)
    parts = list(split(tokens))[:MAX_ITEMS]
    if w.text[tree.start_byte] == "[":
        return Seq(tuple(_json_value(w, part, depth + 1) for part in parts))
    items: list[tuple[str | None, Value]] = []
    computed: list[tuple[Value, Value]] = []
    for part in parts:
        colon = next((i for i, t in enumerate(part) if t.type == ":"), -1)
        if colon < 1 or colon + 1 >= len(part):
            continue
        key, lowered = part[0], _json_value(w, part[colon + 1 :], depth + 1)
        if key.kind_id in TEXTS and colon == 1:
            whole = w.raw(key)
            items.append((unescape(whole[whole.find('"') + 1 : whole.rfind('"')]), lowered))
        else:
            computed.append((_json_value(w, part[:colon], depth + 1), lowered))
    return Record(tuple(items), tuple(computed))


def _json_value(w: Walk, tokens: list[Node], depth: int) -> Value:
    if len(tokens) == 1 and depth < MAX_PIECES_DEEP * 4:
        only = tokens[0]
        if only.kind_id in TREE and w.text[only.start_byte] in "{[":
            return _json(w, only, depth)
        if only.kind_id in SIMPLE:
            return value(w, only)
        if only.kind_id in IDENTIFIERS:
            return Lit(None) if w.raw(only) == "null" else value(w, only)
    if not tokens:
        return Lit(None)
    start, end = tokens[0].start_byte, tokens[-1].end_byte
    with piece(w, BEFORE_ARGS, w.text[start:end], AFTER_ARGS, start) as root:
        call = first(root, "arguments") if root is not None and not root.has_error else None
        args = arguments(w, call) if call is not None else ()
    return args[0].value if len(args) == 1 else Unknown(plain(w.text[start : min(end, start + 80)]))


__all__ = ["Name", "arguments_of"]
