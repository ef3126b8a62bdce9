"""Who sends a request: the interface, or the server itself, programs and tests, which ask other services.

A file is the interface's when it holds markup, when one that does loads it, in itself or through others, or when the framework imports it
into pages by itself. What else the files of routes load is the server's, and what a program loads is the program's: a file that nobody
loads and that loads a module which no browser has (`server_modules` of a card), or routes and no markup. What any other file that nobody
loads leads to may be a page's (`client/main.js`), and so it is the interface's. Modules of a package of its own (a folder with a manifest)
of which no page loads anything are the server's when its routes load some of them or one needs a process: plug-ins that are found by the
names of their files. So is what lies where a framework keeps its server (`inside` of a card's `auto_imports`). A file that only tests
import is theirs, unless it is the one that they are named after (`main.test.ts`).
"""

from __future__ import annotations

import re
from collections import defaultdict, deque
from collections.abc import Callable, Iterable
from functools import cached_property
from itertools import product

from backend_readiness.graph.evaluation.auto_imports import application_of
from backend_readiness.graph.routes.routing import BoundRoute
from backend_readiness.graph.world import Graph
from backend_readiness.snapshot.places import is_test

MAX_IMPORTERS = 400
_MARKS = re.compile(r"^test[._-]|[._-]?(?:test|tests|spec|specs|cy|e2e)$")


class Senders:
    """The files of one repository whose requests no page sends."""

    def __init__(self, graph: Graph, routes: tuple[BoundRoute, ...]) -> None:
        self._graph = graph
        self._routes = routes
        self._tested: dict[str, bool] = {}

    def is_interface(self, file: str) -> bool:
        """May a page send what the file sends?"""
        if file in self._shown:
            return True
        if self._lies_in_server(file) or self._is_of_server_package(file):
            return False
        return file in self._reached or not (file in self._served or file in self._programs or self._is_only_tested(file))

    @cached_property
    def _shown(self) -> frozenset[str]:
        """The files with markup and all that they load."""
        marked = (p for p, i in self._graph.production.items() if i.elements)
        return self._loaded((*marked, *self._imported_into_pages()))

    @cached_property
    def _served(self) -> frozenset[str]:
        """What the files of routes and handlers load."""
        return self._loaded(self._answering)

    @cached_property
    def _answering(self) -> frozenset[str]:
        handlers = {b.route.handler.file for b in self._routes if b.route.handler is not None}
        return frozenset({b.route.place.file for b in self._routes} | handlers)

    def _loaded(self, first: Iterable[str]) -> frozenset[str]:
        return _closure(first, lambda path: self._loads.get(path, ()))

    @cached_property
    def _loads(self) -> dict[str, tuple[str, ...]]:
        """The files that each file loads at run time."""
        found: dict[str, tuple[str, ...]] = {}
        for path, index in self._graph.facts.files.items():
            targets = (self._graph.resolve(m, path) for m in index.modules if m not in index.erased)
            found[path] = tuple(dict.fromkeys(t for t in targets if t is not None and t != path))
        return found

    @cached_property
    def _loaders(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = defaultdict(list)
        for path, targets in self._loads.items():
            for target in targets:
                if not (is_test(path) and _named_after(path, target)):
                    found[target].append(path)
        return found

    def _imported_into_pages(self) -> list[str]:
        """Files that the framework imports by itself, but for those that only its server knows."""
        rules = [r for r in self._graph.knowledge.auto_imports if not r.inside]
        found: list[str] = []
        for rule, path in product(rules, self._graph.production):
            root = application_of(self._graph.has, path, rule.marks)
            if root is not None and any(path.startswith(f"{root}{f}/") for f in rule.folders):
                found.append(path)
        return found

    def _lies_in_server(self, file: str) -> bool:
        for rule in self._graph.knowledge.auto_imports:
            root = application_of(self._graph.has, file, rule.marks) if rule.inside else None
            if root is not None and file.startswith(f"{root}{rule.inside}/"):
                return True
        return False

    @cached_property
    def _processes(self) -> frozenset[str]:
        """The files that load a module which no browser has. One that others load may do so only where it is no page's."""
        modules = frozenset(m for c in self._graph.knowledge.cards for m in c.server_modules)
        return frozenset(p for p, i in self._graph.production.items() if p not in self._shown and not modules.isdisjoint(i.modules))

    @cached_property
    def _entries(self) -> frozenset[str]:
        """The files that nobody loads."""
        return frozenset(p for p in self._graph.production if not self._loaders.get(p))

    @cached_property
    def _starting(self) -> frozenset[str]:
        """What is loaded by the files that start the server: they load its routes, and no markup."""
        starts = self._entries & self._loading(b.route.place.file for b in self._routes) - self._loading(self._shown)
        return self._loaded(starts)

    def _loading(self, last: Iterable[str]) -> frozenset[str]:
        """The files themselves and what loads them, also through others."""
        return _closure(last, lambda path: self._loaders.get(path, ()))

    @cached_property
    def _programs(self) -> frozenset[str]:
        return self._loaded(self._entries & self._processes) | self._starting

    @cached_property
    def _reached(self) -> frozenset[str]:
        """What is loaded by files of which nothing says that they are no page's; without pages nothing that the server loads too."""
        entries = self._entries - self._processes - self._answering
        reached = self._loaded(e for e in entries if not self._lies_in_server(e) and not self._is_of_server_package(e))
        return reached if self._shown else reached - self._starting

    # ------------------------------------------------------------ packages

    @cached_property
    def _packages(self) -> list[str]:
        """The folders of packages but for the repository itself, with a slash behind each, the deepest first."""
        return sorted((f"{a.root}/" for a in self._graph.snapshot.applications if a.root), key=len, reverse=True)

    def _package(self, file: str) -> str | None:
        return next((p for p in self._packages if file.startswith(p)), None)

    @cached_property
    def _server_packages(self) -> frozenset[str | None]:
        shown = {self._package(f) for f in self._shown}
        return frozenset({self._package(f) for f in self._served | self._processes} - shown - {None})

    def _is_of_server_package(self, file: str) -> bool:
        """A script that imports nothing may be one of a page that is not written as markup."""
        index = self._graph.facts.files.get(file)
        return index is not None and bool(index.modules) and self._package(file) in self._server_packages

    # ------------------------------------------------------------ tests

    def _is_only_tested(self, file: str) -> bool:
        known = self._tested.get(file)
        if known is None:
            known = self._tested[file] = self._asked_by_tests(file)
        return known

    def _asked_by_tests(self, file: str) -> bool:
        seen, queue, tests = {file}, deque([file]), 0
        while queue and len(seen) <= MAX_IMPORTERS:
            path = queue.popleft()
            if is_test(path):
                tests += 1
                continue
            importing = self._loaders.get(path, ())
            if not importing:
                return False
            new = [f for f in importing if f not in seen]
            seen.update(new)
            queue.extend(new)
        return tests > 0 and not queue


def _named_after(test: str, file: str) -> bool:
    """Is a test called like the file that it loads?"""
    return _MARKS.sub("", _stem(test).lower()) == _stem(file).lower()


def _stem(path: str) -> str:
    name = path.rpartition("/")[2]
    return name.rpartition(".")[0] or name


def _closure(first: Iterable[str], following: Callable[[str], Iterable[str]]) -> frozenset[str]:
    seen = set(first)
    queue = deque(sorted(seen))
    while queue:
        new = [f for f in following(queue.popleft()) if f not in seen]
        seen.update(new)
        queue.extend(new)
    return frozenset(seen)
