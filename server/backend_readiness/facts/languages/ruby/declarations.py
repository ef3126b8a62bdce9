"""Calls of Ruby's own library that declare something: imports, mixins, accessors, methods made of blocks, `raise`.

Each handler answers the value of the call, or None where it is written in a way that it does not know; it is then a call like any other.
"""

from __future__ import annotations

import msgspec
from tree_sitter import Node

from backend_readiness.facts.languages.ruby import symbols
from backend_readiness.facts.languages.ruby.tree import (
    BLOCKS,
    F_ARGUMENTS,
    F_BLOCK,
    F_BODY,
    F_PARAMETERS,
    NIL,
    Walk,
    kinds,
    value,
    without_extras,
)
from backend_readiness.facts.languages.text import plain
from backend_readiness.facts.model import Arg, Call, CallRef, Import, Lit, Member, Param, Return, Symbol, Throw, Value

SYMBOLS = kinds("simple_symbol", "string")
PAIR = kinds("pair")
CONSTANTS = kinds("constant", "scope_resolution")


def _arguments(node: Node) -> list[Node]:
    return without_extras(found.named_children) if (found := node.child_by_field_id(F_ARGUMENTS)) is not None else []


def block_function(w: Walk, block: Node, name: str = "") -> Value:
    """A `{ }` or `do end` block as a Func."""
    return symbols.function(w, block, name, block.child_by_field_id(F_PARAMETERS), block.child_by_field_id(F_BODY))


def _require(w: Walk, node: Node) -> Value | None:
    given = _arguments(node)
    found = value(w, given[0]) if len(given) == 1 else None
    if not isinstance(found, Lit) or not isinstance(found.value, str):
        return None
    _import(w, node, found.value)
    return NIL


def _require_relative(w: Walk, node: Node) -> Value | None:
    given = _arguments(node)
    found = value(w, given[0]) if len(given) == 1 else None
    if not isinstance(found, Lit) or not isinstance(found.value, str):
        return None
    _import(w, node, found.value if found.value.startswith(".") else f"./{found.value}")
    return NIL


def _autoload(w: Walk, node: Node) -> Value | None:
    given = _arguments(node)
    found = value(w, given[1]) if len(given) == 2 else None
    if isinstance(found, Lit) and isinstance(found.value, str):
        _import(w, node, found.value)
    return None


def _import(w: Walk, node: Node, module: str) -> None:
    w.builder.imports.append(Import(module, None, None, w.line(node.start_byte), w.owner))


def _mixin(w: Walk, node: Node) -> Value | None:
    """`include A, B` in the body of a class or module: they are its bases, before what it inherits from."""
    if w.holder <= 0 or w.method:
        return None
    found = tuple(value(w, child) for child in _arguments(node))
    symbol = w.builder.symbols[w.holder]
    w.builder.symbols[w.holder] = msgspec.structs.replace(symbol, bases=(*found, *symbol.bases)[:40])
    return NIL


def _helpers(w: Walk, node: Node) -> Value | None:
    """`helpers A, B`: modules whose methods the requests of a class have."""
    named = _arguments(node)
    if node.child_by_field_id(F_BLOCK) is not None or not named or any(child.kind_id not in CONSTANTS for child in named):
        return None
    return _mixin(w, node)


def _accessor(w: Walk, node: Node) -> Value | None:
    """A reader for each name; it returns the instance variable."""
    if w.holder <= 0 or w.method:
        return None
    for child in _arguments(node):
        if child.kind_id not in SYMBOLS:
            continue
        found = value(w, child)
        if isinstance(found, Lit) and isinstance(found.value, str):
            name = found.value
            symbol = w.builder.add_symbol(
                Symbol(
                    "method", name, w.holder, w.line(child.start_byte), w.last_line(child.end_byte), child.start_byte, child.end_byte,
                    statements=1, is_static=w.static,
                )
            )  # fmt: skip
            read = w.builder.member(w.name("self"), f"@{name}")
            w.builder.returns.append(Return(read, symbol, w.line(child.start_byte), w.last_line(child.end_byte), child.start_byte))
    return NIL


