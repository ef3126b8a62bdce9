"""Files of settings that annotations of classes name: `@PropertySource("classpath:shop.properties")`.

They hold for the application that the class configures: its package and those that it scans, or the whole module where no other class
of it names such a file.
"""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from backend_readiness.graph.urls import texts
from backend_readiness.graph.values import Site
from backend_readiness.rules.setting_rules import load_setting_rules

if TYPE_CHECKING:
    from backend_readiness.graph.world import Graph

MAX_SOURCES = 40


@dataclass(frozen=True, slots=True)
class Source:
    """The settings that a class names a file for; `packages`: those of its application."""

    file: str
    packages: tuple[str, ...]
    settings: dict[str, str]

    def holds(self, package: str) -> bool:
        """Is the package one of the application?"""
        return any(package == p or package.startswith(f"{p}.") for p in self.packages)


def named(graph: Graph, read: Callable[[str, str], dict[str, str]]) -> Iterator[Source]:
    """The files that annotations name, in the order of paths; `read` gives the settings of one."""
    rules = load_setting_rules().sources
    found = [(file, name) for name in rules.named_by for file in graph.calling(name) if file in graph.production]
    for file, name in found[:MAX_SOURCES]:
        package = graph.facts.files[file].package
        scanned = [p for scan in rules.scanned_by for p in _said(graph, file, scan, rules.packages)]
        for written in _said(graph, file, name, rules.files):
            path = written.partition(":")[2] or written
            for candidate in graph.files_named(posixpath.basename(path)):
                if candidate.endswith(f"/{path.strip('/')}") and "/test/" not in f"/{candidate}":
                    yield Source(file, tuple(p for p in (package, *scanned) if p), read(candidate, graph.text(candidate)))


def _said(graph: Graph, file: str, name: str, keys: tuple[str, ...]) -> Iterator[str]:
    """The texts that annotations of one name in a file are given under these keys, or without any."""
    view = graph.view(file)
    for number in view.calls_by_name.get(name, ()):
        call = view.facts.calls[number]
        for arg in call.args:
            if arg.name is None or arg.name in keys:
                yield from texts(graph.ev, graph.ev.value(arg.value, file, call.owner, Site(file, number, None).env))
