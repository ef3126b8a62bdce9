"""Jinja, Django, Nunjucks, Swig and Twig templates.

`{{ x }}` is an output; `{% if %}`, `{% for %}` and their kin are Blocks, `{% set %}` and `{% with %}` Assigns, `{% macro %}` a function
symbol, `{% import %}` an Import, `{% include %}` and `{% extends %}` go to `template`. Any other tag (`{% url 'orders' %}`,
`{% csrf_token %}`) is a Call of its name with its space-separated words as arguments.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Literal

from backend_readiness.facts.languages.markup.expression import Reader
from backend_readiness.facts.languages.markup.page import Flow, Island
from backend_readiness.facts.model import Arg, CallRef, Import, Lit, Name, Param, Seq, Value

if TYPE_CHECKING:
    from backend_readiness.facts.languages.markup.page import Page

_OPENER = re.compile(rb"\{[{%#]")
_CLOSERS = {b"{{": b"}}", b"{%": b"%}", b"{#": b"#}"}
_WORD = re.compile(rb"[-+\s]*([\w.]+)")
_VERBATIM = {"raw": "endraw", "verbatim": "endverbatim", "comment": "endcomment"}
_MARKS = re.compile(rb"\{%|\{\{[^{}]{1,200}\}\}")
_CONDITIONS = {"if", "ifequal", "ifnotequal", "ifchanged", "unless"}
_BRANCHES = {"else": "else", "elif": "else", "elseif": "else", "elsif": "else", "empty": "else"}
_SILENT = frozenset(
    {"load", "block", "endblock", "filter", "spaceless", "localize", "localtime", "timezone", "break", "continue", "endset",
     "parent", "debug", "pluralize", "plural", "cache", "blocktrans", "blocktranslate", "compress"}
)  # fmt: skip
_STATEMENTS = frozenset(
    {"for", "macro", "with", "set", "include", "extends", "embed", "import", "from", "do", "call", "return", "autoescape"}
)
_UNESCAPED = "autoescape off"


class Jinja:
    language = "jinja"
    components = False

    def looks_like(self, source: bytes, name: str) -> int:
        if re.search(rb"\{%[-+]?\s*[a-z]\w*", source):
            return 90
        return 20 if _MARKS.search(source) else 0

    def islands(self, source: bytes) -> list[Island]:
        found: list[Island] = []
        absent: set[bytes] = set()
        position = 0
        while match := _OPENER.search(source, position):
            closer = _CLOSERS[match[0]]
            end = -1 if closer in absent else source.find(closer, match.end())
            if end < 0:
                absent.add(closer)
                position = match.end()
                continue
            position = end + 2
            island = Island(match.start(), position, match.end(), end)
            if closer == b"}}":
                island.word, island.output = "{{", True
            elif closer == b"#}":
                island.word = "#"
            else:
                word = _WORD.match(source, island.inner, island.inner_end)
                island.word = word[1].decode("utf-8", "replace") if word else ""
                island.inner = word.end() if word else island.inner
                island.flow = _flow(island.word)
                island.output = bool(island.word) and not _is_statement(island.word)
                if island.word in _VERBATIM:
                    position = _skip(source, position, _VERBATIM[island.word].encode(), absent)
                    if island.word == "comment":
                        island.end = position
            _trim(source, island)
            found.append(island)
        return found

    def prepare(self, page: Page) -> None:
        page.builder.errors += sum(1 for island in page.islands if not island.word)

    def attribute(self, page: Page, name: str, span: tuple[int, int] | None) -> Value | Literal["plain"] | None:
        return "plain"

    def lower(self, page: Page, island: Island) -> Value | None:
        word = island.word
        reader = Reader(page, island.inner, island.inner_end)
        if word == "{{":
            value = reader.value() if not reader.done else None
            if value is not None and page.is_open(_UNESCAPED):
                return CallRef(page.call(Name("raw_output"), (Arg(value),), island.start, island.end))
            return value
        if word in _SILENT or word in _VERBATIM or word == "#" or not word:
            return None
        if word in _CONDITIONS:
            page.open("if" if word == "if" else word, "if", reader.value(), island)
        elif word == "for":
            _loop(page, reader, island)
        elif word in _BRANCHES:
            page.middle("else", reader.value() if not reader.done else None, island)
        elif word == "macro":
            _macro(page, reader, island)
        elif word == "with":
            page.open("with", "", None, island)
            _bindings(page, reader, island)
        elif word == "set":
            _bindings(page, reader, island)
        elif word in ("include", "extends", "embed"):
            page.include(reader.value())
        elif word in ("import", "from"):
            _imports(page, reader, island)
        elif word == "autoescape":
            page.open(_UNESCAPED if reader.peek() in ("off", "false", "False") else word, "", None, island)
        elif word == "endautoescape":
            page.close(_UNESCAPED if page.is_open(_UNESCAPED) else "autoescape", island)
        elif word.startswith("end"):
            if word[3:] in _CONDITIONS or word[3:] in ("for", "macro", "with"):
                page.close(word[3:], island)
        elif word in ("do", "call", "return"):
            reader.value()
        else:
            args = reader.words()
            page.builder.names.add(word)
            call = CallRef(page.call(Name(word), args, island.start, island.end))
            if not reader.accept("as"):
                return call
            page.assign(reader.primary(), call, island)
        return None


def _is_statement(word: str) -> bool:
    return word in _STATEMENTS or word in _SILENT or word in _CONDITIONS or word in _BRANCHES or word in _VERBATIM or word.startswith("end")


def _flow(word: str) -> Flow:
    if word in _CONDITIONS:
        return "open"
    if word in _BRANCHES:
        return "middle"
    return "close" if word.startswith("end") and word[3:] in _CONDITIONS else ""


def _skip(source: bytes, position: int, end_word: bytes, absent: set[bytes]) -> int:
    """Where the tag that ends a verbatim part begins; its content is not template syntax."""
    end = -1 if end_word in absent else source.find(end_word, position)
    if end < 0:
        absent.add(end_word)
        return position
    begin = source.rfind(b"{%", position, end)
    return begin if begin >= 0 else position


def _trim(source: bytes, island: Island) -> None:
    if source[island.inner : island.inner + 1] in (b"-", b"+") and island.word in ("{{", "#"):
        island.inner += 1
    if source[island.inner_end - 1 : island.inner_end] in (b"-", b"+") and island.inner_end > island.inner:
        island.inner_end -= 1


def _loop(page: Page, reader: Reader, island: Island) -> None:
    """`for a, b in items`: the loop variables are assigned what is iterated."""
    targets: list[Value] = []
    while not reader.done and not reader.accept("in"):
        targets.append(reader.primary())
        reader.accept(",")
    iterated = reader.value()
    page.open("for", "loop", iterated, island)
    if targets:
        page.assign(targets[0] if len(targets) == 1 else Seq(tuple(targets)), iterated, island, "for")


def _macro(page: Page, reader: Reader, island: Island) -> None:
    name = reader.take()
    reader.accept("(")
    params: list[Param] = []
    while not reader.done and not reader.accept(")"):
        param = reader.take()
        default = reader.value() if reader.accept("=") else None
        params.append(Param(name=param, default=default))
        reader.accept(",")
    symbol = page.symbol("function", name, tuple(params), island.start, island.end)
    page.open("macro", "", None, island, symbol)


def _bindings(page: Page, reader: Reader, island: Island) -> None:
    """`set a = x`, `with a=x b=y`, `with x as a`."""
    while not reader.done:
        value = reader.primary()
        names = [value]
        while reader.accept(","):
            names.append(reader.primary())
        target: Value = names[0] if len(names) == 1 else Seq(tuple(names))
        if reader.accept("="):
            page.assign(target, reader.value(), island)
        elif reader.accept("as"):
            page.assign(reader.primary(), value, island)
        elif reader.accept("|"):
            reader.value()
        reader.accept(",")


def _imports(page: Page, reader: Reader, island: Island) -> None:
    """`import "forms.html" as forms`, `from "forms.html" import field, label as caption`."""
    source = reader.value()
    page.include(source)
    if not isinstance(source, Lit) or not isinstance(source.value, str):
        return
    line = page.line(island.start)
    if reader.accept("as"):
        page.builder.imports.append(Import(source.value, None, reader.take() or None, line, page.owner))
        return
    reader.accept("import")
    while not reader.done and reader.peek() not in ("with", "without"):
        name = reader.take()
        local = reader.take() if reader.accept("as") else name
        page.builder.imports.append(Import(source.value, name, local, line, page.owner))
        reader.accept(",")


DIALECT = Jinja()
