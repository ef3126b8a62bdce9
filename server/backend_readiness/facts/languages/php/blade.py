"""Blade templates: PHP in `{{ }}` and in the arguments of directives, lowered by the walker of PHP.

`{{ x }}` is an output, `{!! x !!}` a Call of `raw_output`. `@if`, `@foreach` and their kin are Blocks, `@include` and `@extends` go to
`template` with their dots as slashes, `@csrf` is a Call of `csrf_token`, `@method('PUT')` the hidden field that it writes. Any other
directive with arguments is a Call of its name.
"""

from __future__ import annotations

import re
from typing import Literal

from backend_readiness.facts.builder import Builder
from backend_readiness.facts.languages.markup.elements import collect
from backend_readiness.facts.languages.markup.page import Flow, Island, Page
from backend_readiness.facts.languages.php.reading import arguments_into, read_into
from backend_readiness.facts.model import Arg, Attr, CallRef, Element, Lit, Name, Record, Value

MAX_ARGUMENTS = 20_000
_OPENER = re.compile(rb"\{\{--|@\{\{|\{\{|\{!!|<\?php|<\?=|(?<![\w@./])@(\w{2,40})\b([ \t]{0,4}\()?")
_CONDITIONS = {"if", "unless", "isset", "empty", "can", "cannot", "canany", "auth", "guest", "env", "production", "error", "hasSection"}
_LOOPS = {"foreach": "foreach", "forelse": "forelse", "for": "for", "while": "while"}
_BRANCHES = {"else", "elseif", "elsecan", "empty"}
_INCLUDES = {"include", "includeIf", "includeWhen", "includeUnless", "includeFirst", "extends", "component", "each", "livewire"}
_ECHO = re.compile(rb"\s+echo\b([^;]{1,2000});?\s*")  # the only statement between two tags
_BARE = {"csrf", "else", "auth", "guest", "production", "php", "verbatim"}
_AS = re.compile(rb"\s+as\s+")
_NEST = re.compile(rb"[()]|'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\"", re.DOTALL)
_VARIABLE = re.compile(rb"\$\w+")


def read(source: bytes, path: str) -> Builder:
    """The facts of one Blade template in a Builder of language `blade`. Never raises for any bytes."""
    builder = Builder("blade", source)
    collect(Page(builder, source, Blade()))
    builder.names.discard("")
    return builder


class Blade:
    language = "blade"
    suffixes: tuple[str, ...] = ()
    components = False

    def looks_like(self, source: bytes, name: str) -> int:
        return 0

    def islands(self, source: bytes) -> list[Island]:
        found: list[Island] = []
        absent: set[bytes] = set()
        position = 0
        while match := _OPENER.search(source, position):
            island = self._island(source, match, absent)
            position = match.end() if island is None else max(island.end, match.end())
            if island is not None:
                found.append(island)
        return found

    def _island(self, source: bytes, match: re.Match[bytes], absent: set[bytes]) -> Island | None:
        opener = match[0]
        closer = {b"{{--": b"--}}", b"@{{": b"}}", b"{{": b"}}", b"{!!": b"!!}", b"<?php": b"?>", b"<?=": b"?>"}.get(opener)
        if closer is not None:
            end = -1 if closer in absent else source.find(closer, match.end())
            if end < 0:
                absent.add(closer)
                return None
            word = {b"{{--": "#", b"@{{": "#"}.get(opener, opener.decode())
            echo = _ECHO.fullmatch(source, match.end(), end) if opener == b"<?php" else None
            if echo is not None:
                return Island(match.start(), end + len(closer), echo.start(1), echo.end(1), "<?=", output=True)
            return Island(match.start(), end + len(closer), match.end(), end, word, output=opener in (b"{{", b"{!!", b"<?="))
        word = match[1].decode("utf-8", "replace")
        if match[2]:
            end = _closing(source, match.end())
            if end < 0:
                return None
            return Island(match.start(), end + 1, match.end(), end, word, flow=_flow(word))
        if word in ("php", "verbatim"):
            closing = f"@end{word}".encode()
            end = -1 if closing in absent else source.find(closing, match.end())
            if end < 0:
                absent.add(closing)
                return None
            return Island(match.start(), end + len(closing), match.end(), end, "<?php" if word == "php" else "#")
        known = word in _BARE or word in _BRANCHES or word.startswith("end")
        return Island(match.start(), match.end(), match.end(), match.end(), word, flow=_flow(word)) if known else None

    def prepare(self, page: Page) -> None:
        """Nothing is read ahead."""

    def attribute(self, page: Page, name: str, span: tuple[int, int] | None) -> Value | Literal["plain"] | None:
        if name[:1] != ":" or span is None or not page.source.startswith(b"<x-", page.source.rfind(b"<x-", 0, span[0])):
            return "plain"
        within = page.source[page.source.rfind(b"<x-", 0, span[0]) + 1 : span[0]]
        return "plain" if b"<" in within else _code(page, *span)  # `:action` of a tag that draws a template holds PHP

    def lower(self, page: Page, island: Island) -> Value | None:
        word = island.word
        if word == "#":
            return None
        if word == "<?php":
            _code(page, island.inner, island.inner_end, statements=True)
            return None
        if island.output:
            value = _code(page, island.inner, island.inner_end)
            _older_method(page, value, island)
            if word == "{!!" and value is not None:
                return CallRef(page.call(Name("raw_output"), (Arg(value),), island.start, island.end))
            return value
        if word in _LOOPS:
            _loop(page, island)
        elif word in _BRANCHES and _goes_on(page, island):
            page.middle("if" if word.startswith("else") and word != "else" else "else", _code(page, island.inner, island.inner_end), island)
        elif word in _CONDITIONS:
            page.open("if", "if", _code(page, island.inner, island.inner_end), island)
        elif word.startswith("end"):
            _end(page, word[3:], island)
        else:
            _directive(page, word, island)
        return None


