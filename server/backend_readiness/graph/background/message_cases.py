"""Messages that the loop behind a channel tells apart by its cases.

    while let Some(command) = commands.recv().await {
        match command { Command::Add { id } => store.add(id), Command::Wipe => store.wipe() }
    }

What sends `Command::Wipe` runs that part alone. The cases may stand in a function that the loop gives what arrived.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from functools import cached_property

from backend_readiness.facts.model import Block, Member
from backend_readiness.graph.background.buses import channel_of
from backend_readiness.graph.patterns import last_step
from backend_readiness.graph.references import argument_value
from backend_readiness.graph.values import AV, ClassV, Ext, FuncV, Site, SymbolId, options
from backend_readiness.graph.views import FileView, callee_name
from backend_readiness.graph.world import Graph
from backend_readiness.model import Place

Variant = tuple[SymbolId, str]  # the class that lists the messages, and the name of one
Part = tuple[FuncV, Place]
MAX_PARTS = 4
MAX_CALLED = 40


class MessageCases:
    """The parts of functions that take messages, found once for a graph."""

    def __init__(self, graph: Graph) -> None:
        self._graph = graph

    def taking(self, callee: Ext, site: Site) -> list[Part]:
        """The parts that run when `callee` sends at `site`."""
        found: list[Part] = []
        for tagged, _ in self._graph.knowledge.bus_senders.matches(callee):
            given = argument_value(self._graph.ev, site, tagged.rule.key, callee) if tagged.rule.cases else None
            for variant in (v for o in options(given) for v in _variant(o)) if given is not None else ():
                found.extend(self._parts.get((channel_of(tagged), variant), ()))
        return found[:MAX_PARTS]

    @cached_property
    def _parts(self) -> dict[tuple[str, Variant], list[Part]]:
        found: dict[tuple[str, Variant], list[Part]] = defaultdict(list)
        if not any(rule.cases for card in self._graph.knowledge.cards for rule in card.buses):
            return found
        index = self._graph.knowledge.bus_receivers
        wanted = index.names
        for path, file in self._graph.production.items():
            view = self._graph.view(path) if wanted.intersection(file.names) else None
            for number, call in enumerate(view.facts.calls) if view is not None else ():
                if view is None or callee_name(call) not in wanted:
                    continue
                callees = [o for o in options(self._graph.ev.value(call.callee, path, call.owner)) if isinstance(o, Ext)]
                for tagged in [t for c in callees for t, _ in index.matches(c) if t.rule.cases]:
                    for variant, part in self._behind(view, number):
                        if part not in found[channel_of(tagged), variant]:
                            found[channel_of(tagged), variant].append(part)
        return found

    def _behind(self, view: FileView, number: int) -> Iterator[tuple[Variant, Part]]:
        """The cases of the function in which a call receives; else of those that it calls, each with the call."""
        call = view.facts.calls[number]
        own = list(self._cases(view, call.owner, call.start))
        yield from own
        if own:
            return
        around = self._function(SymbolId(view.path, call.owner))
        for other in [c for c in view.calls_of.get(call.owner, ()) if view.facts.calls[c].start > call.start][:MAX_CALLED]:
            step = view.facts.calls[other]
            callee = self._graph.ev.value(step.callee, view.path, step.owner) if step.args else None
            for called in [o for o in options(callee) if isinstance(o, FuncV)] if callee is not None else ():
                for variant, part in self._cases(self._graph.view(called.symbol.file), called.symbol.index, 0):
                    yield variant, (called, part[1])
                    if around is not None:
                        yield variant, (around, Place(file=view.path, line=step.line, end_line=step.end_line))

    def _cases(self, view: FileView, owner: int, start: int) -> Iterator[tuple[Variant, Part]]:
        cases = [b for b in view.blocks_of.get(owner, ()) if b.kind == "case" and b.start >= start and isinstance(b.subject, Member)]
        function = self._function(SymbolId(view.path, owner)) if cases else None
        for case in cases if function is not None else ():
            for variant in self._told(view, case):
                if function is not None:
                    yield variant, (function, Place(file=view.path, line=case.line, end_line=case.end_line))

    def _told(self, view: FileView, case: Block) -> Iterator[Variant]:
        value = self._graph.ev.value(case.subject, view.path, case.owner) if case.subject is not None else None
        for option in options(value) if value is not None else ():
            yield from _variant(option)

    def _function(self, where: SymbolId) -> FuncV | None:
        return next((o for o in options(self._graph.ev.symbol_value(where)) if isinstance(o, FuncV)), None)


def _variant(value: AV) -> Iterator[Variant]:
    """`Command::Wipe`, `Command::Add(id)`, `Command::Add { id }`: a name that a class of the repository lists."""
    named = value.base if isinstance(value, Ext) and value.path.endswith("()") else value
    if isinstance(named, Ext) and isinstance(named.base, ClassV):
        yield named.base.symbol, last_step(named.path)
