"""Angular templates.

`(event)`, `[property]`, `[(model)]` and `*directive` attributes are lowered; `@if`, `@for`, `@switch` are Blocks. A pipe is
`Op("|", (value, Name))`; its arguments are further operands of `|`.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Literal

from backend_readiness.facts.languages.markup import bindings
from backend_readiness.facts.languages.markup.braces import Braces
from backend_readiness.facts.languages.markup.page import Island
from backend_readiness.facts.model import Name, Value

if TYPE_CHECKING:
    from backend_readiness.facts.languages.markup.page import Page

_OPENER = re.compile(
    rb"<!--|<script\b|<style\b|\{\{|\}|<[a-zA-Z/]"
    rb"|@(?:if|else(?:\s+if)?|for|empty|switch|case|default|defer|placeholder|loading|error|let)\b",
    re.IGNORECASE,
)
_CLOSERS = {b"<!--": b"-->", b"<script": b"</script", b"<style": b"</style", b"{{": b"}}"}
_SKIP_TAG = re.compile(rb"[^\"'>]*(?:\"[^\"]*\"[^\"'>]*|'[^']*'[^\"'>]*)*>?")
_EVIDENCE = re.compile(
    rb"\*ng[A-Z]\w+|\[\([\w.]+\)\]=|\s\([a-z][\w.]*\)=[\"']|\s\[[a-z][\w.-]*\]=[\"']|<ng-(?:container|template)\b"
    rb"|@(?:if|for|switch)\s{0,3}\([^)\n]{1,200}\)\s{0,3}\{|\sformControlName=|<router-outlet"
)
_HEAD = re.compile(rb"\s*(?=\()")
_BRACE = re.compile(rb"\s*\{")
_FOR = re.compile(rb"\s*(?:(?:let|const)\s+)?(\w+)\s+of\s")
_LET = re.compile(rb"\s*(\w+)\s*=")
_KINDS = {"if": "if", "for": "loop", "switch": "switch", "case": "case", "default": "case"}
_PIPE_ARGUMENT = re.compile(rb"(\|\s*[A-Za-z_]\w*\s*):")
_PIPE_MORE = re.compile(rb"(\|\s*(?:'[^']*'|\"[^\"]*\"|[\w.]+)\s*):")


class Angular:
    language = "angular"
    components = True

    def looks_like(self, source: bytes, name: str) -> int:
        if name.endswith(".component.html"):
            return 100
        return 70 if _EVIDENCE.search(source) else 0

    def islands(self, source: bytes) -> list[Island]:
        found: list[Island] = []
        lower, braces = source.lower(), Braces(source)
        absent: set[bytes] = set()
        open_blocks = position = 0
        while match := _OPENER.search(source, position):
            opener = match[0].lower()
            closer = _CLOSERS.get(opener)
            if closer:
                end = -1 if closer in absent else lower.find(closer, match.end())
                if end < 0:
                    absent.add(closer)
                    position = match.end()
                    continue
                position = end + len(closer)
                if opener == b"{{":
                    found.append(Island(match.start(), position, match.end(), end, "{{", output=True))
            elif opener == b"}":
                position = match.end()
                if open_blocks:
                    open_blocks -= 1
                    found.append(Island(match.start(), position, position, position, "}"))
            elif opener.startswith(b"<"):
                position = _tag(source, match, found)
            else:
                island = _block(source, match, braces)
                if island and island.word != "let":
                    open_blocks += 1
                if island:
                    found.append(island)
                position = island.end if island else match.end()
        return found

    def prepare(self, page: Page) -> None:
        return None

    def lower(self, page: Page, island: Island) -> Value | None:
        word = island.word
        if word == "{{":
            return expression(page, island.inner, island.inner_end)
        if word == "}":
            page.close_last(island)
        elif word == "let":
            name = _LET.match(page.source, island.inner, island.inner_end)
            if name:
                page.assign(page.builder.name(name[1].decode()), expression(page, name.end(), island.inner_end), island, "const")
        elif word == "for":
            loop = _FOR.match(page.source, island.inner, island.inner_end)
            begin = loop.end() if loop else island.inner
            iterated = expression(page, begin, _part(page, begin, island.inner_end))
            page.open(word, "loop", iterated, island)
            if loop:
                page.assign(page.builder.name(loop[1].decode()), iterated, island, "for")
        else:
            stop = _part(page, island.inner, island.inner_end)
            subject = expression(page, island.inner, stop) if island.inner < stop and word != "defer" else None
            kind = "else" if word.startswith("else") or word == "empty" else _KINDS.get(word, "")
            page.open(word, kind, subject, island)
        return None

    def attribute(self, page: Page, name: str, span: tuple[int, int] | None) -> Value | Literal["plain"] | None:
        if name.startswith("("):
            return page.handler(*span) if span else None
        if name.startswith(("[", "bind-")):
            return expression(page, *span) if span else None
        if name.startswith("*"):
            return _directive(page, name, span) if span else None
        return "plain"


def expression(page: Page, start: int, end: int) -> Value | None:
    """An expression with pipes: `a | date: 'short'` is read as `a | date | 'short'`."""
    code = page.source[start:end]
    if b"|" not in code or b":" not in code or len(code) > 4000:
        return page.expression(start, end)
    changed = _PIPE_ARGUMENT.sub(rb"\1|", code)
    changed = _PIPE_MORE.sub(rb"\1|", changed) if changed != code else changed
    return page.expression_of(changed, start)


def _part(page: Page, start: int, end: int) -> int:
    """Where the first part of `items; track item.id` ends."""
    stop = page.source.find(b";", start, end)
    return end if stop < 0 else stop


def _tag(source: bytes, match: re.Match[bytes], found: list[Island]) -> int:
    """Skip a tag, whose attributes hold braces and at-signs that are no blocks; note the `{{ }}` inside."""
    skipped = _SKIP_TAG.match(source, match.end())
    end = skipped.end() if skipped else match.end()
    position = match.end()
    while (start := source.find(b"{{", position, end)) >= 0:
        stop = source.find(b"}}", start, end)
        if stop < 0:
            break
        position = stop + 2
        found.append(Island(start, position, start + 2, stop, "{{", output=True))
    return end


def _block(source: bytes, match: re.Match[bytes], braces: Braces) -> Island | None:
    word = " ".join(match[0][1:].decode().lower().split())
    if word == "let":
        end = source.find(b";", match.end(), match.end() + 2000)
        return Island(match.start(), end + 1, match.end(), end, "let") if end >= 0 else None
    inner = inner_end = after = match.end()
    head = _HEAD.match(source, match.end())
    if head:
        after = braces.end(head.end())
        if after < 0:
            return None
        inner, inner_end = head.end() + 1, after - 1
    brace = _BRACE.match(source, after)
    return Island(match.start(), brace.end(), inner, inner_end, word) if brace else None


def _directive(page: Page, name: str, span: tuple[int, int]) -> Value | None:
    """`*ngFor="let order of orders; trackBy: byId"`, `*ngIf="user$ | async as user; else login"`."""
    start, end = span
    stop = _part(page, start, end)
    loop = _FOR.match(page.source, start, stop) if name == "*ngFor" else None
    if loop:
        iterated = expression(page, loop.end(), stop)
        bindings.bind(page, page.builder.name(loop[1].decode()), iterated, span)
        return iterated
    if page.source[start:stop].strip().startswith(b"let "):
        return None
    alias = page.source.rfind(b" as ", start, stop)
    if alias > 0:
        value = expression(page, start, alias)
        if value is not None:
            bindings.bind(page, Name(page.text(alias + 4, stop).strip()), value, span)
        return value
    return expression(page, start, stop)


DIALECT = Angular()
