"""What a component hands down to the function inside of it: `<Formik onSubmit={send}>{(form) => <form onSubmit={form.handleSubmit}>}`.

Cards name the component, its attribute and the names of what it hands down (`hands` of `events`).
"""

from __future__ import annotations

import re
from functools import cached_property

from backend_readiness.facts.model import Attr
from backend_readiness.graph.values import AV, Ext, ParamV, options
from backend_readiness.graph.world import Graph

MAX_AROUND = 20


class HandedDown:
    """The components of one repository that hand an event of theirs down."""

    def __init__(self, graph: Graph) -> None:
        self.graph = graph

    @cached_property
    def _rules(self) -> list[tuple[re.Pattern[str], frozenset[str], frozenset[str]]]:
        events = (t.rule for t in self.graph.knowledge.events if t.rule.hands)
        return [(re.compile(r.attribute), frozenset(r.tags), frozenset(r.hands)) for r in events]

    def attribute_of(self, file: str, value: AV) -> tuple[Attr, int] | None:
        """The attribute that a value runs which a component hands down, and the function that its element stands in."""
        for option in options(value) if self._rules else ():
            if not isinstance(option, Ext) or not isinstance(option.base, ParamV) or option.base.symbol.file != file:
                continue
            name = option.path.rpartition(".")[2]
            view = self.graph.view(file)
            inner = view.symbol(option.base.symbol.index)
            around = [e for e in view.facts.elements if e.start < inner.start and inner.end <= e.end]
            for element in reversed(around[-MAX_AROUND:]):
                for pattern, tags, hands in self._rules:
                    found = next((a for a in element.attrs if pattern.fullmatch(a.name)), None)
                    if name in hands and element.tag in tags and found is not None and found.value is not None:
                        return found, element.owner
        return None
