"""Macros that list what answers at which path: `router!(home: get "/" => index)`, `router!(request, (GET) (/orders/{id: u32}) => { ... })`.

Each arm is a call of its word, with the path and what stands behind the arrow, on what the macro gives; a block is a function of its own.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from tree_sitter import Node

from backend_readiness.facts.languages.rust.chains import arguments
from backend_readiness.facts.languages.rust.pieces import AFTER_ARGS, BEFORE_ARGS, first, piece
from backend_readiness.facts.languages.rust.text import unescape
from backend_readiness.facts.languages.rust.tree import IDENTIFIERS, MAX_ITEMS, Walk, kinds
from backend_readiness.facts.languages.text import plain
from backend_readiness.facts.model import Arg, Call, CallRef, Lit, Unknown, Value

_TREE = kinds("token_tree")
_TEXTS = kinds("string_literal", "raw_string_literal")
_TYPED = re.compile(r"\{\s*(\w+)\s*:[^{}]*\}")
_WORD = re.compile(r"\(\s*(\w{1,20})\s*\)")


@dataclass(frozen=True, slots=True)
class Arm:
    """`start` and `arrow` count tokens: where the arm begins, and its `=>`. One without a word is no call."""

    start: int
    arrow: int
    word: str = ""
    path: str = ""


def arms_of(w: Walk, tree: Node) -> list[Arm]:
    """The arms of a macro, none where no word and path stand before an arrow."""
    tokens = _tokens(tree)
    arrows = [i for i, t in enumerate(tokens) if t.type == "=>"][:MAX_ITEMS]
    found = [_arm(w, tokens, at) for at in arrows]
    return found if any(a.word for a in found) else []


def before_arms(tree: Node, arms: list[Arm]) -> list[Node]:
    """The tokens that stand before the first arm."""
    return _tokens(tree)[: arms[0].start]


def add_arms(w: Walk, tree: Node, arms: list[Arm], macro: CallRef) -> None:
    tokens = _tokens(tree)
    ends = [a.start for a in arms[1:]] + [len(tokens)]
    for arm, end in zip(arms, ends, strict=True):
        answers = list(_without_comma(tokens[arm.arrow + 1 : end]))
        answer = _answer(w, answers) if answers else None
        if not arm.word or answer is None:
            continue
        start, last = w.start(tokens[arm.start]), w.end(answers[-1])
        callee = w.builder.member(macro, arm.word)
        args = (Arg(Lit(arm.path)), Arg(answer))
        w.builder.calls.append(Call(callee, args, w.owner, w.line(start), w.last_line(last), start, last))


def _tokens(tree: Node) -> list[Node]:
    return [c for c in tree.children[1:-1] if "comment" not in c.type]


def _arm(w: Walk, tokens: list[Node], at: int) -> Arm:
    head = tokens[max(0, at - 4) : at]
    if len(head) > 1 and head[-1].kind_id in _TEXTS and head[-2].kind_id in IDENTIFIERS:
        labelled = len(head) == 4 and head[1].type == ":" and head[0].kind_id in IDENTIFIERS
        path = _text(w, head[-1])
        return Arm(at - (4 if labelled else 2), at, w.raw(head[-2]) if path.startswith("/") else "", path)
    if len(head) > 1 and head[-1].kind_id in _TREE and head[-2].kind_id in _TREE:
        word = _WORD.fullmatch(plain(w.raw(head[-2])))
        path = _path(w, head[-1])
        return Arm(at - 2, at, word.group(1) if word is not None and path.startswith("/") else "", path)
    return Arm(max(0, at - 1), at)


def _path(w: Walk, tree: Node) -> str:
    """`(/orders/{id: u32})`, `["/orders/{id}", id: u32]`."""
    text = next((c for c in tree.children if c.kind_id in _TEXTS), None)
    if text is not None:
        return _text(w, text)
    return "".join(_TYPED.sub(r"{\1}", plain(w.raw(tree)[1:-1])).split())


def _text(w: Walk, node: Node) -> str:
    whole = w.raw(node)
    return unescape(whole[whole.find('"') + 1 : whole.rfind('"')])


def _without_comma(tokens: list[Node]) -> Iterator[Node]:
    yield from tokens[:-1] if tokens and tokens[-1].type == "," else tokens


def _answer(w: Walk, tokens: list[Node]) -> Value:
    start, end = tokens[0].start_byte, tokens[-1].end_byte
    is_block = len(tokens) == 1 and tokens[0].kind_id in _TREE and w.text[start] == "{"
    with piece(w, BEFORE_ARGS + ("|| " if is_block else ""), w.text[start:end], AFTER_ARGS, start) as root:
        call = first(root, "arguments") if root is not None and not root.has_error else None
        args = arguments(w, call) if call is not None else ()
    return args[0].value if len(args) == 1 and args[0].name is None else Unknown(plain(w.text[start : min(end, start + 80)]))
