"""Anonymous functions, captures, and the forms that choose or loop: `fn`, `&f/1`, `if`, `case`, `cond`, `with`, `for`, `try`."""

from __future__ import annotations

from tree_sitter import Node

from backend_readiness.facts.languages.elixir import requests
from backend_readiness.facts.languages.elixir.tree import FORMS, MAX_ITEMS, ROUTING, Walk, child, forms, inner, lowers, unknown, value
from backend_readiness.facts.languages.elixir.values import bind, target
from backend_readiness.facts.languages.text import plain
from backend_readiness.facts.model import Alt, Block, Func, Import, Lit, Name, Param, Return, Symbol, Throw, Value

_MAX_OPTIONS = 40


def params_of(w: Walk, nodes: list[Node]) -> list[Param]:
    found = []
    for node in nodes[:MAX_ITEMS]:
        bound = target(w, node)
        default = node.child_by_field_name("right") if node.type == "binary_operator" and "\\\\" in w.raw(node) else None
        lowered = value(w, default) if default is not None else None
        if isinstance(bound, Name):
            found.append(Param(bound.id, default=lowered))
        else:
            found.append(Param("_") if bound is None else Param("", pattern=bound))
    return found


@lowers("anonymous_function")
def lower_function(w: Walk, node: Node) -> Value:
    name, w.lambda_name = w.lambda_name, ""
    start, end = node.start_byte, node.end_byte
    symbol = w.builder.add_symbol(Symbol("lambda", name, w.owner, w.line(start), w.last_line(end), start, end))
    outer, w.owner = w.owner, symbol
    clauses = [c for c in inner(node) if c.type == "stab_clause"]
    for number, clause in enumerate(clauses):
        left = clause.child_by_field_name("left")
        if number == 0 and left is not None:
            w.builder.amend(symbol, params=tuple(params_of(w, inner(left))), statements=1)
        elif left is not None:
            for part in inner(left):
                bind(w, part, None)
        _returned(w, symbol, clause.child_by_field_name("right"))
    w.owner = outer
    return Func(symbol)


def _returned(w: Walk, symbol: int, body: Node | None) -> None:
    if body is not None:
        start, end = body.start_byte, body.end_byte
        w.builder.returns.append(Return(value(w, body), symbol, w.line(start), w.last_line(end), start))


def capture(w: Walk, node: Node) -> Value:
    """`&Mod.fun/1` and `&fun/1` are the function, `&(f(&1))` an anonymous one, `&1` its parameter."""
    if node.type == "integer":
        return w.name(f"&{w.raw(node)}")
    if node.type == "binary_operator":
        left, sign = node.child_by_field_name("left"), node.child_by_field_name("operator")
        if left is not None and sign is not None and sign.type == "/":
            if left.type == "call":
                head = left.child_by_field_name("target")
                return value(w, head) if head is not None else unknown(w, node)
            return value(w, left)
    start, end = node.start_byte, node.end_byte
    symbol = w.builder.add_symbol(
        Symbol("lambda", "", w.owner, w.line(start), w.last_line(end), start, end, params=(Param("&1"), Param("&2")))
    )
    outer, w.owner = w.owner, symbol
    _returned(w, symbol, node)
    w.owner = outer
    return Func(symbol)


# ---------------------------------------------------------------- choices


def _block(w: Walk, kind: str, subject: Value | None, node: Node, empty: bool = False, before: Node | None = None) -> None:
    """`before`: the part of the node in which another block begins."""
    start, end = node.start_byte, before.start_byte if before is not None else node.end_byte
    w.builder.blocks.append(Block(kind, subject, w.owner, w.line(start), w.last_line(end), start, end, empty))


def choice(options: list[Value]) -> Value:
    flat: list[Value] = []
    for option in options:
        flat.extend(option.options if isinstance(option, Alt) else (option,))
    return flat[0] if len(flat) == 1 else Alt(tuple(flat[:_MAX_OPTIONS])) if flat else Lit(None)


def clauses(w: Walk, block: Node | None, subject: Value | None, asks: bool = False) -> list[Value]:
    """The branches of a block with `->`, or its one body; `asks`: before the arrows stand conditions (`cond`)."""
    found: list[Value] = []
    plain_body: list[Node] = []
    for part in inner(block):
        if part.type == "stab_clause":
            left = part.child_by_field_name("left")
            for pattern in inner(left):
                bind(w, pattern, subject)
            _block(w, *(("if", value(w, inner(left)[0])) if asks and inner(left) else ("case", requests.said(w, left))), part)
            body = part.child_by_field_name("right")
            found.append(value(w, body) if body is not None else Lit(None))
        elif part.type in ("else_block", "rescue_block", "catch_block", "after_block"):
            kind = {"else_block": "else", "after_block": "finally"}.get(part.type, "catch")
            _block(w, kind, None, part, not inner(part))
            found.extend(clauses(w, part, None))
        else:
            plain_body.append(part)
    last: Value | None = None
    for part in plain_body:
        last = value(w, part)
    return [*([last] if last is not None else []), *found]


