"""Vue components, and plain HTML pages with Vue, Alpine, AngularJS or nothing in them.

`{{ x }}` is a JavaScript expression. Both read attributes alike; only the case of tags and `v-slot` differ.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Literal

from backend_readiness.facts.languages.markup import bindings
from backend_readiness.facts.languages.markup.page import Island
from backend_readiness.facts.model import Value

if TYPE_CHECKING:
    from backend_readiness.facts.languages.markup.page import Page

_OPENER = re.compile(rb"<!--|<script\b|<style\b|\{\{", re.IGNORECASE)
_CLOSERS = {b"<!--": b"-->", b"<script": b"</script", b"<style": b"</style", b"{{": b"}}"}
_FRAMEWORK = re.compile(rb"\s(?:v-|ng-|x-data|x-on:|:|@)[\w.:-]*=[\"']")


def mustaches(source: bytes) -> list[Island]:
    """Every `{{ }}` that stands in no comment, script or style."""
    found: list[Island] = []
    lower = source.lower()
    absent: set[bytes] = set()
    position = 0
    while match := _OPENER.search(source, position):
        opener = match[0].lower()
        closer = _CLOSERS[opener]
        end = -1 if closer in absent else lower.find(closer, match.end())
        if end < 0:
            absent.add(closer)
            position = match.end()
            continue
        position = end + len(closer)
        if opener == b"{{":
            found.append(Island(match.start(), position, match.end(), end, "{{", output=True))
    return found


class Vue:
    language = "vue"
    components = True

    def looks_like(self, source: bytes, name: str) -> int:
        return 0

    def islands(self, source: bytes) -> list[Island]:
        return mustaches(source)

    def prepare(self, page: Page) -> None:
        return None

    def lower(self, page: Page, island: Island) -> Value | None:
        return page.expression(island.inner, island.inner_end)

    def attribute(self, page: Page, name: str, span: tuple[int, int] | None) -> Value | Literal["plain"] | None:
        return bindings.slot(page, name, span)


class Html(Vue):
    language = "html"
    components = False

    def looks_like(self, source: bytes, name: str) -> int:
        return 30 if _FRAMEWORK.search(source) else 1

    def attribute(self, page: Page, name: str, span: tuple[int, int] | None) -> Value | Literal["plain"] | None:
        return "plain"


DIALECTS = (Vue(), Html())
