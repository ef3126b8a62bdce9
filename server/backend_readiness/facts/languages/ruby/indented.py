"""Templates whose nesting is their indentation, Haml and Slim: each line is written as ERB, at its own line, and read as such.

Blocks and elements are closed at the end of the last line that stands below them. Offsets in the facts are those of the ERB text.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from backend_readiness.facts.builder import Builder
from backend_readiness.facts.languages.markup.elements import collect
from backend_readiness.facts.languages.markup.page import Page
from backend_readiness.facts.languages.ruby.attributes import END, balanced, hash_attributes, pair_attributes, words_end
from backend_readiness.facts.languages.ruby.erb import Erb

MAX_LINES = 20_000
MAX_DEPTH = 400
MAX_JOINED = 60
MAX_INLINE = 20
MAX_CHARS = 20_000
_OPENS = re.compile(r"\bdo\s*(?:\|[^|]*\|)?\s*$|^\s*(?:if|unless|case|while|until|for|begin)\b")
_MIDDLE = re.compile(r"\s*(?:else|elsif|when|in|rescue|ensure)\b")
_VOID = frozenset(["area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"])
_HAML_TAG = re.compile(r"%([\w:-]{1,80})|(?=[.#][\w-])")
_SLIM_TAG = re.compile(r"([a-zA-Z][\w-]{0,80})|(?=[.#][\w-])")
_MARKS = re.compile(r"(?:[.#][\w:-]{1,200}){0,40}")
_FILTER = re.compile(r":([a-z]\w{0,30})\s*$|([a-z]\w{0,30}):\s*$")
_SCRIPTS = ("javascript", "coffee", "script")


class _Page:
    """One template that is being written as ERB."""

    def __init__(self, lines: list[str], line: Callable[[_Page, str], tuple[str, str]], *, slim: bool) -> None:
        self.lines, self._line, self.slim = lines, line, slim
        self.out: list[str] = []
        self.open: list[tuple[int, str]] = []

    def text(self) -> str:
        number = 0
        while number < len(self.lines):
            written = self.lines[number]
            body = written.strip()[:MAX_CHARS]
            if not body:
                self.out.append("")
                number += 1
                continue
            indent = len(written) - len(written.lstrip())
            self._close(indent, body)
            skipped = _FILTER.match(body) if not self.slim or body.endswith(":") else None
            comment = body.startswith(("-#", "/")) if not self.slim else body.startswith("/")
            if skipped is not None or comment or (self.slim and body[:1] in "|'"):
                number = self._raw(number, indent, body, (skipped[1] or skipped[2]) if skipped is not None else "", comment=comment)
                continue
            last = number
            while last + 1 < len(self.lines) and last - number < MAX_JOINED and _goes_on(body, slim=self.slim):
                last += 1
                body = f"{body.removesuffix(' |').rstrip()}\n{self.lines[last].strip()}"
            opened, closer = self._line(self, body)
            missing = (last - number) - opened.count("\n")
            self.out.extend((opened + "\n" * max(0, missing)).split("\n")[: last - number + 1])
            if closer:
                if len(self.open) < MAX_DEPTH:
                    self.open.append((indent, closer))
                else:
                    self.out[-1] += closer
            number = last + 1
        self._close(-1, "")
        return "\n".join(self.out)

    def _close(self, indent: int, body: str) -> None:
        code = body.lstrip("-= ") if body[:1] == "-" else ""
        while self.open and self.open[-1][0] >= indent:
            if self.open[-1] == (indent, END) and code and _MIDDLE.match(code):
                return
            self.out[-1] += self.open.pop()[1]

    def _raw(self, number: int, indent: int, body: str, name: str, *, comment: bool) -> int:
        """A filter, a comment or text with all lines that stand deeper."""
        script = name in _SCRIPTS
        self.out.append("<script>" if script else "" if comment or name else body[1:].strip())
        number += 1
        while number < len(self.lines):
            written = self.lines[number]
            if written.strip() and len(written) - len(written.lstrip()) <= indent:
                break
            self.out.append(written.strip() if script or not (comment or name) else "")
            number += 1
        if script:
            self.out[-1] += "</script>"
        return number


def _goes_on(body: str, *, slim: bool) -> bool:
    """Does the next line belong to this one?"""
    if body.endswith(" |") and not slim:
        return True
    code = body.startswith(("=", "-", "!=", "~", "%", ".", "#")) or (slim and re.match(r"[\w.#-]+\s*(?:=|\[|\(|\{|\w+=)", body) is not None)
    return code and ((body.endswith((",", "\\")) and not body.endswith("\\\\")) or balanced(body) > 0)


def _code(body: str) -> tuple[str, str] | None:
    """`= expression` and `- statement`."""
    found = re.match(r"(={1,2}[<>']{0,2}|!=|&=|~|-)\s*", body)
    if found is None or body.startswith("-#"):
        return None
    inner = body[found.end() :]
    opener = "<%" if found[1] == "-" else "<%==" if found[1] in ("==", "!=") else "<%="
    opens = _OPENS.search(inner) is not None
    if _MIDDLE.match(inner) and found[1] == "-":
        return f"<% {inner} %>", ""
    return f"{opener} {inner} %>", END if opens else ""


def _haml(page: _Page, body: str) -> tuple[str, str]:
    code = _code(body)
    if code is not None:
        return code
    if body.startswith("!!!"):
        return "", ""
    found = _HAML_TAG.match(body)
    if found is None:
        return _plain(body.removeprefix("\\")), ""
    tag, position = found[1] or "div", found.end()
    marks = _MARKS.match(body, position)
    position = marks.end() if marks is not None else position
    attributes = ""
    for _ in range(2):
        if body[position : position + 1] not in ("{", "("):
            break
        end = words_end(body, position)
        inner = body[position + 1 : end - 1]
        attributes += hash_attributes(inner) if body[position] == "{" else pair_attributes(inner)
        position = end
    return _element(tag, attributes, body[position:].lstrip("<>"))


def _slim(page: _Page, body: str, depth: int = 0) -> tuple[str, str]:
    code = _code(body)
    if code is not None:
        return code
    found = _SLIM_TAG.match(body)
    if found is None or body.startswith("doctype"):
        return "" if body.startswith("doctype") else _plain(body), ""
    tag, position = found[1] or "div", found.end()
    marks = _MARKS.match(body, position)
    position = marks.end() if marks is not None else position
    rest = body[position:].lstrip("<>") if body[position : position + 1] in "<>" else body[position:]
    if rest.startswith(":") and rest[1:].strip() and depth < MAX_INLINE:  # `li: a href="/x"`
        opened, closer = _slim(page, rest[1:].strip(), depth + 1)
        outer, outer_closer = _element(tag, "", "")
        return outer + opened, closer + outer_closer
    if rest[:1] in ("[", "(", "{"):
        end = words_end(rest, 0)
        return _element(tag, pair_attributes(rest[1 : end - 1]), rest[end:])
    attributes, after = _leading_pairs(rest)
    return _element(tag, attributes, after)


def _leading_pairs(rest: str) -> tuple[str, str]:
    """The attributes `name="text"` and `name=expression` at the start of a text, and what follows."""
    found, position = "", 0
    while (match := re.compile(r"\s+\*?([\w:@.-]{1,80})==?(?=\S)").match(rest, position)) is not None:
        end = words_end(rest, match.end())
        found += pair_attributes(rest[position:end])
        position = end
    return found, rest[position:]


def _element(tag: str, attributes: str, rest: str) -> tuple[str, str]:
    rest = rest.strip()
    closer = "" if tag in _VOID or rest == "/" else f"</{tag}>"
    opened = f"<{tag}{attributes}>"
    code = _code(rest) if rest[:1] in "=!&~" else None
    if code is not None:
        return opened + code[0], code[1] + closer
    return opened + _plain(rest.removesuffix("/") if rest == "/" else rest), closer


def _plain(text: str) -> str:
    """Text with what it interpolates put out."""
    return re.sub(r"#\{([^{}]{0,400})\}", r"<%= \1 %>", text.replace("<%", "&lt;%"))


def extract(source: bytes, language: str) -> Builder:
    """The facts of one template in a Builder of language `haml` or `slim`."""
    lines = source.decode("utf-8", "replace").expandtabs(2).split("\n")[:MAX_LINES]
    slim = language == "slim"
    written = _Page(lines, _slim if slim else _haml, slim=slim).text().encode()
    builder = Builder(language, written)
    collect(Page(builder, written, Erb()), markup=True)
    builder.names.discard("")
    return builder
