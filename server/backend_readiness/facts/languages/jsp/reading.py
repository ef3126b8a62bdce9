"""One page of a Java server: the elements that it draws, and its Java.

Beside what `markup/documents.py` says of templates: the scriptlets and declarations are one Java program with markup between, whose
statements belong to the file. The objects that every page has (`request`, `session`, `out` ...) are variables of their types. `${a.b}` and
`<%= x %>` are outputs; the context path is "". `<c:url value="/x" var="u"/>` and `<c:set var="u" value="/x"/>` bind `u`, an address
without `var` is an output, and the action that an address names (`action="save" namespace="/orders"`) is its path. `<%@ include %>` and
`<jsp:include>` go to `template`, what a page includes as it is written also to the imports (`Import("./head.jsp", "*")`).
"""

from __future__ import annotations

import re
from typing import Literal

from backend_readiness.facts.builder import Builder

# imported for its handlers, which register themselves by node kind
from backend_readiness.facts.languages.java import walker
from backend_readiness.facts.languages.java.grammar import GRAMMAR
from backend_readiness.facts.languages.jsp.islands import ADDRESSES, INCLUDES, islands
from backend_readiness.facts.languages.jvm.bodies import declarations
from backend_readiness.facts.languages.jvm.tree import Walk, count_errors
from backend_readiness.facts.languages.markup.elements import collect
from backend_readiness.facts.languages.markup.page import Island, Page
from backend_readiness.facts.languages.text import join_text
from backend_readiness.facts.model import Assign, Import, Lit, Name, Unknown, Value

_HANDLERS = (walker,)
_BLANK = bytes(byte if byte in b"\r\n" else 32 for byte in range(256))
_CONTEXT_PATH = re.compile(
    rb"pageContext\.request\.contextPath|(?:request|\(\(HttpServletRequest\)\s?request\)|application)\s?\.\s?getContextPath\s?\(\s?\)"
    rb"|pageContext\.(?:servletContext|request)\.(?:contextPath|getContextPath\(\))"
)
_FUNCTION = re.compile(rb"\b([A-Za-z]\w{0,30}):(?=[A-Za-z]\w{0,60}\()")
_ATTRIBUTE = re.compile(r"([\w:.-]{1,60})\s*=\s*(?:\"([^\"]{0,2000})\"|'([^']{0,2000})')")
_EXPRESSION = re.compile(r"\$\{([^{}]{0,300})\}|<%=([^%]{0,300})%>|\{(\w{1,60})\}")
_WORD = re.compile(r"(\w+)\W*$")
_SERVLET = "javax.servlet"
_OBJECTS = (
    ("request", f"{_SERVLET}.http", "HttpServletRequest"),
    ("response", f"{_SERVLET}.http", "HttpServletResponse"),
    ("session", f"{_SERVLET}.http", "HttpSession"),
    ("application", _SERVLET, "ServletContext"),
    ("pageContext", f"{_SERVLET}.jsp", "PageContext"),
    ("out", f"{_SERVLET}.jsp", "JspWriter"),
)


def read(source: bytes) -> Builder:
    """The facts of one page in a Builder of language `jsp`. Never raises for any bytes but those that `Grammar.root` refuses."""
    builder = Builder("jsp", source)
    collect(Page(builder, source, _Jsp()))
    builder.names.discard("")
    return builder


