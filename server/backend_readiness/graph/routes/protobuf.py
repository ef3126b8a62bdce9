"""Services that documents of Protocol Buffers declare."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fnmatch import fnmatch

from backend_readiness.graph.evaluation.folders import shared
from backend_readiness.graph.evaluation.plurals import singular
from backend_readiness.graph.world import Graph
from backend_readiness.model import Place

MAX_CHARS = 400_000
MAX_DOCUMENTS = 400
_COMMENT = re.compile(r'"(?:[^"\\\n]|\\.){0,2000}"|//[^\n]{0,4000}|/\*[\s\S]{0,20000}?\*/')
_PACKAGE = re.compile(r"^\s*package\s+([\w.]{1,200})\s*;", re.MULTILINE)
_SERVICE = re.compile(r"\bservice\s+(\w{1,200})\s*\{")
_HTTP = re.compile(r"\boption\s*\(\s*google\.api\.http\s*\)")
_FIELD = re.compile(r'\s*\.\s*(get|post|put|patch|delete)\s*=\s*"(/[^"\n]{0,300})"')  # `option (google.api.http).get = "/orders"`
_BINDING = re.compile(r'\b(get|post|put|patch|delete)\s*:\s*"(/[^"\n]{0,300})"')
_CUSTOM = re.compile(r'\bcustom\s*:?\s*\{\s*kind\s*:\s*"([A-Z]{1,20})"\s*,?\s*path\s*:\s*"(/[^"\n]{0,300})"')
_GENERATED = re.compile(r"@generated from rpc ((?:\w{1,100}\.){0,20}?)(\w{1,200})\.(\w{1,200})(?=\s)")
_METHOD = re.compile(r"\brpc\s+(\w{1,200})\s*\(")


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """`methods` are names with the places where the document declares them; `paths` are (method, HTTP method, path, place) under which a
    gateway answers them (`option (google.api.http)`)."""

    package: str
    name: str
    methods: tuple[tuple[str, Place], ...]
    paths: tuple[tuple[str, str, str, Place], ...] = ()

    @property
    def full_name(self) -> str:
        return f"{self.package}.{self.name}" if self.package else self.name


def services(graph: Graph, globs: Iterable[str], generated: Iterable[str] = ()) -> dict[str, list[Service]]:
    """Name of a service -> those of that name, one for each package that has it.

    `generated` are the files that a compiler wrote from documents: they say what those declare that are not in the repository.
    """
    found: dict[str, list[Service]] = {}
    wanted = [f.path for f in graph.snapshot.files if any(fnmatch(f.path, g) for g in globs)]
    for path in wanted[:MAX_DOCUMENTS]:
        text = _COMMENT.sub(_blank, graph.text(path)[:MAX_CHARS])
        package = _PACKAGE.search(text)
        starts = list(_SERVICE.finditer(text))
        for number, start in enumerate(starts):
            end = starts[number + 1].start() if number + 1 < len(starts) else len(text)
            methods = []
            paths: list[tuple[str, str, str, Place]] = []
            written = list(_METHOD.finditer(text, start.end(), end))
            for method, after in zip(written, [*(m.start() for m in written[1:]), end], strict=False):
                line = text.count("\n", 0, method.start()) + 1
                methods.append((method.group(1), Place(file=path, line=line, end_line=line)))
                paths.extend(_paths(path, text, method.group(1), method.end(), after))
            service = Service(package=package.group(1) if package else "", name=start.group(1), methods=tuple(methods), paths=tuple(paths))
            if not any(_is_copy(other, service) for other in found.get(service.name, ())):  # a copy says nothing new
                found.setdefault(service.name, []).append(service)
    compiled = [f.path for f in graph.snapshot.files if any(fnmatch(f.path, g) for g in generated)]
    for path in compiled[:MAX_DOCUMENTS]:
        for service in _compiled(path, graph.text(path)[:MAX_CHARS]):
            if all(other.package != service.package for other in found.get(service.name, ())):
                found.setdefault(service.name, []).append(service)
    return found


def _compiled(path: str, text: str) -> Iterator[Service]:
    """The services that a compiled document describes in its comments."""
    methods: dict[tuple[str, str], list[tuple[str, Place]]] = {}
    for item in _GENERATED.finditer(text):
        line = text.count("\n", 0, item.start()) + 1
        key = item.group(1).rstrip("."), item.group(2)
        methods.setdefault(key, []).append((item.group(3), Place(file=path, line=line, end_line=line)))
    for (package, name), listed in methods.items():
        yield Service(package=package, name=name, methods=tuple(listed))


def _blank(match: re.Match[str]) -> str:
    """A comment as spaces; what is a text stays."""
    return match.group() if match.group().startswith('"') else re.sub(r"[^\n]", " ", match.group())


def _paths(file: str, text: str, name: str, start: int, end: int) -> Iterator[tuple[str, str, str, Place]]:
    """The paths of one method, those of additional bindings too; `{name=shelves/*}` is `shelves/{shelf}`."""
    option = _HTTP.search(text, start, end)
    if option is None:
        return
    field = _FIELD.match(text, option.end(), end)
    several = (*_BINDING.finditer(text, option.end(), end), *_CUSTOM.finditer(text, option.end(), end))
    for found in several if field is None else (field,):
        path = re.sub(r"\{([\w.]{1,100})=([^{}]{0,200})\}", _resource, found.group(2))
        line = text.count("\n", 0, found.start()) + 1
        yield name, found.group(1).upper(), path, Place(file=file, line=line, end_line=line)


def _resource(match: re.Match[str]) -> str:
    """The segments that a variable stands for; one that is open is named after the collection before it."""
    found: list[str] = []
    for segment in match.group(2).split("/"):
        before = singular(found[-1]).replace("-", "_") if found and "{" not in found[-1] else match.group(1)
        found.append({"*": f"{{{before}}}", "**": f"{{{match.group(1)}*}}"}.get(segment, segment))
    return "/".join(found)


def _is_copy(one: Service, other: Service) -> bool:
    """The same service again, as clients keep it; one of the name with other methods belongs to another application."""
    return one.package == other.package and {n for n, _ in one.methods} >= {n for n, _ in other.methods}


def nearest(found: list[Service], file: str) -> list[Service]:
    """Of the services of one package those whose document is the nearest to a file."""
    packages = {s.package for s in found}
    places = {id(s): shared(s.methods[0][1].file, file) if s.methods else 0 for s in found}
    best = {p: max(places[id(s)] for s in found if s.package == p) for p in packages}
    return [s for s in found if places[id(s)] == best[s.package]]


def meant(known: dict[str, list[Service]], name: str, written: str) -> list[Service]:
    """The services of that name; of several those whose package stands in what is `written` (`shopv2.RegisterOrdersServer`)."""
    found = known.get(name) or known.get(name[:1].lower() + name[1:], [])  # `service orders` is generated as `Orders`
    if len(found) < 2:
        return found
    words = re.sub(r"[^a-z0-9]+", "", written.lower())

    def fits(service: Service) -> int:
        parts = [p.lower() for p in service.package.split(".") if p]
        return sum(p in words for p in parts) + ("".join(parts[-2:]) in words if parts else 0)

    best = max(fits(s) for s in found)
    return [s for s in found if fits(s) == best]


def method_names(method: str) -> tuple[str, ...]:
    """How languages write it: `SayHello`, `sayHello`, `say_hello`; a method that begins small (`rpc show`) is generated as `Show`, too."""
    snake = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", method).lower()
    return method, method[:1].lower() + method[1:], snake, method[:1].upper() + method[1:]
