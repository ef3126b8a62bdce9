"""Names under which a repository keeps the call of a rule: `const createRouter = t.router`, `import { api as route } from "..."`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from backend_readiness.facts.model import CallRef, Member, Name, Seq
from backend_readiness.graph.patterns import last_step
from backend_readiness.graph.views import FileView, callee_name

if TYPE_CHECKING:
    from backend_readiness.graph.world import Graph


_PACKAGE_NAME = re.compile(r"@?[\w.:-]+(?:/[\w.-]+)*")
_PACKAGE = re.compile(r"@?[\w-]+(?:/[\w-]+)?")


def _of_packages(graph: Graph) -> set[str]:
    knowledge = graph.knowledge
    called = {p for c in knowledge.cards for r in c.routes for p in knowledge.patterns(c, r.callee) if _PACKAGE.fullmatch(p)}
    found: set[str] = set()
    named: dict[str, set[str]] = {}
    for pattern in (
        p.replace("{verb}", v)
        for c in knowledge.cards
        for r in c.routes
        for p in knowledge.patterns(c, r.callee)
        for v in (r.verbs or ("",))
    ):
        module, _, name = pattern.rpartition(".")
        if _PACKAGE_NAME.fullmatch(module) and name.isidentifier():
            named.setdefault(module, set()).add(name)
    for path, file in graph.production.items() if named else ():
        for module in named.keys() & set(file.modules):  # `import { createServer as makeServer } from "node:https"`
            items = (i for imported in graph.view(path).imports.values() for i in imported)
            found.update(i.local for i in items if i.module == module and i.name in named[module] and i.local and i.local != i.name)
    for path, file in graph.production.items() if called else ():
        for module in called.intersection(file.modules):
            items = (i for imported in graph.view(path).imports.values() for i in imported)
            found.update(i.local for i in items if i.module == module and i.name in (None, "default") and i.local)
    return found


def other_names(graph: Graph) -> set[str]:
    """The names, for the rules that ask for them, and those that files give to a package that is called itself.

    Options of a rule: `renamed`, what its callee is kept as; `made_by`, makers whose result, kept under any name, is what is called.
    """
    found = _of_packages(graph)
    for card in graph.knowledge.cards:
        for rule in card.routes:
            tails = {last_step(c) for c in graph.knowledge.patterns(card, rule.callee)} if rule.options.get("renamed") else set()
            for tail in sorted(tails):
                for file in graph.naming(tail):
                    for assign in graph.view(file).facts.assigns:
                        if isinstance(assign.value, Member) and assign.value.name == tail and isinstance(assign.target, Name):
                            found.add(assign.target.id)
            for maker in rule.options.get("made_by", ()):
                for file in graph.naming(maker):
                    found.update(_made_by(graph.view(file), maker))
    return found


def _made_by(view: FileView, maker: str) -> Iterator[str]:
    """The names that a file gives to what a call gives, one or several: `app, rt = fast_app()`."""
    for assign in view.facts.assigns:
        if isinstance(assign.value, CallRef) and callee_name(view.facts.calls[assign.value.call]) == maker:
            targets = assign.target.items if isinstance(assign.target, Seq) else (assign.target,)
            yield from (t.id for t in targets if isinstance(t, Name))
