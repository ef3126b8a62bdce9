"""Forms and links in texts of a server's code: `format!("<form action='/orders/{id}' method='post'>")`, `"<a href=\\"/orders\\">"`.

A text counts when it is one, whole or put together with values: an element that several statements write piece by piece is not read.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from backend_readiness.facts.file_index import MARKUP
from backend_readiness.facts.model import Alt, Concat, Index, Lit, Member, Op, Record, Seq, Unknown, Value
from backend_readiness.graph.families import COMPONENTS, PAGES
from backend_readiness.graph.routes.route_names import linked_paths
from backend_readiness.graph.routes.routing import BoundRoute
from backend_readiness.graph.sent.clients import ApiCall
from backend_readiness.graph.sent.drawing_routes import DrawingRoutes
from backend_readiness.graph.urls import Piece, alternatives
from backend_readiness.graph.values import SymbolId
from backend_readiness.graph.views import FileView
from backend_readiness.graph.world import Graph
from backend_readiness.model import Place

_TAG = re.compile(r"<(?P<tag>[a-zA-Z][\w-]{0,30})(?P<attributes>(?:\s[^<>]{0,2000})?)>")
_ATTRIBUTE = re.compile(r"(?P<name>[\w:@.-]{1,60})\s*=\s*(?:\"(?P<double>[^\"]*)\"|'(?P<single>[^']*)'|(?P<bare>[^\s\"'>]{1,300}))")
_METHOD_FIELD = re.compile(r"<input[^<>]{0,200}\bname=[\"']_method[\"'][^<>]{0,200}\bvalue=[\"'](?P<method>[a-zA-Z]{3,6})[\"']")
_FORMAT = re.compile(r"%[+#-]?[sdvqtx]|\{\d*\}|\{\w{1,40}\}|\$\{[^{}]{1,80}\}|#\{[^{}]{1,80}\}")
_HOLE = "\ue000"
_HOLES = re.compile(f"{_HOLE}(\\d+){_HOLE}")
_LINKS_IN_SCRIPTS = frozenset({"javascript", "typescript"})
MAX_DEPTH = 8
MAX_TEXT = 60_000


class WrittenMarkup:
    """All of one repository."""

    def __init__(self, graph: Graph, routes: tuple[BoundRoute, ...]) -> None:
        self.graph = graph
        self.routes = routes
        self._pages = DrawingRoutes(graph, routes)
        events = graph.knowledge.events
        self._requests = [(re.compile(t.rule.attribute), t.rule.method, t.card.id) for t in events if t.rule.request]

    def calls(self) -> Iterator[ApiCall]:
        for path, file in self.graph.production.items() if self.routes else ():
            if MARKUP not in file.names or (file.language in PAGES and file.language != "php") or file.language in COMPONENTS:
                continue
            view = self.graph.view(path)
            for written, line, end_line, start, owner in _texts(view):
                for text, parts in _flat(written):
                    if "<" in text and len(text) < MAX_TEXT:
                        yield from self._elements(view, text, parts, (line, end_line, start, owner))

    def _elements(self, view: FileView, text: str, parts: list[Value], at: tuple[int, int, int, int]) -> Iterator[ApiCall]:
        for match in _TAG.finditer(text):
            attributes = {
                a["name"].lower(): a["double"] or a["single"] or a["bare"] or "" for a in _ATTRIBUTE.finditer(match["attributes"])
            }
            tag, line = match["tag"].lower(), self._line(view, match.group(), at)
            sent = False
            for name, value in attributes.items():
                for pattern, method, card in self._requests:
                    if pattern.fullmatch(name):
                        sent = True
                        yield from self._call(view, value, parts, method or name.rpartition("-")[2].upper(), card, "form", at, line)
            if tag == "form" and "method" in attributes:
                inside = text[match.end() :].partition("</form")[0]
                field = _METHOD_FIELD.search(inside)
                method = field["method"].upper() if field is not None else attributes["method"].upper()
                if attributes.get("action"):
                    yield from self._call(view, attributes["action"], parts, method, "html", "form", at, line)
                elif not sent and method != "DIALOG":
                    yield from self._made(view, self._pages.own(view.path, at[3], method), method, "html", "form", at, line)
            elif tag == "a" and "href" in attributes and view.language not in _LINKS_IN_SCRIPTS:
                yield from self._call(view, attributes["href"], parts, "GET", "html", "link", at, line)

    def _call(
        self, view: FileView, said: str, parts: list[Value], method: str, card: str, kind: str, at: tuple[int, int, int, int], line: int
    ) -> Iterator[ApiCall]:
        value = self.graph.ev.value(view.keep(_put_together(said, parts)), view.path, at[3])
        named = linked_paths(self.graph, self.routes, value)
        urls: list[tuple[Piece, ...]] = [(p,) for p in named] if named else alternatives(self.graph.ev, value)
        yield from self._made(view, [u for u in urls if u and isinstance(u[0], str) and u[0].startswith("/")], method, card, kind, at, line)

    def _made(
        self, view: FileView, urls: list[tuple[Piece, ...]], method: str, card: str, kind: str, at: tuple[int, int, int, int], line: int
    ) -> Iterator[ApiCall]:
        if urls and method.isalpha():
            place, owner = Place(file=view.path, line=line, end_line=line), SymbolId(view.path, at[3])
            yield ApiCall(method=method, urls=tuple(urls), place=place, start=at[2], owner=owner, card=card, kind=kind)

    def _line(self, view: FileView, tag: str, at: tuple[int, int, int, int]) -> int:
        """The line of a statement on which the element begins, as far as its text says."""
        begin = _HOLES.split(tag)[0]
        lines = self.graph.text(view.path).split("\n")[at[0] - 1 : at[1]]
        return next((at[0] + n for n, line in enumerate(lines) if begin.split("\n")[0] in line.replace('\\"', '"')), at[0])


def _texts(view: FileView) -> Iterator[tuple[Value, int, int, int, int]]:
    """(text, line, last line, start, owner) of what calls are given, names stand for and functions return."""
    for call in view.facts.calls:
        base = call.callee.base if isinstance(call.callee, Member) else None
        for value in (base, *(a.value for a in call.args)):
            if value is not None:
                yield value, call.line, call.end_line, call.start, call.owner
    for assign in view.facts.assigns:
        if assign.value is not None:
            yield assign.value, assign.line, assign.end_line, assign.start, assign.owner
    for back in view.facts.returns:
        if back.value is not None:
            yield back.value, back.line, back.end_line, back.start, back.owner


def _flat(written: Value, depth: int = 0) -> Iterator[tuple[str, list[Value]]]:
    """The texts of an expression, with marks for the values in them."""
    if depth > MAX_DEPTH:
        return
    if isinstance(written, Lit):
        if isinstance(written.value, str):
            yield written.value, []
    elif isinstance(written, Concat):
        parts: list[Value] = []
        text = "".join(_piece(p, parts, depth) for p in written.parts)
        yield text, parts
    else:
        for inner in _inner(written):
            yield from _flat(inner, depth + 1)


def _piece(part: Value, parts: list[Value], depth: int) -> str:
    if isinstance(part, Lit):
        return "" if part.value is None else str(part.value)
    if isinstance(part, Concat) and depth < MAX_DEPTH:
        return "".join(_piece(p, parts, depth + 1) for p in part.parts)
    parts.append(part)
    return f"{_HOLE}{len(parts) - 1}{_HOLE}"


def _inner(written: Value) -> tuple[Value, ...]:
    match written:
        case Seq():
            return written.items
        case Alt():
            return written.options
        case Op():
            return written.operands
        case Record():
            return tuple(v for _, v in written.items)
        case Index() | Member():
            return (written.base,)
        case _:
            return ()


def _put_together(said: str, parts: list[Value]) -> Value:
    """The text of an attribute with the values whose marks stand in it; what a text says of its own format is not known."""
    pieces: list[Value] = []
    for number, piece in enumerate(_HOLES.split(said)):
        if number % 2:
            pieces.append(parts[int(piece)])
            continue
        for count, plain in enumerate(_FORMAT.split(piece)):
            pieces.extend([Unknown("%")] if count else [])
            pieces.extend([Lit(plain)] if plain else [])
    return pieces[0] if len(pieces) == 1 and isinstance(pieces[0], Lit) else Concat(tuple(pieces))
