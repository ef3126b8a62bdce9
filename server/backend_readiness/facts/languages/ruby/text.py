"""Strings, symbols and numbers of Ruby. Symbols are texts; a heredoc is read where it begins."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable

from tree_sitter import Node

from backend_readiness.facts.languages.ruby.tree import MAX_ITEMS, NIL, Walk, kinds, lowers, other, unknown, value, without_extras
from backend_readiness.facts.languages.text import plain
from backend_readiness.facts.model import Concat, Lit, Op, Seq, Unknown, Value

MAX_LITERAL_CHARS = 20_000
_ESCAPE = re.compile(r"\\(?:u([0-9a-fA-F]{4})|u\{([0-9a-fA-F]{1,6})\}|x([0-9a-fA-F]{1,2})|(\r?\n)|(.))", re.DOTALL)
_SIMPLE = {"a": "\a", "b": "\b", "e": "\x1b", "f": "\f", "n": "\n", "r": "\r", "s": " ", "t": "\t", "v": "\v", "0": "\0"}
CONTENT = kinds("string_content", "heredoc_content")
ESCAPE = kinds("escape_sequence")
INTERPOLATION = kinds("interpolation")
HEREDOC_END = kinds("heredoc_end")


def is_text(found: Value) -> bool:
    return isinstance(found, Concat) or (isinstance(found, Lit) and isinstance(found.value, str))


def join_text(parts: Iterable[Value]) -> Value:
    """A Lit when every part is text, else a flat Concat with adjacent literals joined."""
    joined: list[Value] = []
    for part in parts:
        for piece in part.parts if isinstance(part, Concat) else (part,):
            last = joined[-1] if joined else None
            if isinstance(piece, Lit) and isinstance(piece.value, str):
                if isinstance(last, Lit) and isinstance(last.value, str):
                    joined[-1] = Lit((last.value + piece.value)[:MAX_LITERAL_CHARS])
                    continue
                piece = Lit(piece.value[:MAX_LITERAL_CHARS])
            joined.append(piece)
    if not joined:
        return Lit("")
    return joined[0] if len(joined) == 1 and is_text(joined[0]) else Concat(tuple(joined[:MAX_ITEMS]))


def _unescape(match: re.Match[str]) -> str:
    code = match.group(1) or match.group(2) or match.group(3)
    if code:
        number = int(code, 16)
        return "\ufffd" if number > 0x10FFFF or 0xD800 <= number <= 0xDFFF else chr(number)
    return "" if match.group(4) else _SIMPLE.get(match.group(5), match.group(5))


def _parts(w: Walk, node: Node) -> Value:
    """The text of the content, escapes and interpolations below a node."""
    parts: list[Value] = []
    for child in node.named_children:
        number = child.kind_id
        if number in CONTENT:
            parts.append(Lit(plain(w.raw(child))))
        elif number in ESCAPE:
            parts.append(Lit(_ESCAPE.sub(_unescape, plain(w.raw(child)))))
        elif number in INTERPOLATION:
            inner = without_extras(child.named_children)
            parts.append(value(w, inner[0]) if len(inner) == 1 else other(w, child))
        elif number not in HEREDOC_END:
            parts.append(value(w, child))
    return join_text(parts)


@lowers("string", "delimited_symbol", "bare_string", "bare_symbol", "subshell")
def lower_string(w: Walk, node: Node) -> Value:
    return _parts(w, node)


@lowers("heredoc_beginning")
def lower_heredoc(w: Walk, node: Node) -> Value:
    body = w.heredocs.get(node.start_byte)
    return _parts(w, body) if body is not None else Lit("")


@lowers("heredoc_body", "comment", "empty_statement", "uninterpreted")
def lower_nothing(w: Walk, node: Node) -> Value:
    """Read elsewhere, or not at all."""
    return NIL


@lowers("chained_string")
def lower_chained(w: Walk, node: Node) -> Value:
    return join_text([value(w, child) for child in without_extras(node.named_children)])


@lowers("simple_symbol", "hash_key_symbol")
def lower_symbol(w: Walk, node: Node) -> Value:
    text = plain(w.raw(node).removeprefix(":"))
    w.builder.names.add(text)
    return Lit(text)


@lowers("character")
def lower_character(w: Walk, node: Node) -> Value:
    return Lit(plain(w.raw(node)[1:]))


_FREE = re.compile(r"\s+|(?<!\\)#.*")


@lowers("regex")
def lower_regex(w: Walk, node: Node) -> Value:
    """Unknown with its text between slashes; what is interpolated counts as facts."""
    for child in node.named_children:
        if child.kind_id in INTERPOLATION:
            other(w, child)
    raw = plain(w.raw(node))
    written = raw.rstrip("imxounse")
    body = written[3 if raw.startswith("%r") else 1 : -1]
    if "x" in raw[len(written) :]:  # free spacing: neither blanks nor what stands behind `#` count
        body = "".join(_FREE.sub("", line) for line in body[:2000].splitlines())
    return Unknown(f"/{body[:300]}/")


@lowers("symbol_array", "string_array")
def lower_words(w: Walk, node: Node) -> Value:
    return Seq(tuple(value(w, child) for child in node.named_children[:MAX_ITEMS]))


@lowers("integer", "float", "rational", "complex")
def lower_number(w: Walk, node: Node) -> Value:
    text = w.raw(node).replace("_", "")
    if len(text) > 40:
        return unknown(w, node)
    for read in (lambda: int(text, 0), lambda: int(text, 8), lambda: float(text)):
        try:
            number = read()
        except ValueError:
            continue
        fits = math.isfinite(number) if isinstance(number, float) else abs(number) < 2**63
        return Lit(number) if fits else unknown(w, node)
    return unknown(w, node)


@lowers("true")
def lower_true(w: Walk, node: Node) -> Value:
    return Lit(True)


@lowers("false")
def lower_false(w: Walk, node: Node) -> Value:
    return Lit(False)


@lowers("nil")
def lower_nil(w: Walk, node: Node) -> Value:
    return NIL


@lowers("range")
def lower_range(w: Walk, node: Node) -> Value:
    return Op("..", tuple(value(w, child) for child in without_extras(node.named_children)))
