"""Clients whose address does not stand among the arguments of the call itself, but in an earlier one (`orders.query()`) or in a function
which makes it when it is needed: `useSWR(() => `/orders/${id}`)`; or who has one of its own (`useChat()`)."""

from __future__ import annotations

from dataclasses import dataclass

from backend_readiness.facts.file_index import FileIndex
from backend_readiness.facts.model import Call, Func, Name
from backend_readiness.graph.patterns import last_step
from backend_readiness.graph.views import FileView, callee_name
from backend_readiness.graph.world import Graph


@dataclass(frozen=True, slots=True)
class LateAddresses:
    """`names` of functions that are given one, and the `modules` whose default is such a function; `before`: the names of calls whose
    address stands in an earlier call, or in the rule."""

    names: frozenset[str]
    modules: frozenset[str]
    before: frozenset[str]

    @classmethod
    def of(cls, graph: Graph) -> LateAddresses:
        rules = [(c, r) for c in graph.knowledge.cards for r in c.clients if r.when_url and not r.verbs]
        patterns = {p for c, r in rules for p in graph.knowledge.patterns(c, r.callee) if "*" not in p and not p.startswith("?")}
        modules = frozenset(p for p in patterns if not p.startswith("~") and "." not in p.rpartition("/")[2])
        earlier = [(c, r) for c in graph.knowledge.cards for r in c.clients if any(u.at is not None or u.const is not None for u in r.url)]
        spoken = [(p, r.verbs) for c, r in earlier for p in graph.knowledge.patterns(c, r.callee)]
        before = frozenset(n for p, verbs in spoken for n in (verbs if p.endswith("{verb}") else (last_step(p),)))
        return cls(frozenset(last_step(p) for p in patterns - modules), modules, before)

    def may_stand_in(self, file: FileIndex) -> bool:
        return bool(file.called(self.before | self.names)) or not self.modules.isdisjoint(file.modules)

    def says(self, call: Call, view: FileView) -> bool:
        """Is such a function given what may make an address: a function, or the name of one?"""
        first = call.args[0].value if call.args else None
        if not isinstance(first, Func | Name):
            return False
        if callee_name(call) in self.names:
            return True
        return isinstance(call.callee, Name) and any(i.module in self.modules for i in view.imports.get(call.callee.id, ()))


def called_themselves(graph: Graph) -> frozenset[str]:
    """The languages with an active client that is called itself, under any name: `const api = create(); api("/x")`."""
    cards = [c for c in graph.knowledge.cards if c.clients and (c.detect.imports or c.detect.manifests)]
    return frozenset(f for c in cards for f in (c.languages or (c.id.partition("/")[0],)))
