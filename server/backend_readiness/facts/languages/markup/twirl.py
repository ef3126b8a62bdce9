"""Twirl templates of Play: HTML with expressions of Scala behind an `@`.

Only what leads somewhere is read: expressions that put text out (`@order.id`, `@(a + b)`, `@routes.Orders.show(id)`) and the helpers that
draw forms (`@helper.form(action = routes.Orders.add()) {`). The parameters of the template, conditions, imports, definitions and blocks
of code are blanked; what stands in the braces behind an expression is markup.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Literal

from backend_readiness.facts.languages.markup.brackets import Brackets
from backend_readiness.facts.languages.markup.expression import Reader
from backend_readiness.facts.languages.markup.page import Island
from backend_readiness.facts.model import Value

if TYPE_CHECKING:
    from backend_readiness.facts.languages.markup.page import Page

_AT = re.compile(rb"@")
_PARAMETERS = re.compile(rb"\s{0,200}\(")
_CONTROL = re.compile(rb"@(if|for|while|match|this)\s{0,20}\(")
_IMPORT = re.compile(rb"@(?:import|extends)\b[^\r\n]{0,400}")
_NAME = re.compile(rb"@[A-Za-z_]\w{0,80}")
_STEP = re.compile(rb"\.[A-Za-z_]\w{0,80}")
_DEFINED = re.compile(rb"(?:\s{0,20}:[^=\r\n]{1,200})?\s{0,20}=\s{0,20}@?\{")


class Twirl:
    language = "twirl"
    components = False

    def looks_like(self, source: bytes, name: str) -> int:
        return 0

    def islands(self, source: bytes) -> list[Island]:
        found: list[Island] = []
        brackets = Brackets(source)
        position = text = 0
        begun = False
        while match := _AT.search(source, position):
            begun = begun or bool(source[text : match.start()].strip())
            island = self._island(source, match.start(), begun, brackets)
            position = island.end if island is not None else match.end()
            if island is not None:
                text = position
                begun = begun or island.word not in ("#", "import", "parameters", "this")
                found.append(island)
        return found

    def _island(self, source: bytes, at: int, begun: bool, brackets: Brackets) -> Island | None:
        """The piece of code that an `@` begins; None where it begins none (an address of mail). `begun`: the markup has begun."""
        following = source[at + 1 : at + 2]
        if following == b"@":
            return Island(at, at + 2, at, at, "#")
        if following == b"*":
            end = source.find(b"*@", at + 2)
            return Island(at, end + 2 if end >= 0 else len(source), at, at, "#")
        if at and source[at - 1 : at].isalnum():
            return None
        if following == b"(":
            end = brackets.end(at + 1) if begun else _lists_end(source, at + 1, brackets)
            return Island(at, end, at + 2, max(at + 2, end - 1), "=" if begun else "parameters", begun)
        if following == b"{":
            end = brackets.end(at + 1)
            return Island(at, end, at + 2, max(at + 2, end - 1), "=", b"\n" not in source[at:end])
        control = _CONTROL.match(source, at)
        if control is not None:
            word = control[1].decode()
            opened = control.end() - 1
            return Island(at, _lists_end(source, opened, brackets) if word == "this" else brackets.end(opened), at, at, word)
        imported = _IMPORT.match(source, at)
        if imported is not None:
            return Island(at, imported.end(), at, at, "import")
        name = _NAME.match(source, at)
        if name is None:
            return None
        end = brackets.after_steps(name.end(), _STEP)
        return Island(at, end, at + 1, end, "=", _DEFINED.match(source, end) is None)

    def prepare(self, page: Page) -> None:
        """Nothing is read as a whole."""

    def attribute(self, page: Page, name: str, span: tuple[int, int] | None) -> Value | Literal["plain"] | None:
        return "plain"

    def lower(self, page: Page, island: Island) -> Value | None:
        return Reader(page, island.inner, island.inner_end).value() if island.output else None


def _lists_end(source: bytes, start: int, brackets: Brackets) -> int:
    """Behind the lists of parameters that begin at `start`: `(order: Order)(implicit request: Request)`."""
    end = brackets.end(start)
    while (more := _PARAMETERS.match(source, end)) is not None and b"\n" not in source[end : more.end()]:
        end = brackets.end(more.end() - 1)
    return end


DIALECT = Twirl()
