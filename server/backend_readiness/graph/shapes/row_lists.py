"""Lists of routes that a file of settings gives: `["path" => "/ping", "middleware" => Ping::class, "allowed_methods" => ["GET"]]`.

`glob` of the rule are the files; options: `path`, `methods` and `handler` are the keys of a row, which must have the first and the last;
`row` is the key of a list of the three instead; `separators` stand between class and method in a text; `runs` are the methods of a class
that answer, `without` keys of tables that are none. A handler that is a list is a pipeline, whose last part answers.
"""

from __future__ import annotations

from collections.abc import Iterator
from fnmatch import fnmatch

from backend_readiness.facts.model import Record, Seq, Value
from backend_readiness.graph.evaluation import members
from backend_readiness.graph.handling.handler_names import class_named, pair
from backend_readiness.graph.routes.routing import Registration
from backend_readiness.graph.routes.rows import place_of_text
from backend_readiness.graph.routes.scan import Scan
from backend_readiness.graph.urls import texts, with_optional_tail
from backend_readiness.graph.values import AV, ClassV, Const, FuncV, InstV, ListV, options
from backend_readiness.model import Place
from backend_readiness.rules.card_rules import RouteRule
from backend_readiness.rules.cards import Card

MAX_ROWS = 1_000
MAX_DEPTH = 4
_PARTS = ("methods", "path", "handler")
METHODS = frozenset({"GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"})


def collect(scan: Scan) -> None:
    for card in scan.graph.knowledge.cards:
        for rule in card.routes:
            for path in scan.graph.production if rule.shape == "row_lists" else ():
                if any(fnmatch(path, g) or fnmatch(path, f"*/{g}") for g in rule.glob):
                    _read(scan, card, rule, path)


def _read(scan: Scan, card: Card, rule: RouteRule, path: str) -> None:
    facts = scan.graph.view(path).facts
    given = [(a.value, a.owner, a.line) for a in facts.assigns] + [(r.value, r.owner, r.line) for r in facts.returns]
    for value, owner, line in given:
        for row in _rows(rule, value, 0):
            _register(scan, card, rule, row, (path, owner, line))


def _rows(rule: RouteRule, value: Value | None, depth: int) -> Iterator[dict[str, Value]]:
    """The records with a path and what answers, of lists and of tables whose values are such."""
    if depth > MAX_DEPTH:
        return
    if isinstance(value, Record):
        fields = {k: v for k, v in value.items if isinstance(k, str)}
        if "row" in rule.options and isinstance(given := fields.get(rule.options["row"]), Seq) and len(given.items) == len(_PARTS):
            yield dict(zip(_PARTS, given.items, strict=True))
            return
        if "row" not in rule.options and rule.options["path"] in fields and rule.options["handler"] in fields:
            yield fields
            return
        for key, inner in list(fields.items())[:MAX_ROWS]:
            if key not in rule.options.get("without", ()):
                yield from _rows(rule, inner, depth + 1)
    elif isinstance(value, Seq):
        for inner in value.items[:MAX_ROWS]:
            yield from _rows(rule, inner, depth + 1)


def _register(scan: Scan, card: Card, rule: RouteRule, row: dict[str, Value], at: tuple[str, int, int]) -> None:
    ev, (file, owner, line) = scan.graph.ev, at
    names = {n: str(rule.options.get(n, n)) for n in _PARTS}
    asked = row.get(names["methods"])
    methods = [t.upper() for t in texts(ev, ev.value(asked, file, owner)) if t.upper() in METHODS] if asked is not None else []
    handler = _handler(scan, rule, ev.value(row[names["handler"]], file, owner))
    for written in texts(ev, ev.value(row[names["path"]], file, owner)):
        place = place_of_text(scan, file, written, Place(file=file, line=line, end_line=line))
        for path in with_optional_tail(written) if written.startswith("/") else ():
            scan.routing.registrations.extend(
                Registration(router=None, method=m, path=path, place=place, start=line, card=card, rule=rule, handler=handler)
                for m in methods or ["ANY"]
            )


def _handler(scan: Scan, rule: RouteRule, value: AV) -> AV | None:
    for option in options(value):
        if isinstance(option, ListV):
            if (named := pair(scan, option)) is not None and isinstance(named, FuncV):
                return named
            return _handler(scan, rule, scan.graph.ev.thunk(option.items[-1])) if option.items else None
        if isinstance(option, ClassV):
            found = (members.own_member(scan.graph.ev, InstV(option), name) for name in rule.options["runs"])
            return next((f for f in found if isinstance(f, FuncV)), option)
        if isinstance(option, FuncV):
            return option
        if isinstance(option, Const) and isinstance(option.value, str):
            return _of_text(scan, rule, option.value)
    return pair(scan, value)


def _of_text(scan: Scan, rule: RouteRule, text: str) -> AV | None:
    """The method that a text names, or the class where that has none: `Shop\\Orders@index`."""
    for separator in rule.options.get("separators", ()):
        written, between, method = text.partition(separator)
        cls = class_named(scan, "", written, ()) if between else None
        if cls is not None:
            function = members.own_member(scan.graph.ev, InstV(cls), method)
            return function if isinstance(function, FuncV) else cls
    return None
