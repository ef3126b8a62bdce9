"""Routes in sections of a file of settings: `[routes]`, `GET|POST @board: /board = Board->show`, as Fat-Free writes them.

Options of the rule: `routes`, `maps` and `redirects` are the names of the sections: of methods and paths, of paths with a class whose
methods answer (`answers`: HTTP method -> names), and of what only leads elsewhere. `spelling`: see `marked_paths`; `names`: see
`handler_names`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatch

from backend_readiness.graph.evaluation import members
from backend_readiness.graph.handling.handler_names import class_named
from backend_readiness.graph.routes.call_paths import split_methods
from backend_readiness.graph.routes.marked_paths import as_written
from backend_readiness.graph.routes.routing import Registration
from backend_readiness.graph.routes.scan import Scan
from backend_readiness.graph.values import AV, ClassV, FuncV, InstV
from backend_readiness.model import Place
from backend_readiness.rules.card_rules import RouteRule
from backend_readiness.rules.cards import Card
from backend_readiness.snapshot.places import is_test

MAX_CHARS = 200_000
MAX_FILES = 60
_SECTION = re.compile(r"\[([^\]\n]{1,80})\]")


@dataclass(frozen=True, slots=True)
class _Line:
    section: str
    key: str
    value: str
    place: Place


def collect(scan: Scan) -> None:
    for card in scan.graph.knowledge.cards:
        for rule in card.routes:
            if rule.shape == "ini_routes":
                found = (f.path for f in scan.graph.snapshot.files if any(fnmatch(f.path, g) for g in rule.glob))
                for path in [p for p in found if not is_test(p)][:MAX_FILES]:
                    for line in _lines(scan.graph.text(path), path):
                        _register(scan, card, rule, line)


def _lines(text: str, path: str) -> Iterator[_Line]:
    section = ""
    for number, written in enumerate(text[:MAX_CHARS].split("\n"), 1):
        line = written.strip()
        head = _SECTION.fullmatch(line)
        if head is not None:
            section = head.group(1).strip()
        elif section and "=" in line and not line.startswith((";", "#")):
            key, _, value = line.partition("=")
            yield _Line(section, key.strip(), value.partition(",")[0].strip().strip("\"'"), Place(file=path, line=number, end_line=number))


def _register(scan: Scan, card: Card, rule: RouteRule, line: _Line) -> None:
    given = rule.options
    paths = as_written(given, [line.key])
    if line.section == given.get("maps"):
        cls = _class(scan, card, line, line.value)
        for method, names in given.get("answers", {}).items():
            found = next((f for n in names if (f := _method(scan, cls, n)) is not None), None)
            for path in paths if found is not None else ():
                _add(scan, card, rule, line, method, path, found)
    elif line.section in (given.get("routes"), given.get("redirects")):
        for method, path in (m for p in paths for m in split_methods(p)):
            if method and path.startswith("/"):
                _add(scan, card, rule, line, method, path, _handler(scan, card, rule, line))


def _handler(scan: Scan, card: Card, rule: RouteRule, line: _Line) -> AV | None:
    for separator in rule.options.get("names", {}).get("separators", ()):
        name, found, method = line.value.partition(separator)
        if found:
            cls = _class(scan, card, line, name)
            return _method(scan, cls, method) or cls
    return None


def _class(scan: Scan, card: Card, line: _Line, name: str) -> ClassV | None:
    return class_named(scan, "", name.lstrip("\\"), (), "", line.place.file) if name else None


def _method(scan: Scan, cls: ClassV | None, name: str) -> AV | None:
    found = members.own_member(scan.graph.ev, InstV(cls), name) if cls is not None else None
    return found if isinstance(found, FuncV) else None


def _add(scan: Scan, card: Card, rule: RouteRule, line: _Line, method: str, path: str, handler: AV | None) -> None:
    scan.routing.registrations.append(
        Registration(router=None, method=method, path=path, place=line.place, start=0, card=card, rule=rule, handler=handler)
    )
