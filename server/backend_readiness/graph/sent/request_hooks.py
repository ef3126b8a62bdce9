"""Functions that a client runs before each request, and that change where it goes:

api.interceptors.request.use((config) => { config.url = `/${tenant()}${config.url}`; return config })
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from backend_readiness.facts.model import Assign, Concat, Member, Name, Value
from backend_readiness.graph.evaluation.evaluate import Evaluator
from backend_readiness.graph.evaluation.texts import join_text
from backend_readiness.graph.families import family
from backend_readiness.graph.patterns import compiled
from backend_readiness.graph.sent.requests import same_client, with_base
from backend_readiness.graph.urls import Piece, alternatives
from backend_readiness.graph.values import AV, Ext, FuncV, options
from backend_readiness.graph.views import FileView, callee_name
from backend_readiness.graph.world import Graph
from backend_readiness.rules.cards import Card, ClientRule

MAX_HOOKS = 12


@dataclass(frozen=True, slots=True)
class _Hook:
    client: Ext
    before: tuple[tuple[Piece, ...], ...]  # what is put before the URL
    always: bool


class RequestHooks:
    def __init__(self, graph: Graph, symbolic: Evaluator) -> None:
        self.graph = graph
        self.symbolic = symbolic
        self._found: dict[str, list[_Hook]] = {}

    def changed(self, rule: ClientRule, card: Card, callee: Ext, urls: tuple[tuple[Piece, ...], ...]) -> tuple[tuple[Piece, ...], ...]:
        """The URLs that a client asks for when it is given `urls`: both ways where a hook changes only some."""
        for pattern in rule.hooks:
            for hook in self._hooks(pattern, card):
                if same_client(hook.client, callee):
                    put = tuple(with_base(b, u) for u in urls for b in hook.before)
                    urls = put if hook.always else (*put, *urls)
        return urls

    def _hooks(self, pattern: str, card: Card) -> list[_Hook]:
        known = self._found.get(pattern)
        if known is None:
            known = self._found[pattern] = []
            steps = pattern.rpartition("}.")[2].split(".")
            regexes = [compiled(p) for p in self.graph.knowledge.patterns(card, pattern)]
            spoken = {family(x) for x in (card.languages or (card.id.partition("/")[0],))}
            for path in self.graph.naming(steps[0]):
                if path not in self.graph.production or family(self.graph.production[path].language) not in spoken:
                    continue
                view = self.graph.view(path)
                for number in [n for n, c in enumerate(view.facts.calls) if callee_name(c) == steps[-1]]:
                    known.extend(self._of_call(view, number, regexes, len(steps)))
            del known[MAX_HOOKS:]
        return known

    def _of_call(self, view: FileView, number: int, regexes: list[re.Pattern[str]], steps: int) -> list[_Hook]:
        call = view.facts.calls[number]
        found: list[_Hook] = []
        for callee in options(self.graph.ev.value(call.callee, view.path, call.owner)):
            if not isinstance(callee, Ext) or not call.args or not any(r.fullmatch(callee.path) for r in regexes):
                continue
            client: AV | None = callee
            for _ in range(steps):
                client = client.base if isinstance(client, Ext) else None
            for function in options(self.graph.ev.value(call.args[0].value, view.path, call.owner)):
                if isinstance(client, Ext) and isinstance(function, FuncV):
                    found.extend(self._of_function(client, function))
        return found

    def _of_function(self, client: Ext, function: FuncV) -> list[_Hook]:
        view = self.graph.view(function.symbol.file)
        given = [p.name for p in view.symbol(function.symbol.index).params if p.name != "self"][:1]
        found: list[_Hook] = []
        for assign in view.assigns_of.get(function.symbol.index, ()):
            parts = self._parts_before(assign, given[0]) if given else None
            if parts is not None:
                before = join_text([self.symbolic.value(p, view.path, assign.owner) for p in parts])
                always = not any(
                    b.start <= assign.start < b.end and b.kind in ("if", "else", "case") for b in view.blocks_of.get(assign.owner, ())
                )
                found.append(_Hook(client, tuple(alternatives(self.symbolic, before)), always))
        return found

    def _parts_before(self, assign: Assign, given: str) -> tuple[Value, ...] | None:
        """What stands before the URL in what is assigned to it: of `config.url = "/x" + config.url` the text."""
        own = assign.target
        if not (isinstance(own, Member) and own.name == "url" and own.base == Name(given) and isinstance(assign.value, Concat)):
            return None
        parts = assign.value.parts
        return parts[:-1] if len(parts) > 1 and parts[-1] == own else None
