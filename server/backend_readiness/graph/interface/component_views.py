"""Classes that show a view: which template belongs to which class, by a call that names it or by the names of both.

A class `Orders\\Create` shows what its `view("livewire.orders.create")` names, or, without one, the template of that name. A template that
holds such a class itself belongs to it, and what a template includes belongs to its class too.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from functools import cached_property

from backend_readiness.facts.model import Lit
from backend_readiness.graph.classes import inheritance
from backend_readiness.graph.interface.shown import kebab
from backend_readiness.graph.patterns import compiled
from backend_readiness.graph.values import ClassV, SymbolId
from backend_readiness.graph.views import callee_name
from backend_readiness.graph.world import Graph
from backend_readiness.rules.page_rules import ServerActionRule

MAX_INCLUDED = 3


class ComponentViews:
    def __init__(self, graph: Graph, rule: ServerActionRule) -> None:
        self.graph, self.rule = graph, rule
        self._bases = [compiled(p) for p in rule.base]

    def pairs(self) -> Iterator[tuple[str, ClassV]]:
        """(template, class) of every class below the base, in the order of files."""
        seen: set[tuple[str, SymbolId]] = set()
        for cls in self._classes:
            for template in self._templates(cls):
                for path in self._with_included(template, 0):
                    if (path, cls.symbol) not in seen:
                        seen.add((path, cls.symbol))
                        yield path, cls

    @cached_property
    def _classes(self) -> list[ClassV]:
        names = self.graph.names_below({p.rpartition(".")[2] for p in self.rule.base})
        found = sorted({w for n in names for w in self.graph.subclasses(n)}, key=lambda w: (w.file, w.index))
        classes = [ClassV(w) for w in (*found, *self._written_in(names)) if w.file in self.graph.production]
        return [c for c in classes if any(b.fullmatch(e.path) for e in inheritance.external_bases(self.graph.ev, c) for b in self._bases)]

    def _written_in(self, names: set[str]) -> Iterator[SymbolId]:
        """Classes without a name in templates: `new class extends Component { ... }`."""
        for path in sorted({p for n in names for p in self.graph.naming(n) if p.endswith(self.rule.view_ending)}):
            for number, symbol in enumerate(self.graph.view(path).facts.symbols):
                if symbol.kind == "class" and not symbol.name and symbol.bases:
                    yield SymbolId(path, number)

    @cached_property
    def _by_name(self) -> dict[str, list[str]]:
        """The name of a template without folders and ending -> templates."""
        found: dict[str, list[str]] = defaultdict(list)
        for path in self.graph.production:
            if path.endswith(self.rule.view_ending):
                found[path.removesuffix(self.rule.view_ending).rpartition("/")[2]].append(path)
        return found

    def _template(self, name: str) -> str | None:
        """The only template that a name with dots or slashes means."""
        steps = name.rpartition("::")[2].replace(".", "/")
        whole = f"/{steps}{self.rule.view_ending}"
        found = [p for p in self._by_name.get(steps.rpartition("/")[2], ()) if f"/{p}".endswith(whole)]
        return found[0] if len(found) == 1 else None

    def _templates(self, cls: ClassV) -> list[str]:
        view = self.graph.view(cls.symbol.file)
        if cls.symbol.file.endswith(self.rule.view_ending):
            return [cls.symbol.file]
        called = [c for c in view.facts.calls if callee_name(c) in self.rule.view_calls and cls.symbol.index in view.enclosing(c.owner)]
        texts = [c.args[0].value.value for c in called if c.args and isinstance(c.args[0].value, Lit)]
        named = [t for t in (self._template(n) for n in texts if isinstance(n, str)) if t is not None]
        if called:
            return named
        _, folder, after = cls.symbol.file.rpartition(f"{self.rule.class_folder}/")
        steps = [kebab(s) for s in after.rpartition(".")[0].split("/")]
        template = self._template("/".join((self.rule.view_folder, *steps))) if folder else None
        return [template] if template is not None else []

    def _with_included(self, template: str, depth: int) -> Iterator[str]:
        yield template
        view = self.graph.view(template)
        drawn = [
            f"{folder}/{e.tag.removeprefix(start)}"
            for e in view.facts.elements
            for start, folder in self.rule.inner_tags.items()
            if e.tag.startswith(start)
        ]
        for name in dict.fromkeys((*view.facts.template, *drawn)) if depth < MAX_INCLUDED else ():
            inner = self._template(name)
            if inner is not None and inner != template:
                yield from self._with_included(inner, depth + 1)
