"""Requests that interfaces declare: `@FeignClient("orders") interface Orders { @GetMapping("/orders/{id}") Order find(long id); }`.

A library makes the client of such an interface; calling its method sends the request. Cards describe them
(`rules.request_rules.DeclaredRequestRule`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from backend_readiness.graph.classes.annotations import decorators_of, of_kind
from backend_readiness.graph.patterns import PatternIndex
from backend_readiness.graph.routes.methods import verbs
from backend_readiness.graph.settings.application_settings import ApplicationSettings
from backend_readiness.graph.tagged import Tagged
from backend_readiness.graph.urls import join, texts
from backend_readiness.graph.values import ClassV, Ext, FuncV, InstV, Site, SymbolId
from backend_readiness.graph.world import Graph
from backend_readiness.rules.cards import Card
from backend_readiness.rules.request_rules import DeclaredRequestRule, MarkRef


@dataclass(frozen=True, slots=True, kw_only=True)
class Declared:
    """`path` as it is written; `hosts`: names and addresses of who is asked."""

    method: str
    path: str
    hosts: tuple[str, ...]


class DeclaredRequests:
    """The methods of one repository that stand for requests, each looked at when it is met."""

    def __init__(self, graph: Graph) -> None:
        self._graph = graph
        self._settings = ApplicationSettings(graph)
        self._known: dict[tuple[SymbolId, ClassV | None], Declared | None] = {}
        self._rules: PatternIndex[Tagged[DeclaredRequestRule]] = PatternIndex()
        for card in graph.knowledge.cards:
            for rule in card.declared_requests:
                self._rules.add(graph.knowledge.patterns(card, rule.callee), (), Tagged(rule, card))

    def of(self, method: FuncV) -> Declared | None:
        """What calling the method of an interface sends; None when it sends nothing."""
        receiver = method.self_value.cls if isinstance(method.self_value, InstV) else None
        key = (method.symbol, receiver)
        if key not in self._known:
            self._known[key] = next(self._found(method.symbol, receiver), None) if self._rules.names else None
        return self._known[key]

    def _found(self, method: SymbolId, receiver: ClassV | None) -> Iterator[Declared]:
        view = self._graph.view(method.file)
        symbol = view.symbol(method.index)
        if symbol.parent <= 0 or view.symbol(symbol.parent).kind != "interface" or not symbol.decorators:
            return
        own = decorators_of(self._graph, method)
        holder = ClassV(SymbolId(method.file, symbol.parent))
        marked = [decorators_of(self._graph, c.symbol) for c in dict.fromkeys((receiver or holder, holder))]
        above = [annotation for found in marked for annotation in found]
        for annotation in own:
            for tagged, _ in self._rules.matches(annotation.path.removesuffix("()")):
                rule, card = tagged.rule, tagged.card
                if rule.marks and not of_kind(above, tuple(self._graph.knowledge.patterns(card, rule.marks))):
                    continue
                paths = self._given(annotation, rule.keys, first=True) or self._said(own, card, rule.path) or [""]
                written = self._filled(paths[0], method.file)
                verb, written = _parted(written) if rule.line else (self._verb(rule, annotation), written)
                before = self._said(above, card, rule.prefix)
                hosts = tuple(self._filled(h, method.file) for h in self._said(above, card, rule.hosts) if h)
                whole = join(self._filled(before[0], method.file) if before else "", written, keep_root=False)
                yield Declared(method=verb, path=whole, hosts=hosts)

    # ------------------------------------------------------------ texts of annotations

    def _said(self, found: list[Ext], card: Card, refs: Iterable[MarkRef]) -> list[str]:
        """What annotations of these kinds are given, in the order of the references."""
        said: list[str] = []
        for ref in refs:
            for annotation in of_kind(found, tuple(self._graph.knowledge.patterns(card, ref.mark))):
                said.extend(self._given(annotation, ref.keys, first=ref.first))
        return said

    def _given(self, annotation: Ext, keys: tuple[str, ...], *, first: bool) -> list[str]:
        if annotation.site is None:
            return []
        call = self._graph.view(annotation.site.file).facts.calls[annotation.site.call]
        wanted = [a.value for a in call.args if (a.name is None and first) or a.name in keys]
        return [t for v in wanted for t in texts(self._graph.ev, self._graph.ev.value(v, annotation.site.file, call.owner))]

    def _filled(self, text: str, file: str) -> str:
        return self._settings.filled(text, file) if "${" in text else text

    def _verb(self, rule: DeclaredRequestRule, annotation: Ext) -> str:
        if rule.methods is None or annotation.site is None:
            return rule.method
        site: Site = annotation.site
        value = self._graph.ev.arg_value(site, 999, rule.methods.kwarg or "")
        return next((m for t in texts(self._graph.ev, value) for m in verbs(t, {})), "GET")


def _parted(line: str) -> tuple[str, str]:
    """`GET /orders/{id}` as its two parts."""
    verb, _, path = line.strip().partition(" ")
    return verb, path.strip()
