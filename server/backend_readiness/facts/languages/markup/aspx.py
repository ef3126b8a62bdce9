"""Pages, controls and frames of ASP.NET Web Forms, and views of its old engine.

The code between the markup is C#; only expressions that put text out are read (`<%= Url.Action("Edit") %>`, `<%: Model.Id %>`,
`<%# Eval("Id") %>`), which are close enough to JavaScript to be read as such. Blocks of code, directives and comments are blanked.
Server controls are elements like others (`<asp:Button OnClick="Save_Click">`).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Literal

from backend_readiness.facts.languages.markup.page import Island
from backend_readiness.facts.languages.markup.razor import like_script
from backend_readiness.facts.model import Value

if TYPE_CHECKING:
    from backend_readiness.facts.languages.markup.page import Page

_OPENER = re.compile(rb"<%(--|[=:#$@!]|)")
_OUTPUTS = ("=", ":", "#", "$")
_RESOURCE = "$"


class Aspx:
    language = "aspx"
    components = False

    def looks_like(self, source: bytes, name: str) -> int:
        return 0

    def islands(self, source: bytes) -> list[Island]:
        found: list[Island] = []
        position = 0
        while match := _OPENER.search(source, position):
            word = match[1].decode()
            end = source.find(b"--%>" if word == "--" else b"%>", match.end())
            if end < 0:
                break
            position = end + (4 if word == "--" else 2)
            found.append(Island(match.start(), position, match.end(), end, word or "{", word in _OUTPUTS))
        return found

    def prepare(self, page: Page) -> None:
        """Nothing is read as a whole."""

    def attribute(self, page: Page, name: str, span: tuple[int, int] | None) -> Value | Literal["plain"] | None:
        return "plain"

    def lower(self, page: Page, island: Island) -> Value | None:
        if not island.output or island.word == _RESOURCE:
            return None
        inner = island.inner + (page.source[island.inner : island.inner + 1] == b":")  # `<%#: Item.Name %>`
        return page.expression_of(like_script(page.source[inner : island.inner_end]), inner)


DIALECT = Aspx()
