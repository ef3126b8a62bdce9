"""Functions that a generator wrote for each operation of an API description, which hand on to what implements an interface.

Options of the rule: `function` is a regular expression for their names, in it `method` the method of the `interface` of their own package;
`path` and `method` are the members on which a call of `named_by` is given the path and the HTTP method (`HTTPRouteKey.String("/orders")`).
`maker` makes the server of that package: among its arguments the calls of `prefixes` put a path before all; `below` are calls whose first
argument is cut off before their second, the server, gets a request.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator

from backend_readiness.facts.model import Member
from backend_readiness.graph.handling.implementing import of_interface
from backend_readiness.graph.routes.path_branches import METHODS
from backend_readiness.graph.routes.routing import Registration
from backend_readiness.graph.routes.scan import Scan
from backend_readiness.graph.urls import join, texts
from backend_readiness.graph.values import ClassV, FuncV, InstV, SymbolId, options
from backend_readiness.graph.views import FileView, callee_name
from backend_readiness.model import Place
from backend_readiness.rules.card_rules import RouteRule
from backend_readiness.rules.cards import Card

MAX_OPERATIONS = 4_000


def collect(scan: Scan) -> None:
    for card in scan.graph.knowledge.cards:
        for rule in card.routes:
            if rule.shape == "generated_server":
                files = [f for f in scan.graph.naming(str(rule.options["path"])) if f in scan.graph.production]
                for file in files:
                    _of_file(scan, card, rule, scan.graph.view(file))


def _of_file(scan: Scan, card: Card, rule: RouteRule, view: FileView) -> None:
    pattern = re.compile(str(rule.options["function"]))
    before: list[str] | None = None
    for number, symbol in list(enumerate(view.facts.symbols))[:MAX_OPERATIONS]:
        found = pattern.fullmatch(symbol.name) if symbol.kind in ("function", "method") else None
        paths = _given(scan, rule, view, number, str(rule.options["path"])) if found is not None else []
        methods = [m for m in _given(scan, rule, view, number, str(rule.options["method"])) if m in METHODS] if paths else []
        if found is None or not methods:
            continue
        before = before if before is not None else _prefixes(scan, rule, posixpath.dirname(view.path))
        answers = of_interface(scan, view, str(rule.options["interface"]), found["method"])
        place = Place(file=view.path, line=symbol.line, end_line=symbol.end_line)
        scan.routing.registrations.extend(
            Registration(
                router=None, method=methods[0], path=join(prefix, paths[0], keep_root=False), place=place, start=symbol.start,
                card=card, rule=rule, handler=answers if answers is not None else FuncV(SymbolId(view.path, number)),
            )
            for prefix in before
        )  # fmt: skip


def _given(scan: Scan, rule: RouteRule, view: FileView, owner: int, member: str) -> list[str]:
    """What a call of one of the names on such a member is given in the function."""
    for number in view.calls_of.get(owner, ()):
        call = view.facts.calls[number]
        on = call.callee.base if isinstance(call.callee, Member) and call.callee.name in rule.options["named_by"] else None
        if isinstance(on, Member) and on.name == member and call.args:
            return texts(scan.graph.ev, scan.graph.ev.value(call.args[0].value, view.path, owner))[:1]
    return []


def _prefixes(scan: Scan, rule: RouteRule, folder: str) -> list[str]:
    """What is put before all paths of the server; nothing but itself where it is served as it is."""
    ev, found = scan.graph.ev, list[str]()
    for view, number in _calls(scan, str(rule.options["maker"])):
        call = view.facts.calls[number]
        made = options(ev.value(call.callee, view.path, call.owner))
        if any(isinstance(o, FuncV) and posixpath.dirname(o.symbol.file) == folder for o in made):
            inside = [view.facts.calls[n] for n in view.calls_of.get(call.owner, ())]
            inside = [
                c for c in inside if call.start < c.start and c.end <= call.end and callee_name(c) in rule.options["prefixes"] and c.args
            ]
            found.extend(t for c in inside for t in texts(ev, ev.value(c.args[0].value, view.path, c.owner)) if t.startswith("/"))
    for view, number in (c for name in rule.options["below"] for c in _calls(scan, name)):
        call = view.facts.calls[number]
        served = options(ev.value(call.args[1].value, view.path, call.owner)) if len(call.args) > 1 else ()
        if any(isinstance(o, InstV) and isinstance(o.cls, ClassV) and posixpath.dirname(o.cls.symbol.file) == folder for o in served):
            found.extend(t for t in texts(ev, ev.value(call.args[0].value, view.path, call.owner)) if t.startswith("/"))
    return list(dict.fromkeys(found)) or [""]


def _calls(scan: Scan, name: str) -> Iterator[tuple[FileView, int]]:
    for file in scan.graph.naming(name):
        view = scan.graph.view(file)
        yield from ((view, n) for n in view.calls_by_name.get(name, ()) if file in scan.graph.production)
