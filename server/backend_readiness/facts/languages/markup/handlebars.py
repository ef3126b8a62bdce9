"""Handlebars and Mustache templates (also Ember's).

`{{a.b}}` is an output, `{{helper x k=v}}` a Call, `{{{x}}}` and `{{&x}}` a Call of `raw_output`; `{{#if}}`, `{{#each}}` and other
sections are Blocks, `{{> partial}}` goes to `template`.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Literal

from backend_readiness.facts.languages.markup.page import Flow, Island
from backend_readiness.facts.model import Arg, CallRef, Lit, Name, Value

if TYPE_CHECKING:
    from backend_readiness.facts.languages.markup.page import Page

_CLOSE_COMMENT = re.compile(rb"--~?\}\}")
_SIGNS = rb"#^/>&!"
_TOKEN = re.compile(
    rb"\s*(?:(?P<string>\"[^\"]*\"|'[^']*')|(?P<number>-?\d+(?:\.\d+)?)(?![\w.])|(?P<key>[A-Za-z_][\w-]*)=|(?P<open>\()|(?P<close>\))"
    rb"|(?P<as>as\s+\|[^|]*\|)|(?P<path>[^\s()\"'=|]+)|(?P<other>[^\s]))"
)
_CONSTANTS: dict[str, bool | None] = {"true": True, "false": False, "null": None, "undefined": None}
_EVIDENCE = re.compile(rb"\{\{(?:[#^>/&]|\{|else\b)")
MAX_DEPTH = 20
MAX_WORDS = 500


class Handlebars:
    language = "handlebars"
    components = False

    def looks_like(self, source: bytes, name: str) -> int:
        return 60 if _EVIDENCE.search(source) else 0

    def islands(self, source: bytes) -> list[Island]:
        found: list[Island] = []
        absent: set[bytes] = set()
        position = 0
        while (start := source.find(b"{{", position)) >= 0:
            if source[start - 1 : start] == b"\\" and start:
                position = start + 2
                continue
            inner = start + 2
            closer, word = b"}}", ""
            if source[inner : inner + 1] == b"{":
                closer, word, inner = b"}}}", "&", inner + 1
            if source[inner : inner + 1] == b"~":
                inner += 1
            sign = source[inner : inner + 1]
            if sign == b"!" and source[inner + 1 : inner + 3] == b"--":
                comment = _CLOSE_COMMENT.search(source, inner + 3) if b"--" not in absent else None
                if comment:
                    found.append(Island(start, comment.end(), inner, inner, "!"))
                    position = comment.end()
                    continue
                absent.add(b"--")
            end = -1 if closer in absent else source.find(closer, inner)
            if end < 0:
                absent.add(closer)
                position = inner
                continue
            position = end + len(closer)
            if sign and sign in _SIGNS:
                word, inner = sign.decode(), inner + 1
            inner_end = end - 1 if source[end - 1 : end] == b"~" and end > inner else end
            found.append(_island(source, start, position, inner, inner_end, word))
        return found

    def prepare(self, page: Page) -> None:
        return None

    def attribute(self, page: Page, name: str, span: tuple[int, int] | None) -> Value | Literal["plain"] | None:
        return "plain"

    def lower(self, page: Page, island: Island) -> Value | None:
        word = island.word
        if word == "!":
            return None
        if word == "/":
            name = page.text(island.inner, island.inner_end).strip()
            page.close(name, island)
            return None
        words = _Words(page, island.inner, island.inner_end)
        if word == ">":
            page.include(_partial(words))
            return None
        if word == "else":
            subject = words.values()
            page.middle("else", subject[-1].value if subject else None, island)
            return None
        if word in ("#", "^"):
            _section(page, words, island, inverted=word == "^")
            return None
        value = words.call(island)
        if word == "&" and value is not None:
            return CallRef(page.call(Name("raw_output"), (Arg(value),), island.start, island.end))
        return value


def _island(source: bytes, start: int, end: int, inner: int, inner_end: int, word: str) -> Island:
    body = source[inner : min(inner_end, inner + 200)].strip()
    flow: Flow = ""
    if word == "^" and not body:
        word = "else"
    if word == "" and (body == b"else" or body.startswith(b"else ")):
        word, inner = "else", source.index(b"else", inner) + 4
    if word in ("#", "^"):
        flow = "" if body.startswith(b"each") else "open"
    elif word == "else":
        flow = "middle"
    elif word == "/" and body != b"each":
        flow = "close"
    return Island(start, end, inner, inner_end, word, output=word in ("", "&"), flow=flow)


def _section(page: Page, words: _Words, island: Island, *, inverted: bool) -> None:
    if page.source[island.inner : island.inner + 1] == b">":  # a partial with its fallback
        island.inner += 1
        words = _Words(page, island.inner, island.inner_end)
        page.include(_partial(words))
        written = page.text(island.inner, island.inner_end).strip()
        page.open("undefined" if written.startswith("(") else written.partition(" ")[0], "", None, island)
        return
    name, args = words.head()
    name = name.lstrip("*").strip()
    plain = [arg for arg in args if arg.name is None]
    subject: Value | None = plain[0].value if plain else None
    if name in ("if", "unless", "with"):
        page.open(name, "with" if name == "with" else "if", subject, island)
    elif name == "each":
        page.open(name, "loop", subject, island)
        targets = words.block_params or ["this"]
        page.assign(Name("self") if targets[0] == "this" else page.builder.name(targets[0]), subject, island, "for")
    elif args:
        call = page.call(words.path(name), args, island.start, island.end)
        page.open(name, "if", CallRef(call), island)
    else:
        page.open(name, "if", None if inverted else words.path(name), island)


def _partial(words: _Words) -> Value | None:
    name, _ = words.head()
    return Lit(name) if name and not name.startswith("(") else None


class _Words:
    """The space-separated words of a mustache."""

    def __init__(self, page: Page, start: int, end: int) -> None:
        self._page = page
        self._tokens: list[tuple[str, str, int]] = []
        self.block_params: list[str] = []
        position = start
        while len(self._tokens) < MAX_WORDS and (match := _TOKEN.match(page.source, position, end)):
            kind = match.lastgroup or ""
            self._tokens.append((kind, page.text(*match.span(kind)), match.start(kind)))
            position = match.end()
        self._at = 0
        self._end = end

    def head(self) -> tuple[str, tuple[Arg, ...]]:
        """The first word as text and the others as arguments."""
        if not self._tokens:
            return "", ()
        kind, text, _ = self._tokens[0]
        self._at = 1
        return (text[1:-1] if kind == "string" else text), self.values()

    def values(self, depth: int = 0) -> tuple[Arg, ...]:
        args: list[Arg] = []
        while self._at < len(self._tokens):
            kind, text, _ = self._tokens[self._at]
            if kind == "close":
                break
            if kind == "as":
                self.block_params = text[2:].replace("|", " ").split()
                self._at += 1
                continue
            name = None
            if kind == "key":
                name, self._at = text, self._at + 1
                if self._at >= len(self._tokens):
                    break
            args.append(Arg(self._one(depth), name))
        return tuple(args)

    def call(self, island: Island) -> Value | None:
        """The whole mustache: a path, a literal, or a helper with arguments."""
        if not self._tokens:
            return None
        value = self._one(0)
        args = self.values()
        return CallRef(self._page.call(value, args, island.start, island.end)) if args else value

    def _one(self, depth: int) -> Value:
        kind, text, start = self._tokens[self._at]
        self._at += 1
        if kind == "string":
            return Lit(text[1:-1])
        if kind == "number":
            return Lit(float(text) if "." in text else int(text[:300]))
        if kind == "open":
            if depth > MAX_DEPTH or self._at >= len(self._tokens):
                self._at = len(self._tokens)
                return Lit(None)
            callee = self._one(depth + 1)
            args = self.values(depth + 1)
            end = self._tokens[self._at][2] + 1 if self._at < len(self._tokens) else self._end
            self._at += 1
            return CallRef(self._page.call(callee, args, start, end))
        return self.path(text)

    def path(self, text: str) -> Value:
        """`user.id`, `../user.id`, `this.id`, `@index`, `user/id`."""
        if text in _CONSTANTS:
            return Lit(_CONSTANTS[text])
        while text.startswith("../"):
            text = text[3:]
        parts = [part.strip("[]") for part in re.split(r"[./]", text) if part.strip("[]")][:MAX_DEPTH]
        if not parts:
            return Name("self")
        first = parts[0]
        value: Value = Name("self") if first == "this" else self._page.builder.name(first)
        for part in parts[1:]:
            value = self._page.builder.member(value, part)
        return value


DIALECT = Handlebars()
