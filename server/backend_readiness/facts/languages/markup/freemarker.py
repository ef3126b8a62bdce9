"""Templates of FreeMarker: HTML with outputs `${order.id}` and directives `<#if order??>`, `<#list orders as order>`, `<@form.row />`.

An output is the name that it begins with, whatever built-ins follow (`${(order.name)!?html}`); the path under which the application stands
(`${request.contextPath}`) is empty text. `<#include>` and `<#import>` go to `template`; other directives and calls of macros are blanked,
those of conditions branch the attributes that they stand in.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Literal

from backend_readiness.facts.languages.markup.page import Flow, Island
from backend_readiness.facts.model import Lit, Member, Name, Unknown, Value

if TYPE_CHECKING:
    from backend_readiness.facts.languages.markup.page import Page

_OPENER = re.compile(rb"<#--|\$\{|</?[#@](?=[A-Za-z])")
_DIRECTIVE = re.compile(rb"</?[#@]([\w.]{1,80})(?:[^<>\"']|\"[^\"<]{0,400}\"|'[^'<]{0,400}'|<=?|>=){0,400}?/?>")
_OUTPUT = re.compile(rb"\$\{(?:[^{}\"']|\"[^\"]{0,200}\"|'[^']{0,200}'){0,400}\}")
_NAMED = re.compile(r"[\s(]*([A-Za-z_]\w{0,80}(?:\.[A-Za-z_]\w{0,80}){0,8})")
_FILE = re.compile(rb"[\"']([^\"'<>]{1,200})[\"']")
_SIGN = re.compile(rb"<#(?:if|list|assign|include|import|macro)\s|</#(?:if|list|macro)>")
_ROOT = re.compile(r"(?:\w*[rR]equest|rc|request)(?:\w*\.){0,2}contextPath")
_CONDITIONS = frozenset({"if", "switch"})
_BRANCHES = frozenset({"else", "elseif", "case", "default"})
_BLOCK = "#"


class FreeMarker:
    language = "freemarker"
    components = False

    def looks_like(self, source: bytes, name: str) -> int:
        return 75 if len(_SIGN.findall(source[:200_000])) > 1 else 0

    def islands(self, source: bytes) -> list[Island]:
        found: list[Island] = []
        position = 0
        while match := _OPENER.search(source, position):
            island = self._island(source, match)
            position = island.end if island is not None else match.end()
            found.extend([island] if island is not None else ())
        return found

    def _island(self, source: bytes, opened: re.Match[bytes]) -> Island | None:
        if opened[0] == b"<#--":
            end = source.find(b"-->", opened.end())
            return Island(opened.start(), end + 3 if end >= 0 else len(source), opened.end(), opened.end(), "comment")
        if opened[0] == b"${":
            output = _OUTPUT.match(source, opened.start())
            return Island(output.start(), output.end(), output.start() + 2, output.end() - 1, "=", True) if output is not None else None
        directive = _DIRECTIVE.match(source, opened.start())
        if directive is None:
            return None
        word = directive[1].decode()
        closes = opened[0].startswith(b"</")
        flow: Flow = ""
        if opened[0].endswith(b"#"):
            flow = "middle" if word in _BRANCHES else "" if word not in _CONDITIONS else "close" if closes else "open"
        return Island(directive.start(), directive.end(), directive.end(1), directive.end() - 1, word, False, flow)

    def prepare(self, page: Page) -> None:
        """There is no program to read."""

    def attribute(self, page: Page, name: str, span: tuple[int, int] | None) -> Value | Literal["plain"] | None:
        return "plain"

    def lower(self, page: Page, island: Island) -> Value | None:
        if island.output:
            return _value(page.text(island.inner, island.inner_end))
        if island.word in ("include", "import"):
            file = _FILE.search(page.source, island.inner, island.inner_end)
            if file is not None:
                page.include(Lit(file[1].decode("utf-8", "replace")))
        elif island.flow == "open":
            page.open(_BLOCK, "", None, island)
        elif island.flow == "middle" and page.is_open(_BLOCK):
            page.middle("", None, island)
        elif island.flow == "close" and page.is_open(_BLOCK):
            page.close(_BLOCK, island)
        return None


def _value(text: str) -> Value:
    named = _NAMED.match(text)
    if named is None:
        return Unknown(text.strip()[:80])
    if _ROOT.fullmatch(named[1]):
        return Lit("")
    first, *steps = named[1].split(".")
    value: Value = Name(first)
    for step in steps:
        value = Member(value, step)
    return value


DIALECT = FreeMarker()
