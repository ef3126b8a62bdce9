"""Functions of a deployment file and the requests that run them, as Serverless Framework and AWS SAM write them.

`functions: {create: {handler: todos/create.create, events: [{http: {path: todos, method: post}}]}}`. Options of the rule: `functions` is
the key of the record of functions; `type` the key and the texts that make an entry one; `inside` the key that holds what follows;
`handler`, `folder` and `events` its keys. Events are a list of records with one key, or a record of records with a `type_key`; `kinds`
maps that key or type to the keys of the path and the method, or to a fixed method; a text is `GET /orders`. `guard` is the key that names
a function which runs before. An event that takes all paths is a route only where nothing else of the repository answers.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatch
from typing import Any

import yaml

from backend_readiness.graph.handling.handlers import unwrapped
from backend_readiness.graph.routes.openapi import read_document
from backend_readiness.graph.routes.routing import Guard, Registration
from backend_readiness.graph.routes.scan import Scan
from backend_readiness.graph.values import AV, ModV, UnknownV
from backend_readiness.model import Place
from backend_readiness.rules.card_rules import RouteRule
from backend_readiness.rules.cards import Card

MAX_CHARS = 500_000
MAX_FILES = 60
MAX_FUNCTIONS = 500
MAX_EVENTS = 50
_SUFFIXES = (".ts", ".js", ".mjs", ".cjs", ".tsx", ".py", ".rb")


@dataclass(frozen=True, slots=True)
class _Event:
    method: str
    path: str
    line: int
    guard: str


def collect(scan: Scan) -> None:
    for card in scan.graph.knowledge.cards:
        for rule in card.routes:
            if rule.shape == "trigger_events":
                paths = [f.path for f in scan.graph.snapshot.files if any(fnmatch(f.path, g) for g in rule.glob)]
                for path in paths[:MAX_FILES]:
                    _Document(scan, card, rule, path).register()


class _Document:
    """One file."""

    def __init__(self, scan: Scan, card: Card, rule: RouteRule, path: str) -> None:
        self.scan, self.card, self.rule, self.path, self.spec = scan, card, rule, path, rule.options

    def register(self) -> None:
        functions = dict(self._functions())
        others = {(r.method, r.path) for r in self.scan.routing.registrations if r.rule.shape != "trigger_events"}
        for entry in functions.values():
            handler, around = unwrapped(self.scan.graph, self._handler(entry))
            for event in self._events(entry):
                if others and ("+}" in event.path or (event.path == "/" and event.method == "ANY")):
                    continue  # what takes every path is an application of the repository
                if (event.method, event.path) in others:
                    continue  # an application names the path too
                place = Place(file=self.path, line=event.line, end_line=event.line)
                guard = self._handler(functions[event.guard]) if event.guard in functions else None
                self.scan.routing.registrations.append(
                    Registration(
                        router=None, method=event.method, path=event.path.replace("+}", "*}"), place=place, start=event.line,
                        card=self.card, rule=self.rule, handler=handler,
                        guards=tuple(Guard(value=v, place=place, start=0) for v in (guard, *around) if v is not None),
                    )
                )  # fmt: skip

    def _functions(self) -> Iterator[tuple[str, yaml.Node]]:
        """Name of a function -> what is said of it."""
        text = self.scan.graph.text(self.path)
        root = read_document(text) if len(text) <= MAX_CHARS else None
        listed = _at(root, str(self.spec["functions"]))
        several = listed.value if isinstance(listed, yaml.SequenceNode) else [listed]  # a list of records, one for each included file
        for node in several[:MAX_FUNCTIONS]:
            for key, entry in node.value[:MAX_FUNCTIONS] if isinstance(node, yaml.MappingNode) else ():
                kind, wanted = next(iter(self.spec.get("type", {}).items()), ("", ()))
                if not kind or _text(_at(entry, kind)) in wanted:
                    inner = _at(entry, str(self.spec["inside"])) if "inside" in self.spec else entry
                    if inner is not None:
                        yield str(getattr(key, "value", "")), inner

    def _events(self, entry: yaml.Node) -> Iterator[_Event]:
        events = _at(entry, str(self.spec["events"]))
        found: list[tuple[str, yaml.Node]] = []
        for node in events.value[:MAX_EVENTS] if isinstance(events, yaml.SequenceNode) else ():
            found.extend((_text(k), v) for k, v in node.value[:1]) if isinstance(node, yaml.MappingNode) else None
        for _, node in events.value[:MAX_EVENTS] if isinstance(events, yaml.MappingNode) else ():
            held = _at(node, str(self.spec.get("inside", "")))
            found.extend([(_text(_at(node, str(self.spec.get("type_key", "")))), held)] if held is not None else [])
        for name, node in found:
            kind: dict[str, Any] | None = self.spec["kinds"].get(name)
            if kind is None:
                continue
            if isinstance(node, yaml.ScalarNode):
                method, space, path = _text(node).strip().rpartition(" ") if "fixed" not in kind else ("", " ", _text(node))
                method, path = (method, path if space else "") if path != "*" else ("ANY", "/{proxy+}")
            else:
                method, path = _text(_at(node, str(kind.get("method", "")))), _text(_at(node, str(kind.get("path", ""))))
            named = _at(node, str(self.spec.get("guard", "")))
            guard = _text(named) or _text(_at(named, "name"))
            method = str(kind.get("fixed", method.strip().upper() or "ANY")).replace("*", "ANY")
            if path:
                yield _Event(method, "/" + path.strip().lstrip("/"), node.start_mark.line + 1, guard)

    def _handler(self, entry: yaml.Node) -> AV | None:
        """`src/orders.create`: a name in a module, from the folder of the file, or from that of the code."""
        written = _text(_at(entry, str(self.spec["handler"])))
        module, _, name = written.rpartition(".")
        folder = posixpath.join(posixpath.dirname(self.path), _text(_at(entry, str(self.spec.get("folder", "")))))
        graph = self.scan.graph
        for base in dict.fromkeys((folder, posixpath.dirname(self.path))) if module and name else ():
            for suffix in _SUFFIXES:
                file = posixpath.normpath(posixpath.join(base, module + suffix))
                if file in graph.facts.files:
                    found = graph.ev.member(ModV(file), name)
                    return None if isinstance(found, UnknownV) else found
        return None


def _at(node: yaml.Node | None, key: str) -> yaml.Node | None:
    if not isinstance(node, yaml.MappingNode) or not key:
        return None
    return next((v for k, v in node.value if isinstance(k, yaml.ScalarNode) and k.value == key), None)


def _text(node: yaml.Node | None) -> str:
    return str(node.value) if isinstance(node, yaml.ScalarNode) else ""
