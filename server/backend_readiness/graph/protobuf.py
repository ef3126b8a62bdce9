"""Services that documents of Protocol Buffers declare."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from fnmatch import fnmatch

from backend_readiness.graph.world import Graph
from backend_readiness.model import Place

MAX_CHARS = 400_000
MAX_DOCUMENTS = 400
_COMMENT = re.compile(r"//[^\n]{0,4000}|/\*[\s\S]{0,20000}?\*/")
_PACKAGE = re.compile(r"^\s*package\s+([\w.]{1,200})\s*;", re.MULTILINE)
_SERVICE = re.compile(r"\bservice\s+(\w{1,200})\s*\{")
_METHOD = re.compile(r"\brpc\s+(\w{1,200})\s*\(")


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """`methods` are names with the places where the document declares them."""

    package: str
    name: str
    methods: tuple[tuple[str, Place], ...]

    @property
    def full_name(self) -> str:
        return f"{self.package}.{self.name}" if self.package else self.name


def services(graph: Graph, globs: Iterable[str]) -> dict[str, list[Service]]:
    """Name of a service -> those of that name, one for each package that has it."""
    found: dict[str, list[Service]] = {}
    wanted = [f.path for f in graph.snapshot.files if any(fnmatch(f.path, g) for g in globs)]
    for path in wanted[:MAX_DOCUMENTS]:
        text = _COMMENT.sub(lambda m: re.sub(r"[^\n]", " ", m.group()), graph.text(path)[:MAX_CHARS])
        package = _PACKAGE.search(text)
        starts = list(_SERVICE.finditer(text))
        for number, start in enumerate(starts):
            end = starts[number + 1].start() if number + 1 < len(starts) else len(text)
            methods = []
            for method in _METHOD.finditer(text, start.end(), end):
                line = text.count("\n", 0, method.start()) + 1
                methods.append((method.group(1), Place(file=path, line=line, end_line=line)))
            service = Service(package=package.group(1) if package else "", name=start.group(1), methods=tuple(methods))
            if all(other.package != service.package for other in found.get(service.name, ())):  # a copy says nothing new
                found.setdefault(service.name, []).append(service)
    return found


def meant(known: dict[str, list[Service]], name: str, written: str) -> list[Service]:
    """The services of that name; of several those whose package stands in what is `written` (`shopv2.RegisterOrdersServer`)."""
    found = known.get(name, [])
    if len(found) < 2:
        return found
    words = re.sub(r"[^a-z0-9]+", "", written.lower())

    def fits(service: Service) -> int:
        parts = [p.lower() for p in service.package.split(".") if p]
        return sum(p in words for p in parts) + ("".join(parts[-2:]) in words if parts else 0)

    best = max(fits(s) for s in found)
    return [s for s in found if fits(s) == best]


def method_names(method: str) -> tuple[str, ...]:
    """How languages write it: `SayHello`, `sayHello`, `say_hello`."""
    snake = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", method).lower()
    return method, method[:1].lower() + method[1:], snake
