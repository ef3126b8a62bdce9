"""One component file: a class without a name (that of its file is its name) whose members stand in `@code`, and the elements that it draws.

Beside what `markup/documents.py` says of templates: `@inject Orders Store` is a field of that type, `@inherits Page` and `@implements IX`
are bases of the class, `@using A.B` is the star import of A.B, and `@page "/orders/{id}"` a Call of `Name("page")`. A file of nothing but
directives speaks for the components of its folder and below: its imports are of the modules `below::A.B`. The values of `@onclick`, of any
other attribute that begins with `@`, and of attributes of components that take a function (`OnValidSubmit="Save"`) are lowered expressions.
"""

from __future__ import annotations

import re
from typing import Literal

from backend_readiness.facts.builder import Builder
from backend_readiness.facts.languages.blazor.code import Code
from backend_readiness.facts.languages.markup.elements import collect
from backend_readiness.facts.languages.markup.page import Island, Page
from backend_readiness.facts.languages.markup.razor import Razor
from backend_readiness.facts.languages.text import plain
from backend_readiness.facts.model import Arg, Assign, Import, Lit, Name, Symbol, Value

MAX_DIRECTIVE_CHARS = 400
_ATTRIBUTE = re.compile(rb"(?<=\s)@[A-Za-z][\w-]{0,60}(?::[\w-]{1,40})?(?:\s{0,20}=(?!=)|(?<=:preventDefault)|(?<=:stopPropagation))")
_MEMBERS = re.compile(rb"@(?:code|functions)\s{0,200}(\{)")
_DIRECTIVE = re.compile(
    rb"@(page|inject|using|namespace|inherits|layout|implements|attribute|typeparam|rendermode|preservewhitespace)\b([^\r\n]{0,400})"
)
_TEXT = re.compile(r'"([^"\r\n]{0,300})"')
_FUNCTION = re.compile(r"On[A-Z]\w*|\w*(?:Click|Clicked|Change|Changed|Submit|Callback)")
_METHOD = re.compile(r"\s*[A-Za-z_]\w*\s*")
_INJECTED = re.compile(r"\s*(\S.*\S|\S)\s+([A-Za-z_]\w*)\s*;?\s*")
_HEADER = re.compile(rb"\s*(?:var|[A-Za-z_][\w.<>\[\]?]*)\s+([A-Za-z_]\w*)\s+in\s+")


def read(source: bytes) -> Builder:
    """The facts of one component in a Builder of language `blazor`. Never raises for any bytes."""
    builder = Builder("blazor", source)
    component = builder.add_symbol(Symbol("class", "", 0, 1, builder.symbols[0].end_line, 0, len(source)))
    code = Code(source, builder, component)
    page = Page(builder, source, _Blazor(code), owner=component)
    collect(page)
    code.members([match.start(1) for match in _MEMBERS.finditer(source)])
    if not builder.elements and len(builder.symbols) == 2:
        builder.imports[:] = [Import(f"below::{i.module}", i.name, i.local, i.line, i.owner) for i in builder.imports]
    builder.names.discard("")
    return builder


class _Blazor(Razor):
    """The dialect of one file: its code goes to the walker of the file."""

    language = "blazor"
    components = True

    def __init__(self, code: Code) -> None:
        self._code = code

    def islands(self, source: bytes) -> list[Island]:
        """Those of Razor, without the names of attributes."""
        named = {match.start() for match in _ATTRIBUTE.finditer(source)}
        return super().islands(_masked(source, named))

    def directive(self, source: bytes, at: int) -> re.Match[bytes] | None:
        """One begins its line: `Model="@page"` is a value."""
        before = source.rfind(b"\n", 0, at)
        return _DIRECTIVE.match(source, at) if not source[before + 1 : at].strip(b" \t\r\xef\xbb\xbf") else None

    def attribute(self, page: Page, name: str, span: tuple[int, int] | None) -> Value | Literal["plain"] | None:
        if span is None or not (name.startswith("@") or name[:1].isupper()):
            return "plain"
        island = page.island_at(span[0])
        if island is not None and island.start == span[0] and island.end == span[1]:
            return page.value(island)
        written = page.text(*span)
        if name.startswith("@") or "=>" in written or (_FUNCTION.fullmatch(name) and _METHOD.fullmatch(written)):
            return self._code.expression(*span)
        return "plain"

    def lower(self, page: Page, island: Island) -> Value | None:
        if island.output:
            return self._code.expression(island.inner, island.inner_end)
        if island.word in ("foreach", "for", "if", "while", "switch"):
            self._header(page, island)
        elif island.word and island.word[0].isalpha():
            self._directive(page, island)
        return None

    def _header(self, page: Page, island: Island) -> None:
        split = _HEADER.match(page.source, island.inner, island.inner_end) if island.word == "foreach" else None
        if split is not None:
            page.assign(
                page.builder.name(plain(split[1].decode("latin-1"))), self._code.expression(split.end(), island.inner_end), island, "for"
            )
        elif island.word in ("if", "while", "switch"):
            self._code.expression(island.inner, island.inner_end)

    def _directive(self, page: Page, island: Island) -> None:
        word, builder = island.word, page.builder
        written = page.text(island.inner, min(island.inner_end, island.inner + MAX_DIRECTIVE_CHARS)).strip().rstrip(";").strip()
        if word == "page":
            quoted = _TEXT.search(written)
            builder.names.add("page")
            page.call(Name("page"), (Arg(Lit(quoted.group(1))),) if quoted else (), island.start, island.end)
        elif word == "using" and written and "=" not in written:
            module = "".join(written.removeprefix("static ").split())
            builder.imports.append(Import(module, "*", None, page.line(island.start)))
        elif word == "namespace":
            builder.package = "".join(written.split())
        elif word == "inject" and (found := _INJECTED.fullmatch(written)):
            start = page.source.find(found[1].encode(), island.inner)
            declared = self._code.type(start, start + len(found[1].encode())) if start >= 0 else None
            line = page.line(island.start)
            builder.assigns.append(
                Assign(builder.name(found[2]), None, declared, page.owner, line, line, island.start, island.end, kind="field")
            )
        elif word in ("inherits", "implements") and written:
            start = page.source.find(written.encode(), island.inner)
            base = self._code.type(start, start + len(written.encode())) if start >= 0 else None
            if base is not None:
                known = builder.symbols[page.owner].bases
                builder.amend(page.owner, bases=(base, *known) if word == "inherits" else (*known, base))


def _masked(source: bytes, names: set[int]) -> bytes:
    """The source without the `@` of those places, so that what stands there begins no island."""
    if not names:
        return source
    masked = bytearray(source)
    for start in names:
        masked[start] = 97
    return bytes(masked)
