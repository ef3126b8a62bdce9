"""Methods that an attribute names by its text: `data-action="click->cart#add"` runs `add` of the class in `cart_controller.js`.

Cards say how such a text is read and where the class stands (`methods`, `files`, `runs` of an event rule).
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace
from functools import cached_property

from backend_readiness.facts.model import Concat, Lit, Value
from backend_readiness.graph.families import family
from backend_readiness.graph.steps import Step, event_step
from backend_readiness.graph.values import SymbolId
from backend_readiness.graph.world import Graph
from backend_readiness.rules.page_rules import EventRule

MAX_TEXT = 2_000
MAX_NAMED = 40


class NamedMethods:
    """All of one repository."""

    def __init__(self, graph: Graph) -> None:
        self.graph = graph

    @cached_property
    def _rules(self) -> list[tuple[re.Pattern[str], EventRule, str]]:
        return [(re.compile(t.rule.attribute), t.rule, t.card.id.partition("/")[0]) for t in self.graph.knowledge.events if t.rule.methods]

    @cached_property
    def _stems(self) -> dict[str, list[str]]:
        """The last name of a file without its suffixes -> the files."""
        found: dict[str, list[str]] = defaultdict(list)
        for path in self.graph.production if self._rules else ():
            found[path.rpartition("/")[2].partition(".")[0].replace("-", "_")].append(path)
        return found

    @cached_property
    def _all(self) -> dict[str, list[tuple[SymbolId, Step]]]:
        found: dict[str, list[tuple[SymbolId, Step]]] = defaultdict(list)
        for path, index in self.graph.production.items() if self._rules else ():
            wanted = [r for r in self._rules if any(r[0].fullmatch(n) for n in index.names)] if index.elements else []
            for element in self.graph.view(path).facts.elements if wanted else ():
                for attr in element.attrs:
                    for pattern, rule, language in wanted:
                        if pattern.fullmatch(attr.name):
                            step = event_step(path, element, attr.name)
                            step = replace(step, kind="load") if rule.loads else step
                            found[path].extend((where, step) for where in self._methods(attr.value, rule, language))
        return found

    @cached_property
    def _steps(self) -> dict[SymbolId, list[Step]]:
        found: dict[SymbolId, list[Step]] = defaultdict(list)
        for pairs in self._all.values():
            for where, step in pairs:
                found[where].append(step)
        return found

    def of_file(self, file: str) -> list[tuple[SymbolId, Step]]:
        return self._all.get(file, [])

    def of(self, where: SymbolId) -> list[Step]:
        """The elements that run a method."""
        return self._steps.get(where, [])

    def _methods(self, value: Value | None, rule: EventRule, language: str) -> Iterator[SymbolId]:
        parts = value.parts if isinstance(value, Concat) else (value,)
        text = " ".join(str(p.value) for p in parts if isinstance(p, Lit))[:MAX_TEXT]
        for number, found in enumerate(re.finditer(rule.methods, text)):
            if number >= MAX_NAMED:
                return
            names = rule.runs or (found["method"],)
            for file in self.files(rule.files.format(controller=found["controller"]), language):
                view = self.graph.view(file)
                for index, symbol in enumerate(view.facts.symbols):
                    if symbol.kind == "method" and symbol.name in names:
                        yield SymbolId(file, index)

    def files(self, name: str, language: str) -> list[str]:
        """The files of that name; `users--list` stands in a folder `users`."""
        folders = name.replace("--", "/").replace("-", "_")
        found = [f for f in self._stems.get(folders.rpartition("/")[2], ()) if family(self.graph.facts.files[f].language) == language]
        return [f for f in found if f"/{f.rpartition('.')[0].replace('-', '_')}".endswith(f"/{folders}")]
