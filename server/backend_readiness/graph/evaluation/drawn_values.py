"""Values that a page gives to a template which it draws inside of itself: `render("form.html", Map.put(assigns, :action, url))`.

Cards name the calls (key `drawn`). A name that several pages give means all of their values. A template that is drawn without a folder
stands beside the page.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from functools import cached_property
from typing import TYPE_CHECKING

from backend_readiness.facts.model import Arg, CallRef, Lit, Record, Value
from backend_readiness.graph.families import family
from backend_readiness.graph.tagged import spoken
from backend_readiness.graph.values import AV, union
from backend_readiness.graph.views import FileView, callee_name

if TYPE_CHECKING:
    from backend_readiness.graph.world import Graph
    from backend_readiness.rules.drawn_rules import DrawnRule

MAX_PAGES = 40
MAX_STEPS = 12


class DrawnValues:
    """The templates of one repository that others draw, one at a time."""

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self._rules = [(c, r) for c in graph.knowledge.cards for r in c.drawn]
        self._languages = frozenset(language for c, _ in self._rules for language in spoken(c))
        self._found: dict[tuple[str, str], AV | None] = {}

    def member(self, file: str, name: str) -> AV | None:
        """What the pages beside a template that draw it give under a name of it (`@action`); None when none does."""
        if not self._rules or family(self.graph.facts.files[file].language) not in self._languages:
            return None
        if (file, name) not in self._found:
            self._found[file, name] = None  # a page that gives on what it was given itself
            values = [v for _, r in self._rules if name.startswith(r.mark) for v in self._given(file, name.removeprefix(r.mark), r)]
            self._found[file, name] = union(values) if values else None
        return self._found[file, name]

    def written(self, file: str, name: str) -> Iterator[tuple[Value, FileView, int]]:
        """What the pages beside a template write for a name of it, each with its page and the function that it stands in."""
        if self._rules and family(self.graph.facts.files[file].language) in self._languages:
            for _, rule in self._rules:
                if name.startswith(rule.mark):
                    yield from self._written(file, name.removeprefix(rule.mark), rule)

    def _given(self, file: str, name: str, rule: DrawnRule) -> Iterator[AV]:
        for value, view, owner in self._written(file, name, rule):
            yield self.graph.ev.value(value, view.path, owner)

    def _written(self, file: str, name: str, rule: DrawnRule) -> Iterator[tuple[Value, FileView, int]]:
        folder, _, whole = file.rpartition("/")
        own = whole.removeprefix(rule.prefix)
        if rule.prefix and own == whole:
            return
        names = {own.rpartition(".")[0], own.partition(".")[0]}  # `form.html` and `form` of `form.html.heex`
        places = [c for n in sorted(names) for c in self._calls.get(n, ()) if c[0] != file]
        pages: set[str] = set()
        for path, number, said in places:
            inside = path.rpartition("/")[0] == folder if "/" not in said else f"/{folder}/".endswith(f"/{said.rpartition('/')[0]}/")
            pages.update((path,) if inside and len(pages) < MAX_PAGES else ())
            if not inside or path not in pages:
                continue
            view = self.graph.view(path)
            call = view.facts.calls[number]
            for arg in call.args if callee_name(call) in rule.draw else ():
                found = _under(view, arg, name, name in names, rule)
                if found is not None:
                    yield found, view, call.owner

    @cached_property
    def _calls(self) -> dict[str, list[tuple[str, int, str]]]:
        """Last part of what is drawn -> the calls that draw it: file, number, and what they say (`orders/form`)."""
        found: dict[str, list[tuple[str, int, str]]] = defaultdict(list)
        words = {d for _, r in self._rules for d in r.draw}
        for path in dict.fromkeys(p for word in words for p in self.graph.naming(word) if p in self.graph.production):
            view = self.graph.view(path)
            for number in (n for word in words for n in view.calls_by_name.get(word, ())):
                said = (a.value.value for a in view.facts.calls[number].args if isinstance(a.value, Lit))
                for text in dict.fromkeys(t for t in said if isinstance(t, str) and t):
                    found[text.rpartition("/")[2]].append((path, number, text))
        return found


def _under(view: FileView, arg: Arg, name: str, is_own: bool, rule: DrawnRule) -> Value | None:
    """What an argument gives under a name; `is_own`: the name is that of the template itself."""
    if arg.name is None:
        return _put(view, arg.value, name, rule)
    if is_own and arg.name == rule.whole:
        return arg.value
    if rule.under and arg.name == rule.under:
        return next((v for k, v in arg.value.items if k == name), None) if isinstance(arg.value, Record) else None
    return arg.value if arg.name == name else None


def _put(view: FileView, value: Value, name: str, rule: DrawnRule) -> Value | None:
    """What stands under a name in a chain of calls that put one after the other."""
    current: Value | None = value
    for _ in range(MAX_STEPS):
        if not isinstance(current, CallRef):
            return None
        call = view.facts.calls[current.call]
        if callee_name(call) not in rule.put or len(call.args) != 3:
            return None
        if call.args[1].value == Lit(name):
            return call.args[2].value
        current = call.args[0].value
    return None


__all__ = ["DrawnValues"]
