"""Elements in macros that draw pages: `html! { form action="/orders" method="post" { input name="name"; } }`.

Each element with attributes is a call of the macro's member of its name, with the attributes as keywords. What stands in parentheses is
Rust, and so are the parts in braces of a value that is put together. Macros whose content begins with a tag say nothing here.
"""

from __future__ import annotations

import re

from tree_sitter import Node

from backend_readiness.facts.languages.rust.pieces import MAX_PIECES_DEEP
from backend_readiness.facts.languages.rust.text import joined
from backend_readiness.facts.languages.rust.tree import MAX_ITEMS, Walk, kinds, value
from backend_readiness.facts.languages.text import plain
from backend_readiness.facts.model import Arg, Call, Value

TREE = kinds("token_tree")
TEXTS = kinds("string_literal", "raw_string_literal")
_WORD = re.compile(r"[A-Za-z_]\w*$")
_IN_NAMES = frozenset({"-", ":", ".", "@"})
MAX_DEEP = 40


def add_elements(w: Walk, tree: Node, macro: Value, depth: int = 0) -> None:
    """Note the elements between the braces of a macro, those inside of others too."""
    tokens = [c for c in tree.children[1:-1] if "comment" not in c.type]
    at = 0
    if depth > MAX_DEEP or (depth == 0 and tokens and tokens[0].type == "<"):
        return
    while at < len(tokens):
        token = tokens[at]
        if token.type == "@":  # `@if cond {`, `@let total = 1;`
            while at < len(tokens) and not _is_braces(w, tokens[at]) and tokens[at].type != ";":
                at += 1
        elif _is_braces(w, token):
            add_elements(w, token, macro, depth + 1)
            at += 1
        elif token.kind_id in TREE:
            _spliced(w, token)
            at += 1
        elif _WORD.match(w.raw(token)):
            at = _element(w, tokens, at, macro)
        else:
            at += 1


def _element(w: Walk, tokens: list[Node], at: int, macro: Value) -> int:
    """Note the element that begins at a token, and return where what is behind its attributes begins."""
    begin = tokens[at]
    tag, at = _name(w, tokens, at, frozenset("-"))
    args: list[Arg] = []
    while at < len(tokens):
        token = tokens[at]
        if token.type in (".", "#") and at + 1 < len(tokens):  # a class, an id
            at = at + 2 if tokens[at + 1].kind_id in TREE | TEXTS else _name(w, tokens, at + 1, frozenset("-"))[1]
        elif token.type == "@" or _WORD.match(w.raw(token)):
            name, at = _name(w, tokens, at, _IN_NAMES)
            if at + 1 < len(tokens) and tokens[at].type == "=":
                args.append(Arg(_value(w, tokens[at + 1]), name))
                at += 2
            elif at < len(tokens) and tokens[at].type == "?":
                at += 1
        elif token.kind_id in TREE and w.raw(token).startswith("["):  # only when this holds
            at += 1
        else:
            break
    if args or tag == "form":
        start, end = w.start(begin), w.end(tokens[at - 1])
        callee = w.builder.member(macro, tag)
        w.builder.calls.append(Call(callee, tuple(args[:MAX_ITEMS]), w.owner, w.line(start), w.last_line(end), start, end))
    return at


def _name(w: Walk, tokens: list[Node], at: int, signs: frozenset[str]) -> tuple[str, int]:
    """A name that is written without spaces, with signs in it: `hx-post`, `x-on:click`."""
    text, end = w.raw(tokens[at]), tokens[at].end_byte
    at += 1
    while at < len(tokens) and tokens[at].start_byte == end and (tokens[at].type in signs or tokens[at - 1].type in signs):
        if tokens[at].kind_id in TREE:
            break
        text, end = text + w.raw(tokens[at]), tokens[at].end_byte
        at += 1
    return plain(text), at


def _value(w: Walk, token: Node) -> Value:
    """The value of an attribute: a text, Rust in parentheses, or braces with several of both."""
    if _is_braces(w, token):
        parts = [c for c in token.children[1:-1] if c.kind_id in TREE | TEXTS]
        return joined([_value(w, part) for part in parts[:MAX_ITEMS]])
    return _spliced(w, token) if token.kind_id in TREE else value(w, token)


def _spliced(w: Walk, token: Node) -> Value:
    from backend_readiness.facts.languages.rust.macros import arguments_of

    args = arguments_of(w, token) if w.pieces < MAX_PIECES_DEEP else ()
    return args[0].value if args else joined([])


def _is_braces(w: Walk, token: Node) -> bool:
    return token.kind_id in TREE and w.text[token.start_byte] == "{"
