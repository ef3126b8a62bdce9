"""URLs that a script reads from the element that it belongs to: `fetch(this.urlValue)` of `<div data-cart-url-value="/lines">`.

Cards say how such a read is named and which attribute gives it (`element_values`).
"""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import replace
from functools import cached_property

from backend_readiness.facts.model import Record
from backend_readiness.graph.families import family
from backend_readiness.graph.interface.named_methods import NamedMethods
from backend_readiness.graph.references import argument_value
from backend_readiness.graph.routes.groups import kebab
from backend_readiness.graph.routes.route_names import linked_paths
from backend_readiness.graph.routes.routing import BoundRoute
from backend_readiness.graph.sent.clients import ApiCall
from backend_readiness.graph.urls import Hole, Piece, alternatives
from backend_readiness.graph.values import AV, ClassV, Const, Ext, ParamV
from backend_readiness.graph.world import Graph

MAX_URLS = 8
MAX_REPLACED = 4


class ElementValues:
    """All of one repository."""

    def __init__(self, graph: Graph, routes: tuple[BoundRoute, ...]) -> None:
        self.graph = graph
        self.routes = routes
        rules = self._cards = [(card, rule) for card in graph.knowledge.cards for rule in card.element_values]
        self._rules = [(re.compile(r.read), r.attribute, r.files, c.id.partition("/")[0]) for c, r in rules if r.files]
        self._open = [(re.compile(r.read), r) for _, r in rules if not r.files]
        self._classes = NamedMethods(graph)
        self._found: dict[str, list[tuple[str, AV]]] | None = None

    def applied(self, call: ApiCall) -> ApiCall:
        """The call with what its elements give for the parts that it reads from them."""
        if not (self._rules or self._open) or not any(isinstance(p, Hole) for url in call.urls for p in url):
            return call
        urls = [filled for url in call.urls for filled in self._filled(url)]
        return replace(call, urls=tuple(urls[:MAX_URLS])) if tuple(urls) != call.urls else call

    def _filled(self, url: tuple[Piece, ...]) -> list[tuple[Piece, ...]]:
        found: list[tuple[Piece, ...]] = [()]
        for piece in url:
            given = self._given(piece.value) if isinstance(piece, Hole) else []
            found = [(*start, *end) for start in found for end in given or [(piece,)]][:MAX_URLS]
        return found

    def _given(self, value: AV) -> list[tuple[Piece, ...]]:
        """What the elements of a class give for a value that it reads."""
        for _ in range(MAX_REPLACED):  # `this.urlValue.replace("ID", id)`: the parts of the route are not known either way
            if isinstance(value, Ext) and value.path.endswith((".replace()", ".replaceAll()")) and isinstance(value.base, Ext):
                value = value.base.base or value
        if isinstance(value, Ext) and (name := self._attribute(value)):
            return self._of_any(name)
        file = _class_file(value)
        if not isinstance(value, Ext) or not file:
            return []
        found: list[tuple[Piece, ...]] = []
        for pattern, attribute, files, language in self._rules:
            read = pattern.fullmatch(value.path)
            before, _, after = attribute.partition("{controller}")
            after = after.replace("{name}", kebab(read["name"])) if read is not None else ""
            for name, given in self._attributes().get(after, ()) if after else ():
                controller = name.removeprefix(before).removesuffix(after)
                if name.startswith(before) and file in self._classes.files(files.format(controller=controller), language):
                    paths = linked_paths(self.graph, self.routes, given)
                    found.extend(alternatives(self.graph.ev, given) if paths is None else [(p,) for p in paths])
        return list(dict.fromkeys(found))[:MAX_URLS]

    def _attribute(self, value: Ext) -> str:
        """The `data-` attribute that a script reads from an element it looked for; empty when it reads none, or nobody knows which."""
        for pattern, rule in self._open:
            read = pattern.fullmatch(value.path)
            if read is None:
                continue
            name = read.groupdict().get("name") or ""
            if rule.named is not None:
                given = argument_value(self.graph.ev, value.site, rule.named, value) if value.site is not None else None
                name = str(given.value) if isinstance(given, Const) else ""
            written = rule.attribute.replace("{name}", kebab(name)) if name else ""
            if written.startswith("data-"):
                return written
        return ""

    def _of_any(self, name: str) -> list[tuple[Piece, ...]]:
        """The addresses that elements have in an attribute."""
        found: list[tuple[Piece, ...]] = []
        for path in self._with_data:
            if name not in self.graph.production[path].names:
                continue
            for element in self.graph.view(path).facts.elements:
                for attr in element.attrs:
                    if attr.name != name or attr.value is None:
                        continue
                    value = self.graph.ev.value(attr.value, path, element.owner)
                    paths = linked_paths(self.graph, self.routes, value)
                    several = alternatives(self.graph.ev, value) if paths is None else [(p,) for p in paths]
                    found.extend(u for u in several if u and isinstance(u[0], str) and u[0].startswith("/"))
        return list(dict.fromkeys(found))[:MAX_URLS]

    @cached_property
    def _with_data(self) -> list[str]:
        """The files with elements that have such an attribute at all."""
        files = self.graph.production.items()
        return [path for path, index in files if index.elements and any(n.startswith("data-") for n in index.names)]

    def _attributes(self) -> dict[str, list[tuple[str, AV]]]:
        """The end of a name after each of its words -> (name, value) of the attributes that may give something."""
        if self._found is None:
            self._found = defaultdict(list)
            like = [
                re.compile(re.escape(a).replace(r"\{controller\}", r"[\w-]{1,80}").replace(r"\{name\}", r"[\w-]{1,80}"))
                for _, a, _, _ in self._rules
            ]
            for path, index in self.graph.production.items():
                if not index.elements or not any(p.fullmatch(n) for n in index.names for p in like):
                    continue
                for element in self.graph.view(path).facts.elements:
                    for attr in element.attrs:
                        if attr.value is not None and len(attr.name) < 200 and any(p.fullmatch(attr.name) for p in like):
                            self._keep(attr.name, self.graph.ev.value(attr.value, path, element.owner))
            self._keep_drawn(like)
        return self._found

    def _keep(self, name: str, value: AV) -> None:
        if self._found is not None:
            for cut in (m.start() for m in re.finditer("-", name)):
                self._found[name[cut:]].append((name, value))

    def _keep_drawn(self, like: list[re.Pattern[str]]) -> None:
        """What calls of pages that draw an element give it in an object of attributes: `tag.div data: { cart_url_value: lines_path }`."""
        words = {key for _, rule in self._cards for key in rule.drawn_with}
        spoken = {language for card, rule in self._cards if rule.drawn_with for language in card.languages}
        for path, index in self.graph.production.items() if words else ():
            if family(index.language) not in spoken or words.isdisjoint(index.names):
                continue
            view = self.graph.view(path)
            for call in view.facts.calls:
                for arg in call.args:
                    if arg.name not in words or not isinstance(arg.value, Record):
                        continue
                    for key, written in arg.value.items:
                        name = f"{arg.name}-{(key or '').replace('_', '-')}"
                        if any(p.fullmatch(name) for p in like):
                            self._keep(name, self.graph.ev.value(written, path, call.owner))


def _class_file(value: AV) -> str:
    """The file of the class whose object the value belongs to, or whose method is given it as a part of its event."""
    if isinstance(value, Ext) and isinstance(value.subject, ClassV):
        return value.subject.symbol.file
    while isinstance(value, Ext) and value.base is not None:
        value = value.base
    return value.symbol.file if isinstance(value, ParamV) else ""
