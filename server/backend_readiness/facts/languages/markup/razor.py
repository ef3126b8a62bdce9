"""Razor views and pages.

The code between the markup is C#; only what leads somewhere is read: expressions that put text out (`@Model.Id`, `@(a.B)`,
`@Url.Action("Index")`), which are close enough to JavaScript to be read as such, the forms of helpers, partial views, and directives:
`@page "/x/{id}"` is a Call of `Name("page")`, `@model Order` one of `Name("model")` with the type as text. Blocks of code are blanked.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Literal

from backend_readiness.facts.languages.markup.brackets import Brackets
from backend_readiness.facts.languages.markup.page import Island
from backend_readiness.facts.model import Arg, CallRef, Lit, Member, Name, Value

if TYPE_CHECKING:
    from backend_readiness.facts.languages.markup.page import Page

_AT = re.compile(rb"@")
_BLOCK = re.compile(rb"@(?:functions|code)?\s{0,200}\{")
_MARKUP = re.compile(rb"[{};]\s{0,400}(<[a-z][\w-]{0,40}[\s/>])")
_CODE_LINE = re.compile(
    rb"[ \t]*(?:[{}()]|(?:else|if|foreach|for|while|switch|var|await|try|catch)\b|[\w.<>\[\]?]{1,80} \w{1,80} = |[^<@\r\n]{0,400};\s*$)"
    rb"[^\r\n]*"
)
_CONTROL = re.compile(rb"@(if|foreach|for|while|switch|using|lock|section)\b")
_DIRECTIVE = re.compile(
    rb"@(page|model|inject|using|namespace|inherits|layout|addTagHelper|removeTagHelper|implements|attribute|typeparam)\b([^\r\n]{0,400})"
)
_NAME = re.compile(rb"@(?:await\s{1,8})?([A-Za-z_]\w{0,80})")
_STEP = re.compile(rb"\??\.([A-Za-z_]\w{0,80})")
_TEXT = re.compile(r'"([^"\r\n]{0,300})"')
_PARTIALS = frozenset(("PartialAsync", "RenderPartialAsync", "Partial", "RenderPartial"))


_OF_SHARP = re.compile(
    rb'"(?:[^"\\\r\n]|\\.){0,400}"'  # a text stays as it is
    rb"|(?P<object>\bnew(?=\s{0,20}\{))"
    rb"|(?P<before>[{,]\s{0,80})(?P<at>@?)(?P<key>[A-Za-z_]\w{0,80}\s{0,20})=(?![=>])"
    rb"|(?P<argument>(?<=[(,])\s{0,80}[A-Za-z_]\w{0,80}:(?=[\s\"]))"
)


def like_script(code: bytes) -> bytes:
    """The same of the same length as JavaScript writes it: `new { @class = "x" }` as an object, an argument without its name."""
    return _OF_SHARP.sub(_rewritten, code) if b"{" in code or b":" in code else code


def _rewritten(found: re.Match[bytes]) -> bytes:
    if found["object"] or found["argument"]:
        return b" " * len(found[0])
    if found["key"] is not None:
        return found["before"] + b" " * len(found["at"]) + found["key"] + b":"
    return found[0]


def _before_markup(source: bytes, block: Island) -> tuple[Island, list[Island]]:
    """A block up to the markup that its code writes (`@{ if (one) { <p>One</p> } }`), and the lines of code behind; all of it without."""
    markup = _MARKUP.search(source, block.start, block.end) if b"<script" not in source[block.start : block.end] else None
    if markup is None:
        return block, []
    lines: list[Island] = []
    first = at = markup.start(1)
    for line in source[at : block.end].splitlines(keepends=True):
        written = _CODE_LINE.match(line) if at > first else None
        if written is not None:
            lines.append(Island(at, at + written.end(), at, at, "{"))
        at += len(line)
    return Island(block.start, first, block.start, block.start, "{"), lines


class Razor:
    language = "razor"
    components = False

    def looks_like(self, source: bytes, name: str) -> int:
        return 0

    def islands(self, source: bytes) -> list[Island]:
        found: list[Island] = []
        lines: list[Island] = []
        brackets = Brackets(source)
        position = 0
        while match := _AT.search(source, position):
            island = self._island(source, match.start(), brackets)
            if island is not None and island.word == "{" and source.startswith(b"@{", island.start):
                island, more = _before_markup(source, island)
                lines.extend(more)
            position = island.end if island is not None else match.end()
            if island is not None and island.word != "skip":
                found.append(island)
        if not lines:
            return found
        inside = [i for i in found if not any(line.start <= i.start < line.end for line in lines)]
        return sorted([*inside, *lines], key=lambda i: i.start)

    def directive(self, source: bytes, at: int) -> re.Match[bytes] | None:
        """The directive that an `@` begins: its word and the rest of its line."""
        return _DIRECTIVE.match(source, at)

    def _island(self, source: bytes, at: int, brackets: Brackets) -> Island | None:
        """The piece of Razor that an `@` begins; None where it begins none (an address of mail)."""
        following = source[at + 1 : at + 2]
        if following == b"@":
            return Island(at, at + 2, at, at, "skip")
        if following == b"*":
            end = source.find(b"*@", at + 2)
            return Island(at, end + 2 if end >= 0 else len(source), at, at, "#")
        if at and (source[at - 1 : at].isalnum() or source[at - 1 : at] in (b".", b"_")):
            return None
        if following == b"(":
            end = brackets.end(at + 1)
            return Island(at, end, at + 2, max(at + 2, end - 1), "(", True)
        block = _BLOCK.match(source, at)
        if block is not None:
            return Island(at, brackets.end(block.end() - 1), at, at, "{")
        control = _CONTROL.match(source, at)
        if control is not None and (control[1] != b"using" or source[control.end() : control.end() + 20].lstrip()[:1] == b"("):
            opened = source.find(b"(", control.end(), control.end() + 20)
            end = brackets.end(opened) if opened >= 0 else control.end()
            return Island(at, end, opened + 1 if opened >= 0 else end, max(at, end - 1) if opened >= 0 else end, control[1].decode())
        directive = self.directive(source, at)
        if directive is not None:
            return Island(at, directive.end(), directive.start(2), directive.end(2), directive[1].decode())
        name = _NAME.match(source, at)
        if name is None:
            return None
        end = brackets.after_steps(name.end(), _STEP)
        return Island(at, end, name.start(1), end, "=", True)

    def prepare(self, page: Page) -> None:
        """Nothing is read as a whole."""

    def attribute(self, page: Page, name: str, span: tuple[int, int] | None) -> Value | Literal["plain"] | None:
        return "plain"

    def lower(self, page: Page, island: Island) -> Value | None:
        if island.word in ("page", "model"):
            written = page.text(island.inner, island.inner_end).strip()
            quoted = _TEXT.search(written)
            text = quoted.group(1) if quoted else "" if island.word == "page" else written
            page.call(Name(island.word), (Arg(Lit(text)),) if text else (), island.start, island.end)
            return None
        if not island.output and island.word != "using":
            return None
        value = page.expression_of(like_script(page.source[island.inner : island.inner_end]), island.inner)
        if isinstance(value, CallRef):
            call = page.builder.calls[value.call]
            if isinstance(call.callee, Member) and call.callee.name in _PARTIALS:
                page.include(call.args[0].value if call.args else None)
        return value if island.output else None


DIALECT = Razor()