class _Jsp:
    language = "jsp"
    components = False

    def looks_like(self, source: bytes, name: str) -> int:
        return 0

    def islands(self, source: bytes) -> list[Island]:
        return islands(source)

    def prepare(self, page: Page) -> None:
        """Read what stands in scriptlets and declarations as one program."""
        code = [i for i in page.islands if i.word in ("", "!")]
        if not code:
            return
        program = bytearray(page.source.translate(_BLANK))
        for island in code:
            program[island.inner : island.inner_end] = _without_context(page.source[island.inner : island.inner_end])
        for name, module, kind in _OBJECTS:
            page.builder.imports.append(Import(module, kind, kind, 1))
            page.builder.assigns.append(Assign(page.builder.name(name), None, page.builder.name(kind), 0, 1, 1, 0, 0, kind="let"))
        root = GRAMMAR.root(bytes(program))
        count = declarations(Walk(bytes(program), page.builder, GRAMMAR), root)
        page.builder.amend(0, statements=count)
        page.builder.errors += count_errors(root)

    def attribute(self, page: Page, name: str, span: tuple[int, int] | None) -> Value | Literal["plain"] | None:
        return "plain"

    def lower(self, page: Page, island: Island) -> Value | None:
        word = island.word
        if word in ("=", "$"):
            return _output(page, island.inner, island.inner_end)
        if word == "@":
            _directive(page, island)
        elif word in ADDRESSES or word in INCLUDES or word == "set" or island.output:
            return _tag(page, island)
        return None


def _output(page: Page, start: int, end: int) -> Value | None:
    """Expressions are close enough to those of scripts to be read as such."""
    return page.expression_of(_FUNCTION.sub(lambda m: m[1] + b"_", _without_context(page.source[start:end])), start)


def _without_context(code: bytes) -> bytes:
    """Code with "" in the place of the context path, at the same length."""
    return _CONTEXT_PATH.sub(lambda m: b'""'.ljust(len(m[0])), code)


def _directive(page: Page, island: Island) -> None:
    written = page.text(island.inner, island.inner_end)
    kind = written.split(maxsplit=1)[0] if written.strip() else ""
    attrs = _attributes(written)
    line = page.line(island.start)
    if kind == "page":
        for item in attrs.get("import", "").split(",")[:100]:
            module, _, name = "".join(item.split()).rpartition(".")
            if module:
                local = None if name == "*" else name
                page.builder.imports.append(Import(module, name, local, line))
                page.builder.names.add(name)
    elif kind == "include" and attrs.get("file"):
        page.include(Lit(attrs["file"]))
        page.builder.imports.append(Import(attrs["file"] if "/" in attrs["file"] else f"./{attrs['file']}", "*", None, line))


def _attributes(written: str) -> dict[str, str]:
    return {name: double or single for name, double, single in _ATTRIBUTE.findall(written)}


def _tag(page: Page, island: Island) -> Value | None:
    attrs = _attributes(page.text(island.inner, island.inner_end))
    if island.word in INCLUDES:
        target = attrs.get("page") or attrs.get("url") or attrs.get("file") or attrs.get("value")
        if target and "$" not in target and "<" not in target and "://" not in target:
            page.include(Lit(target))
        return None
    value = _address(page, attrs) if island.word in ADDRESSES else _text(page, attrs.get("value", ""))
    name = attrs.get("var") or (attrs.get("id") if island.word in ADDRESSES else "")
    if name and name.isidentifier():
        page.assign(page.builder.name(name), value, island)
    return value if island.output else None


def _address(page: Page, attrs: dict[str, str]) -> Value:
    written = attrs.get("value") or attrs.get("page") or attrs.get("href")
    if written is None and attrs.get("action"):
        written = f"{attrs.get('namespace', '').rstrip('/')}/{attrs['action']}" if "namespace" in attrs else attrs["action"]
    return _text(page, written or "")


def _text(page: Page, written: str) -> Value:
    """Text with `${expressions}` and `{parameters}`: the names at their ends; the context path is nothing."""
    parts: list[Value] = []
    at = 0
    for found in _EXPRESSION.finditer(written):
        parts.append(Lit(written[at : found.start()]))
        at = found.end()
        inner = found[1] or found[2] or found[3] or ""
        if _CONTEXT_PATH.search(inner.encode()):
            continue
        word = _WORD.search(inner)
        parts.append(Name(page.builder.name(word[1]).id) if word is not None else Unknown(inner[:80]))
    parts.append(Lit(written[at:]))
    return join_text(p for p in parts if p != Lit(""))
