"""Routes in a file of lines: `GET  /orders/:id  controllers.Orders.show(id: Long)`, as Play writes `conf/routes`.

The rule names the files by `glob`. `-> /prefix orders.Routes` puts the routes of `orders.routes` below a prefix. Options: `context`: a
regular expression for the setting, in a file of `settings` beside the routes, whose value stands before all paths; `assets`: the classes
that serve files; `routes`: the member of a class that keeps its routes, which an including line may name;
`in_package`: the last folder of the package of the classes, which lines do not name; `of_base`: the external bases that they have.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatch

from backend_readiness.facts.model import CallRef, Func
from backend_readiness.graph.classes import inheritance
from backend_readiness.graph.evaluation import members, reads
from backend_readiness.graph.patterns import compiled
from backend_readiness.graph.routes.route_units import RouteUnits
from backend_readiness.graph.routes.routing import Mount, Registration, RouterKey
from backend_readiness.graph.routes.scan import Scan
from backend_readiness.graph.urls import join
from backend_readiness.graph.values import AV, ClassV, FuncV, InstV, SymbolId, options
from backend_readiness.model import Param, Place
from backend_readiness.rules.card_rules import RouteRule
from backend_readiness.rules.cards import Card
from backend_readiness.snapshot.places import is_test

MAX_CHARS = 1_000_000
MAX_LINES = 10_000
MAX_DEPTH = 6
_DAV = "PROPFIND|PROPPATCH|MKCOL|COPY|MOVE|LOCK|UNLOCK"
_METHOD = rf"(GET|POST|PUT|PATCH|DELETE|HEAD|OPTIONS|WS|TRACE|PURGE|{_DAV}|\*)"
_ROUTE = re.compile(_METHOD + r"\s+(/\S*)\s+@?([\w.$:]{1,300})(?:\(([^\n]{0,2000})\))?")
_GIVEN = re.compile(r"(?:^|,)\s*(\w{1,80})\s*:\s*([\w.]{1,200})")
_INCLUDE = re.compile(r"->\s+(/\S*)\s+([\w.]{1,300})")
_WITH_PATTERN = re.compile(r"\$(\w{1,80})<[^<>]{0,200}>")


@dataclass(frozen=True, slots=True)
class _Line:
    """One route; `action` is the dotted name of the method, `given` the names of its parameters."""

    method: str
    path: str
    action: str
    place: Place
    given: tuple[str, ...]


def collect(scan: Scan) -> None:
    for card in scan.graph.knowledge.cards:
        for rule in card.routes:
            if rule.shape == "route_lines":
                files = [f.path for f in scan.graph.snapshot.files if any(fnmatch(f.path, g) for g in rule.glob)]
                files = [f for f in files if not is_test(f)]
                included = {i for path in files for _, i in _includes(scan, path, files)}
                for path in files:
                    if path not in included:
                        _register(scan, card, rule, path, _context(scan, rule, path), files, 0)


def _register(scan: Scan, card: Card, rule: RouteRule, path: str, prefix: str, files: list[str], depth: int) -> None:
    for line in _lines(scan, path):
        handler = _handler(scan, card, rule, line.action, path)
        if handler is None and any(line.action.startswith(a) for a in rule.options.get("assets", ())):
            continue
        scan.routing.registrations.append(
            Registration(
                router=None, method="ANY" if line.method == "*" else line.method, path=join(prefix, line.path, keep_root=False),
                place=line.place, start=line.place.line,
                card=card, rule=rule, handler=handler, params=tuple(Param(name=n, where="query") for n in line.given),
                name=line.action,
            )
        )  # fmt: skip
    for below, other in _includes(scan, path, files) if depth < MAX_DEPTH else ():
        _register(scan, card, rule, other, join(prefix, below, keep_root=False), files, depth + 1)
    for below, name, number in _routers(scan, path):
        for key in _units(scan, name, str(rule.options.get("routes", ""))):
            place = Place(file=path, line=number, end_line=number)
            scan.routing.mounts.append(
                Mount(parent=None, child=key, prefix=join(prefix, below, keep_root=False), place=place, start=number)
            )


def _lines(scan: Scan, path: str) -> Iterator[_Line]:
    for number, text in enumerate(scan.graph.text(path)[:MAX_CHARS].split("\n")[:MAX_LINES], 1):
        found = _ROUTE.match(text.strip())
        if found is not None:
            written = _WITH_PATTERN.sub(r"{\1}", found.group(2))
            given = tuple(n for n, kind in _GIVEN.findall(found.group(4) or "") if not kind.endswith("Request"))
            yield _Line(found.group(1), written, found.group(3), Place(file=path, line=number, end_line=number), given)


def _includes(scan: Scan, path: str, files: list[str]) -> Iterator[tuple[str, str]]:
    """(prefix, file) of the lines that include another file."""
    for prefix, dotted, _ in _routers(scan, path):
        name = f"{dotted.removesuffix('.Routes')}.routes"
        names = (name, f"router.{name}")  # what is in the package of the routes itself is named without it
        other = next((f for n in names for f in files if f.rpartition("/")[2] == n and f != path), None)
        if other is not None:
            yield prefix, other


def _routers(scan: Scan, path: str) -> Iterator[tuple[str, str, int]]:
    """(prefix, dotted name, line) of the lines that include something."""
    for number, text in enumerate(scan.graph.text(path)[:MAX_CHARS].split("\n")[:MAX_LINES], 1):
        found = _INCLUDE.match(text.strip())
        if found is not None:
            yield found.group(1), found.group(2), number


def _units(scan: Scan, dotted: str, member: str) -> list[RouterKey]:
    """The definition of a class that keeps its routes (`class Orders extends SimpleRouter { def routes = { case ... } }`)."""
    package, _, name = dotted.rpartition(".")
    found: list[RouterKey] = []
    for where in scan.graph.defining(name) if name and member else ():
        if scan.graph.facts.files[where.file].package == package:
            unit = RouteUnits(scan.graph).member(ClassV(where), member)
            found.extend([unit.key] if unit is not None else [])
    return found


def _context(scan: Scan, rule: RouteRule, path: str) -> str:
    pattern = rule.options.get("context")
    for name in rule.options.get("settings", ()) if pattern else ():
        found = re.search(str(pattern), scan.graph.text(posixpath.join(posixpath.dirname(path), name))[:MAX_CHARS])
        if found is not None:
            return found.group(1)
    return ""


def _handler(scan: Scan, card: Card, rule: RouteRule, action: str, routes: str) -> AV | None:
    """The method of `package.Class.method`; None when the repository has no such class. Of several, the
    nearest to the routes file is meant."""
    owner, _, method = action.rpartition(".")
    package, _, name = owner.rpartition(".")
    known = list(scan.graph.defining(name)) if name else []
    folder, bases = str(rule.options.get("in_package", "")), scan.graph.knowledge.patterns(card, tuple(rule.options.get("of_base", ())))
    if bases:
        above = {w: inheritance.external_bases(scan.graph.ev, ClassV(SymbolId(w.file, w.index))) for w in known}
        known = [w for w, found in above.items() if any(compiled(b).fullmatch(e.path) for e in found for b in bases)]
    elif folder:
        known = [w for w in known if posixpath.basename(posixpath.dirname(w.file)) == folder]
    else:
        known = [w for w in known if scan.graph.facts.files[w.file].package == package]
    for where in sorted(known, key=lambda w: -len(posixpath.commonpath((w.file, routes)))):
        made = InstV(ClassV(SymbolId(where.file, where.index)))
        read = reads.functions_read(scan.graph.ev, made, method)
        found = read[0] if read else members.own_member(scan.graph.ev, made, method)
        for option in options(found or made.cls):
            return option if isinstance(option, FuncV) else _given(scan, made.cls, method) or made.cls
    return None


def _given(scan: Scan, cls: ClassV, name: str) -> AV | None:
    """The function that a field of a class is made with: `val show = Action { ... }`."""
    view = scan.graph.view(cls.symbol.file)
    for assign in view.fields.get((cls.symbol.index, name), ()):
        call = view.facts.calls[assign.value.call] if isinstance(assign.value, CallRef) else None
        functions = [a.value for a in call.args if isinstance(a.value, Func)] if call is not None else []
        if functions:
            return scan.graph.ev.symbol_value(SymbolId(cls.symbol.file, functions[-1].symbol))
    return None
