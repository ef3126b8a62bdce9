"""Routes that a record of a type asks for: `const config: ModelCrudRestApiConfig = { model: Todo, basePath: "/todos" }`.

`callee` is the type, `path` the key of the record under which the path stands; `options.actions` are the routes below it, as in shape
`collection`. They belong to the applications of the card. In a file that imports the type, a record that is exported whole is one too
(`module.exports = <ModelCrudRestApiConfig>{...}`: an assertion says its type).
"""

from __future__ import annotations

from collections.abc import Iterator

from backend_readiness.facts.model import Record
from backend_readiness.graph.evaluation import members
from backend_readiness.graph.patterns import last_step
from backend_readiness.graph.routes.routing import Registration
from backend_readiness.graph.routes.scan import Scan
from backend_readiness.graph.urls import texts
from backend_readiness.graph.values import AV, Ext, Obj, options
from backend_readiness.model import Place
from backend_readiness.rules.card_rules import RouteRule
from backend_readiness.rules.cards import Card


def collect(scan: Scan) -> None:
    for card in scan.graph.knowledge.cards:
        for rule in card.routes:
            if rule.shape == "typed_records" and rule.path is not None:
                for record, place in _records(scan, card, rule):
                    thunk = members.field_thunk(scan.graph.ev, record, str(rule.path.key))
                    for path in texts(scan.graph.ev, scan.graph.ev.thunk(thunk)) if thunk is not None else ():
                        _register(scan, card, rule, path, place)


def _records(scan: Scan, card: Card, rule: RouteRule) -> Iterator[tuple[AV, Place]]:
    graph = scan.graph
    for pattern in graph.knowledge.patterns(card, rule.callee):
        for file in graph.naming(last_step(pattern)):
            for assign in graph.view(file).facts.assigns if file in graph.production else ():
                if assign.type is None or assign.value is None:
                    continue
                named = (o.path.removesuffix("()") for o in options(graph.ev.value(assign.type, file, assign.owner)) if isinstance(o, Ext))
                if pattern in named:
                    place = Place(file=file, line=assign.line, end_line=assign.end_line)
                    value = graph.ev.value(assign.value, file, assign.owner)
                    yield from ((o, place) for o in options(value) if isinstance(o, Obj))
            yield from _exported(scan, file, pattern)


def _exported(scan: Scan, file: str, pattern: str) -> Iterator[tuple[AV, Place]]:
    view = scan.graph.view(file)
    module, _, name = pattern.rpartition(".")
    if file in scan.graph.production and any(i.module == module and i.name == name for i in view.facts.imports):
        for export in (e for n in ("=", "default") if (e := view.exports.get(n)) is not None):
            place = Place(file=file, line=export.line, end_line=export.line)
            value = scan.graph.ev.value(export.value, file, 0) if isinstance(export.value, Record) else None
            yield from ((o, place) for o in options(value) if isinstance(o, Obj)) if value is not None else ()


def _register(scan: Scan, card: Card, rule: RouteRule, path: str, place: Place) -> None:
    for method, tail in rule.options["actions"].values():
        scan.routing.registrations.append(
            Registration(
                router=("card", card.id, 0), method=method, path=path + tail, place=place, start=0, card=card, rule=rule, handler=None
            )
        )  # fmt: skip