def _goes_on(page: Page, island: Island) -> bool:
    """Is it a branch of an open block? `@empty` alone is one of `@forelse`, with arguments a condition of its own."""
    if island.word == "empty":
        return page.is_open("forelse") and island.inner_end == island.inner
    return page.is_open("if")


def _flow(word: str) -> Flow:
    if word in _CONDITIONS:
        return "open"
    if word in _BRANCHES:
        return "middle"
    return "close" if word.startswith("end") and word[3:] in _CONDITIONS else ""


def _closing(source: bytes, start: int) -> int:
    """Where the bracket that was opened before `start` closes; -1 when it does not."""
    depth = 1
    for match in _NEST.finditer(source, start, start + MAX_ARGUMENTS):
        if match[0] == b"(":
            depth += 1
        elif match[0] == b")":
            depth -= 1
            if depth == 0:
                return match.start()
    return -1


def _code(page: Page, start: int, end: int, *, statements: bool = False) -> Value | None:
    code = page.source[start:end]
    if not code.strip():
        return None
    tail = b"" if statements else b";"
    return read_into(page.builder, code + tail, owner=page.owner, line=page.line(start), start=page.base + start)


def _loop(page: Page, island: Island) -> None:
    code = page.source[island.inner : island.inner_end]
    split = _AS.search(code) if island.word in ("foreach", "forelse") else None
    iterated = _code(page, island.inner, island.inner + split.start() if split else island.inner_end)
    page.open(island.word, "loop", iterated, island)
    names = _VARIABLE.findall(code, split.end()) if split else []
    if names:
        page.assign(page.builder.name(names[-1].decode()), iterated, island, "for")


def _end(page: Page, word: str, island: Island) -> None:
    if word in _CONDITIONS and page.is_open("if"):
        page.close("if", island)
    elif word in _LOOPS and page.is_open(word):
        page.close(word, island)


def _directive(page: Page, word: str, island: Island) -> None:
    args: tuple[Arg, ...] = ()
    if word not in ("section", "yield", "push", "stack", "props") and page.source[island.inner : island.inner_end].strip():
        code, line = page.source[island.inner : island.inner_end], page.line(island.inner)
        args = arguments_into(page.builder, code, owner=page.owner, line=line, start=page.base + island.inner)
    value = args[0].value if args else None
    if word in _INCLUDES:
        if isinstance(value, Lit) and isinstance(value.value, str):
            page.include(Lit(value.value.replace(".", "/")))
            _handed(page, word, args, island)
    elif word == "csrf":
        page.builder.names.add("csrf_token")
        page.call(Name("csrf_token"), (), island.start, island.end)
    elif word == "method" and value is not None:
        _hidden_method(page, value, island)
    elif value is not None:
        page.builder.names.add(word)
        page.call(Name(word), args, island.start, island.end)


def _handed(page: Page, word: str, args: tuple[Arg, ...], island: Island) -> None:
    """`@extends('layouts.form', ['action' => $url])`: a call, where something is handed to the other template under names."""
    names = [k for a in args[1:3] if isinstance(a.value, Record) for k, _ in a.value.items if isinstance(k, str)]
    if names:
        page.builder.names.update((word, *(f"${n}" for n in names)))
        page.call(Name(word), args, island.start, island.end)


def _older_method(page: Page, value: Value | None, island: Island) -> None:
    """`{{ method_field('PUT') }}` writes the same field as `@method('PUT')`."""
    call = page.builder.calls[value.call] if isinstance(value, CallRef) else None
    if call is not None and call.callee == Name("method_field") and call.args:
        _hidden_method(page, call.args[0].value, island)


def _hidden_method(page: Page, value: Value, island: Island) -> None:
    line = page.line(island.start)
    attrs = (Attr("type", Lit("hidden"), line), Attr("name", Lit("_method"), line), Attr("value", value, line))
    start, end = page.base + island.start, page.base + island.end
    page.builder.add_element(Element("input", attrs, "", page.owner, -1, line, line, line, start, end))
