"""Forms of templates that a tag draws inside of a page: `<x-forms.button action="{{ route('orders.close', $order) }}" method="PUT">`.

The template stands in a folder of the card (`part_tags`) under the name of the tag. A form or a link of it whose address is one of its own
names is sent to what each tag gives for that name, as an attribute of it (`:action` holds code); what it says of the method likewise. A
template may hand its names on to another one, or write all that it is given into an element (`part_attributes`). A form whose address the
class of the template makes is sent to the route whose name the tag gives.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from backend_readiness.facts.model import Alt, CallRef, Element, Lit, Name, Value
from backend_readiness.graph.routes.route_names import linked_paths, paths_listed
from backend_readiness.graph.routes.routing import BoundRoute
from backend_readiness.graph.sent.clients import ApiCall
from backend_readiness.graph.urls import Piece, alternatives, texts
from backend_readiness.graph.values import AV, Const, ListV, SymbolId
from backend_readiness.graph.world import Graph
from backend_readiness.model import Place

MAX_DEPTH, MAX_HEAD = 3, 600
_Given = dict[str, AV]
_ELSEWHERE = ("#", "mailto:", "javascript:", "tel:")


@dataclass(frozen=True, slots=True)
class _Sent:
    action: AV
    method: str
    kind: Literal["form", "link"] = "form"


class PartTags:
    """The tags of one repository that draw templates of it."""

    def __init__(self, graph: Graph, routes: tuple[BoundRoute, ...]) -> None:
        self.graph = graph
        self.routes = routes
        self.folders = {start: folder for card in graph.knowledge.cards for start, folder in card.part_tags.items()}
        self.attributes = tuple(text.encode() for card in graph.knowledge.cards for text in card.part_attributes)
        self.templates: dict[str, str] = {}
        for path in sorted(graph.production) if self.folders else ():
            for start, folder in self.folders.items():
                inside = f"/{path}".rpartition(f"/{folder}/")[2] if f"/{folder}/" in f"/{path}" else ""
                name = inside.partition(".")[0].replace("/", ".").removesuffix(".index")
                if name:
                    self.templates.setdefault(f"{start}{name}".lower(), path)

    def draws(self, tag: str) -> bool:
        """Does a tag draw a template of the repository?"""
        return tag.lower() in self.templates

    def calls(self, path: str, element: Element) -> list[ApiCall]:
        """The requests of the forms that a tag of a page draws."""
        given = self._given(path, element, {})
        sent = self._sent(self.templates[element.tag.lower()], given, frozenset(given), 0)
        place = Place(file=path, line=element.line, end_line=element.end_line)
        owner = SymbolId(path, element.owner)
        found: list[ApiCall] = []
        for one in sent:
            if isinstance(one.action, Const) and not isinstance(one.action.value, str):
                continue  # `:href="false"`
            urls = self._urls(one.action)
            unknown = len(urls) == 1 and not any(isinstance(p, str) for p in urls[0])
            if any(u and isinstance(u[0], str) and u[0].startswith(_ELSEWHERE) for u in urls):
                continue
            if urls and not (unknown and (one.kind == "link" or path in self.templates.values())):
                found.append(
                    ApiCall(method=one.method, urls=urls, place=place, start=element.start, owner=owner, card="html", kind=one.kind)
                )
        return found

    def _urls(self, value: AV) -> tuple[tuple[Piece, ...], ...]:
        listed = isinstance(value, ListV) or (isinstance(value, Const) and isinstance(value.value, str) and "/" not in value.value)
        named = paths_listed(self.graph, self.routes, value) if listed else linked_paths(self.graph, self.routes, value)
        return tuple((p,) for p in named) if named else tuple(u for u in alternatives(self.graph.ev, value) if u)

    def _given(self, path: str, element: Element, outer: _Given) -> _Given:
        """What a tag gives under each name; of a name of the template around it what that was given."""
        found: _Given = {}
        for attr in element.attrs:
            if attr.value is not None:
                of_list = self._of(path, attr.value, outer) if isinstance(attr.value, CallRef) else None
                named = attr.value.id if isinstance(attr.value, Name) else ""
                known = outer.get(named.lstrip("$").lower())
                default = self._default(path, named.lstrip("$")) if named and known is None else ""
                known = Const(default) if default else known
                found[attr.name.lstrip(":").lower()] = of_list or known or self.graph.ev.value(attr.value, path, element.owner)
        return found

    def _sent(self, template: str, given: _Given, of_page: frozenset[str], depth: int) -> Iterator[_Sent]:
        """What the forms and links of a template send. `of_page`: the names that are given by the page; all others are its own."""
        elements = self.graph.view(template).facts.elements
        for element in elements:
            attrs = {a.name: a.value for a in element.attrs}
            if element.tag.lower() == "form":
                method = self._method(template, element, attrs.get("method"), given)
                action = self._address(template, element, "action", given, of_page)
                if action is not None:
                    yield _Sent(action, method)
                else:
                    yield from self._route_given({k: v for k, v in given.items() if k in of_page}, method)
            elif element.tag.lower() == "a":
                href = self._address(template, element, "href", given, of_page)
                if href is not None:
                    yield _Sent(href, "GET", "link")
            elif depth < MAX_DEPTH and self.draws(element.tag) and self.templates[element.tag.lower()] != template:
                inner = self._given(template, element, given)
                handed = frozenset(a.name.lstrip(":").lower() for a in element.attrs if self._name(template, a.value) in of_page)
                if self._hands_all(template, element):
                    handed |= of_page - inner.keys()
                    inner = {**given, **inner}
                yield from self._sent(self.templates[element.tag.lower()], inner, handed, depth + 1)

    def _address(self, template: str, element: Element, name: str, given: _Given, of_page: frozenset[str]) -> AV | None:
        """What a page gives for the address of an element, under the name that stands there or together with all else that it gives."""
        written = next((a.value for a in element.attrs if a.name.lstrip(":") == name), None)
        if written is not None:
            return self._of(template, written, given) if self._name(template, written) in of_page else None
        return given.get(name) if name in of_page and self._hands_all(template, element) else None

    def _hands_all(self, template: str, element: Element) -> bool:
        """Is all that the tag gives written into an element?"""
        head = self.graph.text(template).encode()[element.start : element.end][:MAX_HEAD].partition(b">")[0]
        return any(text in head for text in self.attributes)

    def _route_given(self, given: _Given, method: str) -> Iterator[_Sent]:
        """The one thing given that is the name of a route, which answers the method of the form when that is known."""
        found = {v: methods for v in given.values() if isinstance(v, Const | ListV) and (methods := self._answering(v, method))}
        if len(found) == 1:
            value, methods = next(iter(found.items()))
            yield _Sent(value, methods[0])

    def _answering(self, value: AV, method: str) -> list[str]:
        first = self.graph.ev.thunk(value.items[0]) if isinstance(value, ListV) and value.items else value
        name = first.value if isinstance(first, Const) else None
        named = [b.route.endpoint.method for b in self.routes if name and b.registration.name == name]
        return [method] if method in named or "ANY" in named else [m for m in named if method == "ANY" and m != "GET"]

    def _of(self, template: str, written: Value | None, given: _Given) -> AV | None:
        """What a value of the template is that is one of its names; None where it is something else or nothing is given."""
        return given.get(self._name(template, written))

    def _name(self, template: str, written: Value | None) -> str:
        """The name that a value of a template is, as tags give it."""
        if isinstance(written, CallRef):  # `route(...$route)`
            args = self.graph.view(template).facts.calls[written.call].args
            written = args[0].value if len(args) == 1 and args[0].spread else None
        named = next((v.id for v in (written.options if isinstance(written, Alt) else (written,)) if isinstance(v, Name)), "")
        return named.lstrip("$").lower()

    def _method(self, template: str, form: Element, written: Value | None, given: _Given) -> str:
        """The method that a form names, or its hidden field `_method`; one that is not known may be any."""
        plain = next(iter(self._methods(template, written, given)), "GET")
        for field in self.graph.view(template).facts.elements:
            attrs = {a.name: a.value for a in field.attrs}
            if form.start <= field.start < form.end and attrs.get("name") == Lit("_method"):
                return next(iter(self._methods(template, attrs.get("value"), given)), "ANY")
        return plain

    def _methods(self, template: str, written: Value | None, given: _Given) -> list[str]:
        parts = written.options if isinstance(written, Alt) else (written,) if written is not None else ()
        found: list[str] = []
        for part in parts:
            name = part.id.lstrip("$") if isinstance(part, Name) else ""
            value = given.get(name.lower()) if name else self.graph.ev.value(part, template, 0)
            said = texts(self.graph.ev, value) if value is not None else [self._default(template, name)]
            found.extend(t.upper() for t in said if t.isalpha())
        return list(dict.fromkeys(found))

    def _default(self, template: str, name: str) -> str:
        """What a name of the template is where the tag gives nothing: `@props(['method' => 'POST'])`."""
        default = re.search(rf"['\"]{re.escape(name)}['\"]\s{{0,9}}=>\s{{0,9}}['\"](\w{{1,40}})['\"]", self.graph.text(template)[:4_000])
        return default[1] if default is not None else ""