def _keyword_bodies(w: Walk, args: list[Node]) -> list[Value]:
    """`if x, do: a, else: b`."""
    words = next((a for a in args if a.type == "keywords"), None)
    return [value(w, p[1]) for pair in inner(words) if len(p := inner(pair)) == 2]


@forms("if", "unless", "cond", "try", "receive", "quote")
def lower_if(w: Walk, node: Node) -> Value:
    name = w.raw(node)[:5].strip()
    if name == "quote":
        return _quoted(w, node)
    args, block = inner(child(node, "arguments")), child(node, "do_block")
    piped, w.piped = w.piped, None
    subject = piped or (value(w, args[0]) if args and args[0].type != "keywords" else None)
    if block is not None:
        parts = inner(block)
        other = next((p for p in parts if p.type == "else_block"), None) if not name.startswith("try") else None
        _block(w, "try" if name.startswith("try") else "if", subject, block, not parts or parts[0] is other, other)
    return choice([*clauses(w, block, None, name == "cond"), *_keyword_bodies(w, args)])


def _quoted(w: Walk, node: Node) -> Value:
    """Of quoted code only the aliases and imports count, which who uses the module gets, and what it uses itself then."""
    for part in inner(child(node, "do_block")):
        head = part.child_by_field_name("target") if part.type == "call" else None
        if head is not None and w.raw(head) == "use":
            used = [w.module_of(plain(w.raw(u))) for u in inner(child(part, "arguments"))[:1] if u.type == "alias"]
            w.builder.imports.extend(Import(module, None, None, w.line(part.start_byte), w.owner) for module in used)
            if w.builder.symbols[w.owner].name == "__using__":
                w.passed_on.extend(used)
        form = FORMS.get("alias") if head is not None and w.raw(head) in ("alias", "import") else None
        if form is None or head is None:
            continue
        before, aliases = len(w.builder.imports), dict(w.aliases)
        form(w, part)
        if w.raw(head) == "alias":
            made = {module: local for local, module in w.aliases.items()}
            kept = [
                Import(i.module, None, made.get(i.module, i.module.rpartition(".")[2]), i.line, w.owner) for i in w.builder.imports[before:]
            ]
            w.builder.imports[before:] = kept
        w.aliases = aliases
    _given_routes(w, node)
    return unknown(w, node)


def _given_routes(w: Walk, node: Node) -> None:
    """Of a macro that gives routes all of its code counts, as if it stood in the macro: `unquote(path)` is its parameter `path`."""
    block = child(node, "do_block")
    parts = inner(block) if block is not None else [p[1] for pair in inner(_words(node)) if len(p := inner(pair)) == 2]
    heads = [p.child_by_field_name("target") for p in parts if p.type == "call"]
    if w.quoting or not any(h is not None and w.raw(h).rpartition(".")[2] in ROUTING - {"plug", "match", "socket"} for h in heads):
        return
    w.quoting = True
    for part in parts:
        head = part.child_by_field_name("target") if part.type == "call" else None
        if head is None or w.raw(head) not in ("alias", "import", "use", "require", "def", "defp", "defmodule", "defmacro"):
            value(w, part)
    w.quoting = False


def _words(node: Node) -> Node | None:
    return next((a for a in inner(child(node, "arguments")) if a.type == "keywords"), None)


@forms("unquote")
def lower_unquote(w: Walk, node: Node) -> Value:
    args = inner(child(node, "arguments"))
    return value(w, args[0]) if args else unknown(w, node)


@forms("case")
def lower_case(w: Walk, node: Node) -> Value:
    args, block = inner(child(node, "arguments")), child(node, "do_block")
    piped, w.piped = w.piped, None
    subject = piped if piped is not None else value(w, args[0]) if args else None
    _block(w, "switch", subject, node)
    return choice(clauses(w, block, subject))


@forms("with", "for")
def lower_with(w: Walk, node: Node) -> Value:
    loop = w.raw(node).startswith("for")
    args, block = inner(child(node, "arguments")), child(node, "do_block")
    for part in args:
        if part.type == "binary_operator" and loop:
            left, right, sign = (part.child_by_field_name(f) for f in ("left", "right", "operator"))
            if left is not None and right is not None and sign is not None and sign.type == "<-":
                bind(w, left, value(w, right), "for")
                continue
        if part.type != "keywords":
            value(w, part)
    if loop:
        _block(w, "loop", None, node)
    return choice([*clauses(w, block, None), *_keyword_bodies(w, args)])


@forms("raise", "throw", "reraise")
def lower_raise(w: Walk, node: Node) -> Value:
    args = inner(child(node, "arguments"))
    thrown = value(w, args[0]) if args else None
    for part in args[1:]:
        value(w, part)
    w.builder.throws.append(Throw(thrown, w.owner, w.line(node.start_byte), node.start_byte))
    return unknown(w, node)
