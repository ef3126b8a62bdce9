"""Files that a web server answers by their path and that say in a directive which class is behind them (`<%@ Page Inherits="Cart" %>`).

Options of the rule: `files` maps suffixes of files to `directive`, the word of it; `class`, its attributes that name the class; `code`,
what the name of the class's file has more than that of the file; `method`, which such a file answers; `answers`, the methods of the class
that run, the first that there is; `index`, the name of a file that stands for its folder too. `operations` are decorators of methods that
answer below the path of the file, by POST; `static` says that only static ones do. A page with a form that the server reads (`form`, a
regular expression), in itself or in the file that its directive names as `frame`, answers POST too, and then the methods run which its
elements name in attributes that fit `events`. `roots` are files beside which an application begins, those that tell most surely first.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from fnmatch import fnmatch
from typing import Any

from backend_readiness.graph.classes import parts
from backend_readiness.graph.classes.annotations import decorators_of, of_kind
from backend_readiness.graph.evaluation import members
from backend_readiness.graph.routes.routing import Registration
from backend_readiness.graph.routes.scan import Scan
from backend_readiness.graph.values import ClassV, FuncV, InstV, SymbolId
from backend_readiness.model import Place
from backend_readiness.rules.card_rules import RouteRule
from backend_readiness.rules.cards import Card

MAX_CHARS = 400_000
MAX_EVENTS = 60
_DIRECTIVE = re.compile(r"<%@\s*(\w{1,40})\s([^%]{0,2000})%>")
_ATTRIBUTE = re.compile(r"(\w{1,60})\s*=\s*\"([^\"]{0,300})\"")
_BASIC = re.compile(
    r"<(\w{1,40})[^<>\n]{0,200}>[ \t]*_?[ \t]*\r?\n?[ \t]*(?:Public |Shared |Friend |Async ){0,4}(?:Function|Sub) (\w{1,100})"
)


def collect(scan: Scan) -> None:
    for card in scan.graph.knowledge.cards:
        for rule in card.routes:
            if rule.shape == "directives":
                _Files(scan, card, rule).register()


class _Files:
    def __init__(self, scan: Scan, card: Card, rule: RouteRule) -> None:
        self.scan, self.card, self.rule, self.graph = scan, card, rule, scan.graph
        self.paths = [f.path for f in scan.graph.snapshot.files]
        self.lower = {p.lower(): p for p in self.paths}
        globs = tuple(rule.options.get("roots", ()))
        self.roots = [{posixpath.dirname(p) for p in self.paths if fnmatch(posixpath.basename(p), g)} for g in globs]

    def register(self) -> None:
        for path in self.paths:
            spec = self.rule.options["files"].get(posixpath.splitext(path)[1].lower())
            if spec is not None:
                self._file(path, spec)

    def _file(self, path: str, spec: dict[str, Any]) -> None:
        text = self.graph.text(path)[:MAX_CHARS]
        found = next((m for m in _DIRECTIVE.finditer(text) if m.group(1) == spec["directive"]), None)
        if found is None:
            return
        attributes = dict(_ATTRIBUTE.findall(found.group(2)))
        line = text.count("\n", 0, found.start()) + 1
        place = Place(file=path, line=line, end_line=line)
        cls = self._class(path, spec, attributes)
        urls = list(self._urls(path, spec))
        handler = self._handler(cls, spec)
        for url in urls if "operations" not in spec or spec.get("static") else ():
            self._add(spec["method"], url, place, handler or cls)
        for name, function in self._operations(path, spec, cls, attributes):
            self._add("POST", f"{urls[0]}/{name}", self._place(function) or place, function)
        if "form" in spec and self._has_form(path, text, spec, attributes):
            events = tuple(f for n in self._events(text, spec) if cls is not None and (f := self._method(cls, n)) is not None)
            for url in urls:
                self._add("POST", url, place, handler or cls, events)

    def _add(self, method: str, url: str, place: Place, handler: FuncV | ClassV | None, runs: tuple[FuncV, ...] = ()) -> None:
        self.scan.routing.registrations.append(
            Registration(
                router=None, method=method, path=url, place=place, start=0, card=self.card, rule=self.rule, handler=handler, runs=runs
            )
        )  # fmt: skip

    def _urls(self, path: str, spec: dict[str, Any]) -> Iterator[str]:
        """The path below the folder of the application; that of the folder when the file stands for it."""
        inside = path[len(self._root(path)) :].lstrip("/")
        yield f"/{inside}"
        folder, name = posixpath.split(inside)
        if name.lower() == f"{spec.get('index', '')}{posixpath.splitext(name)[1]}".lower():
            yield f"/{folder}"

    def _root(self, path: str) -> str:
        """The nearest folder above a file in which an application begins, by the first kind of file that tells."""
        above = _folders(path)
        return next((f for folders in self.roots for f in above if f in folders), "")

    # ------------------------------------------------------------ the class behind a file

    def _class(self, path: str, spec: dict[str, Any], attributes: dict[str, str]) -> ClassV | None:
        written = next((attributes[a] for a in spec["class"] if attributes.get(a)), "").partition(",")[0]
        package, _, name = written.rpartition(".")
        known = [w for w in self.graph.defining(name) if self.graph.view(w.file).symbol(w.index).kind == "class"] if name else []
        beside = [w for w in known if w.file.lower().startswith(f"{path}.".lower())]
        same = [w for w in known if self.graph.facts.files[w.file].package == package]
        found = beside or same or known
        return ClassV(parts.declared(self.graph.ev, found[0])) if found else None

    def _method(self, cls: ClassV, name: str) -> FuncV | None:
        found = members.own_member(self.graph.ev, InstV(cls), name)
        return found if isinstance(found, FuncV) else None

    def _handler(self, cls: ClassV | None, spec: dict[str, Any]) -> FuncV | None:
        return next((f for n in spec.get("answers", ()) if cls is not None and (f := self._method(cls, n)) is not None), None)

    def _place(self, function: FuncV | None) -> Place | None:
        if function is None:
            return None
        line = self.graph.view(function.symbol.file).symbol(function.symbol.index).line
        return Place(file=function.symbol.file, line=line, end_line=line)

    def _operations(
        self, path: str, spec: dict[str, Any], cls: ClassV | None, attributes: dict[str, str]
    ) -> Iterator[tuple[str, FuncV | None]]:  # fmt: skip
        wanted = tuple(spec.get("operations", ()))
        for where in parts.parts(self.graph.ev, cls) if cls is not None and wanted else ():
            view = self.graph.view(where.file)
            for child in view.children.get(where.index, ()):
                symbol, place = view.symbol(child), SymbolId(where.file, child)
                open_ = symbol.kind == "method" and (symbol.is_static or not spec.get("static")) and symbol.decorators
                if open_ and of_kind(decorators_of(self.graph, place), wanted):
                    yield symbol.name, FuncV(place, InstV(ClassV(where)))
        if cls is None and wanted:  # a class that is written in Basic
            names = {w.rpartition(".")[2] for w in wanted}
            name = next((attributes[a] for a in spec["class"] if attributes.get(a)), "").rpartition(".")[2]
            sources = {f"{name}.vb".lower(), f"{posixpath.basename(path)}.vb".lower()}
            for file in (p for p in self.paths if posixpath.basename(p).lower() in sources):
                for mark, method in _BASIC.findall(self.graph.text(file)[:MAX_CHARS]):
                    if mark in names:
                        yield method, None

    # ------------------------------------------------------------ forms

    def _has_form(self, path: str, text: str, spec: dict[str, Any], attributes: dict[str, str]) -> bool:
        pattern = re.compile(str(spec["form"]), re.IGNORECASE)
        if pattern.search(text):
            return True
        frame = attributes.get(str(spec.get("frame", "")), "")
        target = posixpath.normpath(
            posixpath.join(self._root(path) if frame.startswith("~/") else posixpath.dirname(path), frame.removeprefix("~/"))
        )
        known = self.lower.get(target.lower()) if frame else None
        return known is not None and pattern.search(self.graph.text(known)[:MAX_CHARS]) is not None

    def _events(self, text: str, spec: dict[str, Any]) -> list[str]:
        pattern = re.compile(str(spec["events"]))
        return list(dict.fromkeys(v for n, v in _ATTRIBUTE.findall(text) if pattern.fullmatch(n) and v.isidentifier()))[:MAX_EVENTS]


def _folders(path: str) -> list[str]:
    """The folders above a file, the nearest first; the root is the empty one."""
    found = []
    while path:
        path = posixpath.dirname(path)
        found.append(path)
    return found
