"""Files that a web server answers by their path and that say in a directive which class is behind them (`<%@ Page Inherits="Cart" %>`).

Options of the rule: `files` maps suffixes of files to `directive`, the word of it; `class`, its attributes that name the class; `method`,
which such a file answers; `answers`, the methods of the class that run; `index`, the name of a file that stands for its folder too.
`operations` are decorators of methods that answer below the path of the file, by POST; `static` says that only static ones do. A page with
a form that the server reads (`form`, a regular expression), in itself or in a file that it is put together of, answers POST too, and then
the methods run which its elements name in attributes that fit `events`; those of `reads` run in any case (`graph.routes.server_controls`,
with `frame`, `parts` and `holder`). A call of `callee` gives such a file (`handler`: `"~/Cart.aspx"`) another `path`; where there is no
such file the path answers all the same. `roots` are files beside which an application begins, the surest first.
"""

from __future__ import annotations

import posixpath
import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from backend_readiness.facts.model import Element
from backend_readiness.graph.classes import parts
from backend_readiness.graph.classes.annotations import decorators_of, of_kind
from backend_readiness.graph.routes.routing import BoundRoute, Registration
from backend_readiness.graph.routes.scan import Scan
from backend_readiness.graph.routes.server_controls import MAX_CHARS, ServerPage, ServerPages
from backend_readiness.graph.sent.clients import ApiCall
from backend_readiness.graph.sent.linking import Match
from backend_readiness.graph.values import ClassV, FuncV, InstV, SymbolId
from backend_readiness.graph.world import Graph
from backend_readiness.model import LinkStatus, Place
from backend_readiness.rules.card_rules import RouteRule
from backend_readiness.rules.cards import Card

SHAPE = "directives"
_BASIC = re.compile(
    r"<(\w{1,40})[^<>\n]{0,200}>[ \t]*_?[ \t]*\r?\n?[ \t]*(?:Public |Shared |Friend |Async ){0,4}(?:Function|Sub) (\w{1,100})"
)


def collect(scan: Scan) -> None:
    for card in scan.graph.knowledge.cards:
        for rule in card.routes:
            if rule.shape == SHAPE:
                _Files(scan, card, rule).register()


def posted_by_controls(graph: Graph, routes: Sequence[BoundRoute]) -> Iterator[Match]:
    """The requests of elements that post their page back, each matched to the method that it runs."""
    posted = [b for b in routes if b.registration.rule.shape == SHAPE and b.registration.name]
    pages = {id(b.registration.rule): b.registration.rule for b in posted}
    read = {number: ServerPages(graph, rule) for number, rule in pages.items()}
    for bound in posted:
        path = bound.route.place.file
        page = read[id(bound.registration.rule)].page(path, _spec(bound.registration.rule, path))
        for run in page.events if page is not None else ():
            before = tuple(f for f in page.shown if f.symbol != run.function.symbol) if page is not None else ()
            answering = replace(bound, handler=run.function, registration=replace(bound.registration, runs=before))
            yield _match(answering, run.path, run.element)
        form = _form(graph, path) if page is not None and not page.events and path in graph.production else None
        if form is not None:  # a page that asks by itself whether it is posted back
            yield _match(bound, path, form)


def _form(graph: Graph, path: str) -> Element | None:
    """The form of a page that the server reads."""
    found = (e for e in graph.view(path).facts.elements if e.tag.lower() == "form")
    return next((e for e in found if any(a.name.lower() == "runat" for a in e.attrs)), None)


def _match(bound: BoundRoute, path: str, element: Element) -> Match:
    place = Place(file=path, line=element.line, end_line=element.end_line)
    urls, owner = ((bound.route.endpoint.path,),), SymbolId(path, element.owner)
    call = ApiCall(method="POST", urls=urls, place=place, start=element.start, owner=owner, card="html", kind="form")
    return Match(call=call, route=bound, status=LinkStatus.CONFIRMED, why="the form of the page is posted back to it")


def _spec(rule: RouteRule, path: str) -> dict[str, Any]:
    spec: dict[str, Any] = rule.options["files"].get(posixpath.splitext(path)[1].lower(), {})
    return spec