def _delegate(w: Walk, node: Node) -> Value | None:
    """`delegate :name, :email, to: :user`: methods that call those of another object; with `prefix:` they are `user_name`."""
    if w.holder <= 0 or w.method:
        return None
    given = _arguments(node)
    target = next((pair for pair in given if pair.kind_id in PAIR and w.raw(pair).startswith("to:")), None)
    written = plain(w.raw(target)[3:].strip()) if target is not None else ""
    name = written.lstrip(":")
    if target is None or not written.startswith(":") or not name.isidentifier():
        return None
    prefixed = next((w.raw(p)[7:].strip() for p in given if p.kind_id in PAIR and w.raw(p).startswith("prefix:")), "false")
    word = name if prefixed == "true" else plain(prefixed).lstrip(":")
    front = f"{word}_" if word not in ("false", "nil") and word.isidentifier() else ""
    for child in given:
        if child.kind_id not in SYMBOLS or not isinstance(found := value(w, child), Lit):
            continue
        start, end = child.start_byte, child.end_byte
        line = w.line(start)
        called = f"{front}{found.value}"
        symbol = w.builder.add_symbol(Symbol("method", called, w.holder, line, w.last_line(end), start, end, statements=1))
        calls = w.builder.calls
        calls.append(Call(w.name(name), (), symbol, line, line, start, end))
        calls.append(Call(w.builder.member(CallRef(len(calls) - 1), str(found.value)), (), symbol, line, line, start, end))
        w.builder.returns.append(Return(CallRef(len(calls) - 1), symbol, line, line, start))
    return NIL


def _define_method(w: Walk, node: Node) -> Value | None:
    """`define_method(:name) { |x| ... }` in a class body."""
    given, block = _arguments(node), node.child_by_field_id(F_BLOCK)
    if w.holder <= 0 or len(given) != 1 or given[0].kind_id not in SYMBOLS or block is None:
        return None
    name = value(w, given[0])
    if not isinstance(name, Lit):
        return None
    symbol = symbols.begin(w, node, "method", str(name.value), w.holder)
    outer = w.owner, w.method, w.holder
    w.owner, w.method, w.holder = symbol, str(name.value), -1
    params: tuple[Param, ...] = symbols.parameters(w, block.child_by_field_id(F_PARAMETERS))
    body = block.child_by_field_id(F_BODY)
    w.builder.amend(symbol, params=params, statements=symbols.statements_of(body), is_static=w.static)
    if body is not None:
        symbols.returned(w, symbol, body, value(w, body))
    w.owner, w.method, w.holder = outer
    return name


def _raise(w: Walk, node: Node) -> Value | None:
    found = [value(w, child) for child in _arguments(node)]
    w.builder.throws.append(Throw(found[0] if found else None, w.owner, w.line(node.start_byte), node.start_byte))
    return NIL


def _function(w: Walk, node: Node) -> Value | None:
    """`lambda { |x| ... }` and `proc { }`."""
    block = node.child_by_field_id(F_BLOCK)
    if block is None or block.kind_id not in BLOCKS or _arguments(node):
        return None
    name, w.lambda_name = w.lambda_name, ""
    return block_function(w, block, name)


def _class_methods(w: Walk, node: Node) -> Value | None:
    """`class_methods do`: methods of the classes that include the concern."""
    block = node.child_by_field_id(F_BLOCK)
    if block is None or w.holder <= 0 or w.method:
        return None
    outer, w.static = w.static, True
    found = w.call(w.name("class_methods"), (Arg(block_function(w, block)),), node.start_byte, node.end_byte)
    w.static = outer
    return found


DECLARES = {
    "attr_accessor": _accessor,
    "attr_reader": _accessor,
    "autoload": _autoload,
    "cattr_accessor": _accessor,
    "class_methods": _class_methods,
    "define_method": _define_method,
    "delegate": _delegate,
    "extend": _mixin,
    "fail": _raise,
    "helpers": _helpers,
    "include": _mixin,
    "lambda": _function,
    "load": _require,
    "mattr_accessor": _accessor,
    "prepend": _mixin,
    "proc": _function,
    "raise": _raise,
    "require": _require,
    "require_relative": _require_relative,
}

__all__ = ["DECLARES", "Member", "block_function"]
