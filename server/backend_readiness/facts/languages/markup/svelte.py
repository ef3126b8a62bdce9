"""Svelte components.

`{x}` is an output in text and in attributes. `{#if}`, `{#each}`, `{#await}`, `{#key}` are Blocks, `{#snippet f(x)}` a function symbol,
`{@html x}` a Call of `raw_output`, `{@const a = b}` an Assign.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Literal

from backend_readiness.facts.languages.markup import bindings
from backend_readiness.facts.languages.markup.braces import Braces, past
from backend_readiness.facts.languages.markup.page import Island
from backend_readiness.facts.model import Arg, CallRef, Name, Param, Value

if TYPE_CHECKING:
    from backend_readiness.facts.languages.markup.page import Page

_OPENER = re.compile(rb"<!--|<script\b|<style\b|\{", re.IGNORECASE)
_CLOSERS = {b"<!--": b"-->", b"<script": b"</script", b"<style": b"</style"}
_WORD = re.compile(rb"\s*([#:/@][a-z]+(?:\s+if\b)?)")
_AS = re.compile(rb"\sas\s")
_THEN = re.compile(rb"\s(?:then|catch)\b")
_DIRECTIVE = re.compile(r"(?:on|bind|use|class|style|let|transition|in|out|animate):([A-Za-z_]\w*)")
_SNIPPET = re.compile(rb"\s*(\w+)\s*\(([^()]*)\)")


class Svelte:
    language = "svelte"
    components = True

    def looks_like(self, source: bytes, name: str) -> int:
        return 0

    def islands(self, source: bytes) -> list[Island]:
        found: list[Island] = []
        lower, braces = source.lower(), Braces(source)
        absent: set[bytes] = set()
        position = 0
        while match := _OPENER.search(source, position):
            opener = match[0].lower()
            if opener == b"{":
                end = braces.end(match.start())
                if end >= 0:
                    found.append(_island(source, match.start(), end))
                position = max(end, match.end())
                continue
            position = past(lower, _CLOSERS[opener], match.end(), absent)
        return found

    def prepare(self, page: Page) -> None:
        return None

    def attribute(self, page: Page, name: str, span: tuple[int, int] | None) -> Value | Literal["plain"] | None:
        """`on:click={save}` has the value of its braces; `use:enhance` and `bind:value` without one mean the name itself."""
        if span is not None:
            island = page.island_at(span[0])
            if island and island.start == span[0] and island.end == span[1]:
                return page.value(island)
            return "plain"
        directive = _DIRECTIVE.match(name)
        if directive and not name.startswith(("on:", "let:")):
            return page.builder.name(directive[1])
        return "plain"

    def lower(self, page: Page, island: Island) -> Value | None:
        word, start, end = island.word, island.inner, island.inner_end
        if word == "":
            spread = page.source[start:end].lstrip().startswith(b"...")
            return page.expression(page.source.index(b"...", start) + 3 if spread else start, end)
        if word == "@html":
            value = page.expression(start, end)
            return CallRef(page.call(Name("raw_output"), (Arg(value),), island.start, island.end)) if value is not None else None
        if word in ("#if", "#key", "#await"):
            cut = _THEN.search(page.source, start, end) if word == "#await" else None
            page.open(word[1:], "if" if word == "#if" else "", page.expression(start, cut.start() if cut else end), island)
        elif word == "#each":
            _each(page, island)
        elif word == "#snippet":
            _snippet(page, island)
        elif word.startswith(":"):
            subject = page.expression(start, end) if word == ":else if" else None
            page.middle("else" if word.startswith(":else") else "", subject, island)
        elif word.startswith("/"):
            page.close(word[1:], island)
        elif word == "@const":
            left, equals, _ = page.source[start:end].partition(b"=")
            if equals:
                target = page.expression(start, start + len(left))
                if target is not None:
                    page.assign(target, page.expression(start + len(left) + 1, end), island, "const")
        elif word != "@debug":
            page.expression(start, end)
        return None


def _island(source: bytes, start: int, end: int) -> Island:
    island = Island(start, end, start + 1, end - 1, output=True)
    word = _WORD.match(source, island.inner, island.inner_end)
    if word:
        island.word = " ".join(word[1].decode().split())
        island.inner, island.output = word.end(), island.word == "@html"
    return island


def _each(page: Page, island: Island) -> None:
    parts = list(_AS.finditer(page.source, island.inner, island.inner_end))
    split = parts[-1] if parts else None  # the last `as`: TypeScript has its own
    iterated = page.expression(island.inner, split.start() if split else island.inner_end)
    page.open("each", "loop", iterated, island)
    if split:
        key = page.source.rfind(b"(", split.end(), island.inner_end)
        end = key if key > 0 and page.source[split.end() : island.inner_end].rstrip().endswith(b")") else island.inner_end
        pattern = page.expression_list(split.end(), end)
        bindings.bind(page, pattern, iterated, (island.start, island.end))


def _snippet(page: Page, island: Island) -> None:
    match = _SNIPPET.match(page.source, island.inner, island.inner_end)
    name = match[1].decode("utf-8", "replace") if match else ""
    params = tuple(Param(name=p) for p in page.text(*match.span(2)).replace(" ", "").split(",") if p.isidentifier()) if match else ()
    page.open("snippet", "", None, island, page.symbol("function", name, params, island.start, island.end))


DIALECT = Svelte()
