"""Templates of Go's `html/template`: `{{.User.Name}}` is an output, `{{if}}`, `{{range}}` and `{{define}}` branch until `{{end}}`.

`{{template "x" .}}` goes to `template`. Pipelines are not read: an output is unknown text, but for a function that is given an address
(`{{ path "/orders/%d" .ID }}`, `{{ printf "/orders/%d" .ID }}`), which is taken for that address.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Literal

from backend_readiness.facts.languages.markup.page import Flow, Island
from backend_readiness.facts.languages.text import join_text
from backend_readiness.facts.model import Lit, Unknown, Value

if TYPE_CHECKING:
    from backend_readiness.facts.languages.markup.page import Page

_WORD = re.compile(rb"-?\s*([a-z]{2,9})\b")
_INCLUDED = re.compile(rb"-?\s*(?:template|block)\s+\"([^\"]{1,200})\"")
_NAMED = re.compile(rb"\{\{-?\s*(?:define|template|block)\s+\"")
_BRANCH, _END = re.compile(rb"\{\{-?\s*(?:if|range|with)\s"), re.compile(rb"\{\{-?\s*end\s*-?\}\}")
_SET = re.compile(rb"-?\s*\$\w*\s*(?:,\s*\$\w+\s*)?:?=(?!=)")
_ADDRESS = re.compile(r"-?\s*\(?\s*[A-Za-z_$.][\w.]{0,60}\s+[\"`](/[^\"`\s]{0,300})[\"`]")
_VERB = re.compile(r"%[+#-]?[sdvqtx]")
_OPENS = frozenset({"if", "range", "with", "define", "block"})


class GoTemplate:
    language = "gotemplate"
    components = False

    def looks_like(self, source: bytes, name: str) -> int:
        return 70 if _NAMED.search(source) or (_BRANCH.search(source) and _END.search(source)) else 0

    def islands(self, source: bytes) -> list[Island]:
        found: list[Island] = []
        position = 0
        while (start := source.find(b"{{", position)) >= 0:
            end = source.find(b"}}", start + 2)
            if end < 0:
                break
            position = end + 2
            inner_end = end - 1 if source[end - 1 : end] == b"-" and end > start + 2 else end
            if source[start + 2 : start + 6].lstrip(b"- ").startswith(b"/*"):
                found.append(Island(start, position, start + 2, inner_end, "#"))
                continue
            match = _WORD.match(source, start + 2, inner_end)
            word = match[1].decode() if match is not None else ""
            flow: Flow = "open" if word in _OPENS else "middle" if word == "else" else "close" if word == "end" else ""
            control = bool(flow) or word in ("template", "break", "continue") or _SET.match(source, start + 2, inner_end) is not None
            found.append(Island(start, position, start + 2, inner_end, word, not control, flow))
        return found

    def prepare(self, page: Page) -> None:
        """There is no program to read."""

    def attribute(self, page: Page, name: str, span: tuple[int, int] | None) -> Value | Literal["plain"] | None:
        return "plain"

    def lower(self, page: Page, island: Island) -> Value | None:
        included = _INCLUDED.match(page.source, island.inner, island.inner_end)
        if included is not None:
            page.include(Lit(included[1].decode("utf-8", "replace")))
        if island.output:
            return _output(page.text(island.inner, island.inner_end))
        if island.flow == "open":
            page.open("{", "", None, island)
        elif island.flow == "middle" and page.is_open("{"):
            page.middle("", None, island)
        elif island.flow == "close" and page.is_open("{"):
            page.close("{", island)
        return None


def _output(code: str) -> Value:
    address = _ADDRESS.match(code)
    if address is None:
        return Unknown(code.strip("- \n\t")[:80])
    parts: list[Value] = [Lit(address[1])] if "%" not in address[1] else []
    for number, text in enumerate(_VERB.split(address[1]) if not parts else ()):
        parts.extend([Unknown("%"), Lit(text)] if number else [Lit(text)])
    return join_text(p for p in parts if p != Lit(""))


DIALECT = GoTemplate()
