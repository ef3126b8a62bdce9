"""Files that a web server answers with a class behind them (`<%@ Page Inherits="Cart" %>`), and what their elements run.

A page is put together of files: the frame that its directive names (`MasterPageFile`), and the parts that it registers
(`<%@ Register Src="~/Parts/Menu.ascx" TagPrefix="uc" TagName="Menu" %>` and `<uc:Menu ... />`). The class of each of them runs when the
page is asked for. Attributes of their elements name methods of the file's own class: those that fit `events` run when the page is posted
back, `reads` whenever it is shown; where the element names a class at `holder` (`TypeName="Shop.Orders"`), the methods are that one's.
The options are those of a file in the rule, see `graph.shapes.directives`.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatch
from functools import cached_property
from typing import Any

from backend_readiness.facts.model import Attr, Element, Lit, Name
from backend_readiness.graph.classes import parts
from backend_readiness.graph.evaluation import members
from backend_readiness.graph.values import ClassV, FuncV, InstV
from backend_readiness.graph.world import Graph
from backend_readiness.rules.card_rules import RouteRule

MAX_CHARS = 400_000
MAX_EVENTS = 60
MAX_FILES = 20
MAX_DEPTH = 3
MAX_SHARED = 8  # pages that one frame may be around, for its elements to be theirs
_DIRECTIVE = re.compile(r"<%@\s*(\w{1,40})\s([^%]{0,2000})%>")
_ATTRIBUTE = re.compile(r"(\w{1,60})\s*=\s*\"([^\"]{0,300})\"")


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """One file that a page is put together of, with the class behind it."""

    path: str
    cls: ClassV | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerPage:
    """A file that the server answers. `shown`: the functions that run whenever it is asked for, those of its own class first."""

    line: int
    cls: ClassV | None
    attributes: dict[str, str]
    documents: list[Document]
    shown: list[FuncV]
    events: list[Run]


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """A method that an element of a file runs; `read`: whenever the page is shown."""

    path: str
    element: Element
    function: FuncV
    read: bool


def directives(text: str) -> Iterator[tuple[str, dict[str, str], int]]:
    """(word, attributes, where it begins) of the directives of a file."""
    for found in _DIRECTIVE.finditer(text):
        yield found.group(1), dict(_ATTRIBUTE.findall(found.group(2))), found.start()


class ServerPages:
    """The files of one rule."""

    def __init__(self, graph: Graph, rule: RouteRule) -> None:
        self.graph, self.rule = graph, rule
        self.paths = [f.path for f in graph.snapshot.files]
        self.lower = {p.lower(): p for p in self.paths}
        globs = tuple(rule.options.get("roots", ()))
        self.roots = [{posixpath.dirname(p) for p in self.paths if fnmatch(posixpath.basename(p), g)} for g in globs]

    def text(self, path: str) -> str:
        return self.graph.text(path)[:MAX_CHARS]

    def root(self, path: str) -> str:
        """The nearest folder above a file in which an application begins, by the first kind of file that tells."""
        above = _folders(path)
        return next((f for folders in self.roots for f in above if f in folders), "")

    def page(self, path: str, spec: dict[str, Any]) -> ServerPage | None:
        text = self.text(path)
        found = next(((a, start) for word, a, start in directives(text) if word == spec["directive"]), None)
        if found is None:
            return None
        cls = self.class_of(path, spec, found[0])
        documents = self.documents(path, spec, cls) if "form" in spec else [Document(path=path, cls=cls)]
        runs = [r for d in documents if self._belongs(d.path, path) for r in self.runs(d, spec)]
        shown = [f for d in documents for f in self.answers(d.cls, spec)] + [r.function for r in runs if r.read]
        return ServerPage(
            line=text.count("\n", 0, found[1]) + 1, cls=cls, attributes=found[0], documents=documents,
            shown=list({f.symbol: f for f in shown}.values()), events=[r for r in runs if not r.read],
        )  # fmt: skip

    def _belongs(self, document: str, path: str) -> bool:
        """Is a file a part of this page, or a frame around so many that its elements count once, for the first of them?"""
        pages = self._pages.get(document, [path])
        return len(pages) <= MAX_SHARED or path == pages[0]

    @cached_property
    def _pages(self) -> dict[str, list[str]]:
        """File -> the pages that it is a part of; the one that stands for the folder of the application first."""
        found: dict[str, list[str]] = {}
        specs = self.rule.options["files"]
        for path in self.paths:
            spec = specs.get(posixpath.splitext(path)[1].lower(), {})
            if "form" in spec:
                for document in self.documents(path, spec, None):
                    found.setdefault(document.path, []).append(path)
        return {d: sorted(pages, key=lambda p: (p.count("/"), not _is_index(p, specs), p)) for d, pages in found.items()}

    def class_of(self, path: str, spec: dict[str, Any], attributes: dict[str, str]) -> ClassV | None:
        written = next((attributes[a] for a in spec["class"] if attributes.get(a)), "").partition(",")[0]
        return self._class_named(written, path)

    def _class_named(self, written: str, path: str) -> ClassV | None:
        package, _, name = written.rpartition(".")
        known = [w for w in self.graph.defining(name) if self.graph.view(w.file).symbol(w.index).kind == "class"] if name else []
        beside = [w for w in known if w.file.lower().startswith(f"{path}.".lower())]
        same = [w for w in known if self.graph.facts.files[w.file].package == package]
        found = beside or same or known
        return ClassV(parts.declared(self.graph.ev, found[0])) if found else None

    def method(self, cls: ClassV, name: str) -> FuncV | None:
        found = members.own_member(self.graph.ev, InstV(cls), name)
        return found if isinstance(found, FuncV) else None

    def answers(self, cls: ClassV | None, spec: dict[str, Any]) -> list[FuncV]:
        """The methods of a class that run for its file, in the order of the rule."""
        found = [f for n in spec.get("answers", ()) if cls is not None and (f := self.method(cls, n)) is not None]
        return list({f.symbol: f for f in found}.values())

    # ------------------------------------------------------------ the files of a page

    def documents(self, path: str, spec: dict[str, Any], cls: ClassV | None) -> list[Document]:
        """The page itself, then its frames and parts."""
        found = {path: Document(path=path, cls=cls)}
        level = [path]
        for _ in range(MAX_DEPTH):
            below = [p for at in level for p in self._named_by(at, spec) if p not in found]
            found.update({p: Document(path=p, cls=self._behind(p, spec)) for p in below})
            level = below
        return list(found.values())[:MAX_FILES]

    def _named_by(self, path: str, spec: dict[str, Any]) -> Iterator[str]:
        text = self.text(path)
        for word, attributes, _ in directives(text):
            frame = attributes.get(str(spec.get("frame", "")), "")
            part = attributes.get("Src", "") if word == "Register" else ""
            drawn = f"<{attributes.get('TagPrefix', '')}:{attributes.get('TagName', '')}".lower()
            for named in (frame, part if drawn in text.lower() else ""):
                known = self.lower.get(self._target(path, named).lower()) if named else None
                if known is not None:
                    yield known

    def _target(self, path: str, written: str) -> str:
        start = self.root(path) if written.startswith(("~/", "/")) else posixpath.dirname(path)
        return posixpath.normpath(posixpath.join(start, written.removeprefix("~").lstrip("/")))

    def _behind(self, path: str, spec: dict[str, Any]) -> ClassV | None:
        words = tuple(spec.get("parts", ()))
        return next((self.class_of(path, spec, a) for w, a, _ in directives(self.text(path)) if w in words), None)

    def has_form(self, documents: list[Document], spec: dict[str, Any]) -> bool:
        pattern = re.compile(str(spec["form"]), re.IGNORECASE)
        return any(pattern.search(self.text(d.path)) for d in documents)

    # ------------------------------------------------------------ what elements run

    def runs(self, document: Document, spec: dict[str, Any]) -> list[Run]:
        events, reads = re.compile(str(spec.get("events", "$.^"))), re.compile(str(spec.get("reads", "$.^")))
        found: list[Run] = []
        view = self.graph.view(document.path) if document.path in self.graph.production else None
        for element in view.facts.elements if view is not None else ():
            if ":" not in element.tag and not any(a.name.lower() == "runat" for a in element.attrs):
                continue
            holder = next((_text(a) for a in element.attrs if a.name == spec.get("holder")), "")
            cls = self._class_named(holder, document.path) if holder else document.cls
            for attr in element.attrs if cls is not None else ():
                read = reads.fullmatch(attr.name) is not None
                if (read or events.fullmatch(attr.name)) and (name := _text(attr)).isidentifier():
                    function = self.method(cls, name) if cls is not None else None
                    if function is not None:
                        found.append(Run(path=document.path, element=element, function=function, read=read))
        return found[:MAX_EVENTS]


def _is_index(path: str, specs: dict[str, Any]) -> bool:
    name, ending = posixpath.splitext(posixpath.basename(path))
    return name.lower() == str(specs.get(ending.lower(), {}).get("index", "")).lower()


def _text(attr: Attr) -> str:
    return str(attr.value.value) if isinstance(attr.value, Lit) else attr.value.id if isinstance(attr.value, Name) else ""


def _folders(path: str) -> list[str]:
    """The folders above a file, the nearest first; the root is the empty one."""
    found = []
    while path:
        path = posixpath.dirname(path)
        found.append(path)
    return found