class _Files:
    def __init__(self, scan: Scan, card: Card, rule: RouteRule) -> None:
        self.scan, self.card, self.rule, self.graph = scan, card, rule, scan.graph
        self.files = ServerPages(scan.graph, rule)
        self.mapped = self._mapped()

    def register(self) -> None:
        for path in self.files.paths:
            spec = _spec(self.rule, path)
            page = self.files.page(path, spec) if spec else None
            if page is not None:
                self._file(path, spec, page)
        for url, place in (m for path, found in self.mapped.items() if path not in self.files.paths for m in found):
            self._add("ANY", url, place, None, [])

    def _mapped(self) -> dict[str, list[tuple[str, Place]]]:
        """The other paths of files, with the calls that say them."""
        found: dict[str, list[tuple[str, Place]]] = defaultdict(list)
        for hit in (h for h in self.scan.hits.get(SHAPE, ()) if h.rule is self.rule):
            root = self.files.root(hit.site.file)
            files = self.scan.texts(hit, self.rule.handler) if self.rule.handler is not None else []
            for url in self.scan.texts(hit, self.rule.path):
                for file in files[:1] or [""]:
                    found[f"{root}/{file.removeprefix('~').lstrip('/')}".lstrip("/")].append((f"/{url.lstrip('/')}", self.scan.place(hit)))
        return found

    def _file(self, path: str, spec: dict[str, Any], page: ServerPage) -> None:
        place = Place(file=path, line=page.line, end_line=page.line)
        urls = list(self._urls(path, spec))
        for url in urls if "operations" not in spec or spec.get("static") else ():
            self._add(spec["method"], url, place, page, page.shown)
        for name, function in self._operations(path, spec, page):
            self._add("POST", f"{urls[0]}/{name}", self._place(function) or place, page, [function] if function is not None else [])
        if "form" in spec and self.files.has_form(page.documents, spec):
            events = list({r.function.symbol: r.function for r in page.events}.values())
            for url in urls:
                self._add("POST", url, place, page, [*page.shown, *events], name=f"{url}?")
            for url, said in self.mapped.get(path, ()):
                self._add("POST", url, said, page, [*page.shown, *events])
        for url, said in self.mapped.get(path, ()):
            self._add(spec["method"], url, said, page, page.shown)

    def _add(self, method: str, url: str, place: Place, page: ServerPage | None, functions: list[FuncV], name: str = "") -> None:
        handler = functions[0] if functions else page.cls if page is not None else None
        self.scan.routing.registrations.append(
            Registration(
                router=None, method=method, path=url, place=place, start=0, card=self.card, rule=self.rule, handler=handler,
                runs=tuple(functions[1:]), name=name,
            )
        )  # fmt: skip

    def _urls(self, path: str, spec: dict[str, Any]) -> Iterator[str]:
        """The path below the folder of the application; that of the folder when the file stands for it."""
        inside = path[len(self.files.root(path)) :].lstrip("/")
        yield f"/{inside}"
        folder, name = posixpath.split(inside)
        if name.lower() == f"{spec.get('index', '')}{posixpath.splitext(name)[1]}".lower():
            yield f"/{folder}"

    def _place(self, function: FuncV | None) -> Place | None:
        if function is None:
            return None
        line = self.graph.view(function.symbol.file).symbol(function.symbol.index).line
        return Place(file=function.symbol.file, line=line, end_line=line)

    def _operations(self, path: str, spec: dict[str, Any], page: ServerPage) -> Iterator[tuple[str, FuncV | None]]:
        wanted = tuple(spec.get("operations", ()))
        cls = page.cls
        for where in parts.parts(self.graph.ev, cls) if cls is not None and wanted else ():
            view = self.graph.view(where.file)
            for child in view.children.get(where.index, ()):
                symbol, place = view.symbol(child), SymbolId(where.file, child)
                open_ = symbol.kind == "method" and (symbol.is_static or not spec.get("static")) and symbol.decorators
                if open_ and of_kind(decorators_of(self.graph, place), wanted):
                    yield symbol.name, FuncV(place, InstV(ClassV(where)))
        if cls is None and wanted:  # a class that is written in Basic
            names = {w.rpartition(".")[2] for w in wanted}
            name = next((page.attributes[a] for a in spec["class"] if page.attributes.get(a)), "").rpartition(".")[2]
            sources = {f"{name}.vb".lower(), f"{posixpath.basename(path)}.vb".lower()}
            for file in (p for p in self.files.paths if posixpath.basename(p).lower() in sources):
                for mark, method in _BASIC.findall(self.graph.text(file)[:MAX_CHARS]):
                    if mark in names:
                        yield method, None
