"""Finds what is no markup in a page: scriptlets, `${expressions}`, and the tags that stand inside of other tags or make an address.

A tag with a prefix is an element like any other (`<form:form>`), but for these: tags inside of an attribute or of a script, and everywhere
those that make an address (`<c:url>`), set a name (`<c:set>`) or include a page. `word` of an island is `@`, `!`, `=`, `#` (a comment) or
nothing for what stands between `<%` and `%>`, `$` for an expression, and the name without prefix for a tag.
"""

from __future__ import annotations

import re

from backend_readiness.facts.languages.markup.page import Flow, Island

ADDRESSES = frozenset({"url", "rewrite"})
INCLUDES = frozenset({"include", "import"})
_ALWAYS = ADDRESSES | INCLUDES | {"set"}
_TOKEN = re.compile(rb"<%--|<%[!@=]?|(?<!\\)\$\{|<(/?)([A-Za-z][\w.-]{0,60})(?::([A-Za-z][\w.-]{0,60}))?|[\"'>]")
_ATTRIBUTES = re.compile(rb"(?:[^<>\"']|\"[^\"]{0,4000}\"|'[^']{0,4000}'){0,400}>")
_IN_BRACES = re.compile(rb"(?:[^{}\"'\n]|\"[^\"\n]{0,400}\"|'[^'\n]{0,400}'|\{[^{}\n]{0,400}\}){0,400}\}")
MAX_BODY = 2_000
MAX_ISLANDS = 20_000
MAX_CHARS = 4_000  # in one tag or expression
MAX_OPEN = 400  # of those that nothing ends


class _Finder:
    def __init__(self, source: bytes) -> None:
        self._source = source
        self._absent: set[bytes] = set()

    def find(self, needle: bytes, start: int) -> int:
        if needle in self._absent:
            return -1
        found = self._source.find(needle, start)
        if found < 0:
            self._absent.add(needle)
        return found


def islands(source: bytes) -> list[Island]:
    """All of them in order, without overlap, in linear time."""
    found: list[Island] = []
    finder = _Finder(source)
    inside, quote, script = False, b"", False
    tag = b""
    chosen: list[int] = []  # of each open `choose`: the branches so far
    position = unended = 0
    while unended < MAX_OPEN and len(found) < MAX_ISLANDS and (match := _TOKEN.search(source, position)):
        position = match.end()
        token = match[0]
        island: Island | None = None
        if token.startswith(b"<%"):
            island = _code(source, match, finder)
        elif token == b"${":
            braces = _IN_BRACES.match(source, match.end(), match.end() + MAX_CHARS)
            island = Island(match.start(), braces.end(), match.end(), braces.end() - 1, "$", True) if braces is not None else None
            unended += braces is None
        elif match[2] is not None:
            local = match[3].decode().lower() if match[3] is not None else ""
            if local and (inside or script or (local in _ALWAYS and not match[1])):
                island = _tag(source, match, local, finder, chosen, nested=inside or script)
                unended += island is None
            elif script:
                script = not (match[1] and match[2].lower() == b"script")
                inside, quote, tag = not script, b"", b""
            elif not quote:
                inside, quote, tag = True, b"", b"" if match[1] else match[2].lower()
        elif inside and token == b">":
            if not quote:
                inside, script = False, tag == b"script" and source[match.start() - 1 : match.start()] != b"/"
        elif inside and token in (b'"', b"'"):
            quote = b"" if quote == token else quote or token
        if island is not None:
            found.append(island)
            position = island.end
    return found


def _code(source: bytes, match: re.Match[bytes], finder: _Finder) -> Island | None:
    comment = match[0] == b"<%--"
    closer = b"--%>" if comment else b"%>"
    end = finder.find(closer, match.end())
    if end < 0:
        return None
    word = "#" if comment else match[0][2:].decode()
    return Island(match.start(), end + len(closer), match.end(), end, word, output=word == "=")


def _tag(source: bytes, match: re.Match[bytes], local: str, finder: _Finder, chosen: list[int], *, nested: bool) -> Island | None:
    """The island of a tag with a prefix; of one that makes an address its body, where parameters stand, belongs to it."""
    attributes = _ATTRIBUTES.match(source, match.end(), match.end() + MAX_CHARS)
    if attributes is None:
        return None
    start, inner, end = match.start(), match.end(), attributes.end()
    alone = source[end - 2 : end - 1] == b"/"
    if match[1]:
        if local == "choose" and chosen:
            chosen.pop()
        return Island(start, end, inner, end - 1, "/", flow="close" if local in ("if", "choose") else "")
    if local in ADDRESSES and not alone:
        closing = finder.find(b"</" + (match[2] + b":" + (match[3] or b"")), end)
        last = source.find(b">", closing, closing + 20) + 1 if 0 <= closing < end + MAX_BODY else 0
        end = last or end
    flow = _flow(local, chosen) if nested and not alone else ""
    named = re.search(rb"\bvar\s*=", source[inner : attributes.end()]) is not None or local in ("set", "param") or local in INCLUDES
    output = not named and not flow and (alone or local in ADDRESSES)
    return Island(start, end, inner, attributes.end() - (2 if alone else 1), local, output, flow)


def _flow(local: str, chosen: list[int]) -> Flow:
    if local == "choose":
        chosen.append(0)
    elif local in ("when", "otherwise") and chosen:
        chosen[-1] += 1
        return "open" if chosen[-1] == 1 else "middle"
    return "open" if local == "if" else "middle" if local == "else" else ""
