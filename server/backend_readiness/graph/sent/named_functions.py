"""Functions that code runs by a name: actions of a store, endpoints behind generated hooks.

`dispatch("auth/login")` runs the function under the key `login` of an object called `actions`. The name is followed only
when one function of the repository can be meant.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from typing import TYPE_CHECKING

from backend_readiness.facts.model import Name, Record, Value
from backend_readiness.graph.patterns import last_step
from backend_readiness.graph.values import Ext, FuncV, Obj, SymbolId, Thunk, options

if TYPE_CHECKING:
    from backend_readiness.graph.world import Graph

MAX_DEPTH = 8
_STEP = re.compile(r"[\w$]+")


class NamedFunctions:
    """Objects of functions by the name of the variable or key that holds them, collected once for each name."""

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self._hooks: frozenset[str] | None = None
        self._known: dict[str, dict[str, list[FuncV]]] = {}

    def named(self, name: str, among: tuple[str, ...]) -> FuncV | None:
        """The function that a name such as `auth/login` means; None when there is none or more than one."""
        space, _, key = name.rpartition("/")
        found = [f for holder in among for f in self._holders(holder).get(key, ())]
        if len(found) > 1 and space:
            last = space.rpartition("/")[2].lower()
            found = [f for f in found if last in f.symbol.file.lower()]
        return found[0] if len({f.symbol for f in found}) == 1 else None

    def callers(self, where: SymbolId) -> set[str]:
        """Names that stand in the files from which a function may be run by its name; empty when it has none."""
        found: set[str] = set()
        for rule in self.graph.knowledge.dispatch_by_name:
            held = (f for holder in rule.among for several in self._holders(holder).values() for f in several)
            if rule.among and any(f.symbol == where for f in held):
                patterns = (rule.callee,) if isinstance(rule.callee, str) else rule.callee
                found.update(last_step(p.removesuffix(".*")) for p in patterns)
        return found

    def hook_names(self) -> frozenset[str]:
        """All identifiers of the repository that are generated hooks by their name."""
        if self._hooks is None:
            patterns = [re.compile(r.hook) for r in self.graph.knowledge.dispatch_by_name if r.hook is not None]
            files = self.graph.production.values() if patterns else ()
            self._hooks = frozenset(n for i in files for n in i.names if any(p.fullmatch(n) for p in patterns))
        return self._hooks

    def _holders(self, holder: str) -> dict[str, list[FuncV]]:
        known = self._known.get(holder)
        if known is None:
            known = self._known[holder] = defaultdict(list)
            for path in self.graph.naming(holder):
                for owner, record in _records_called(self.graph, path, holder):
                    value = self.graph.ev.value(record, path, owner)
                    if isinstance(value, Obj):
                        for key, thunk in value.fields.items():
                            self._add(known[key], thunk)
        return known

    def _add(self, into: list[FuncV], thunk: Thunk) -> None:
        value = self.graph.ev.thunk(thunk)
        if isinstance(value, Obj):  # `{ root: true, handler(context) {} }`
            value = self.graph.ev.member(value, "handler")
        into.extend(o for o in options(value) if isinstance(o, FuncV) and all(f.symbol != o.symbol for f in into))


def _records_called(graph: Graph, path: str, holder: str) -> Iterator[tuple[int, Record]]:
    facts = graph.view(path).facts

    def inside(value: Value | None, depth: int) -> Iterator[Record]:
        if isinstance(value, Record) and depth < MAX_DEPTH:
            for key, item in value.items:
                if key == holder and isinstance(item, Record):
                    yield item
                else:
                    yield from inside(item, depth + 1)

    for assign in facts.assigns:
        if isinstance(assign.target, Name) and assign.target.id == holder and isinstance(assign.value, Record):
            yield assign.owner, assign.value
        else:
            for record in inside(assign.value, 0):
                yield assign.owner, record
    for call in facts.calls:
        for arg in call.args[:4]:
            for record in inside(arg.value, 0):
                yield call.owner, record
    for export in facts.exports:
        for record in inside(export.value, 0):
            yield 0, record


def hooked_key(callee: Ext, hook: str) -> str | None:
    """The key that the name of a generated hook carries: `useGetUserQuery` with `use(.+)Query` is `getUser`."""
    for step in _STEP.findall(callee.path):
        match = re.fullmatch(hook, step)
        if match:
            text = next((g for g in match.groups() if g), "")
            return text[:1].lower() + text[1:] if text else None
    return None
