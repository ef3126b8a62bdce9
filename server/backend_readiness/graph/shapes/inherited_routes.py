"""Routes that a class of the repository has from its base in a package, without a line of its own: `class Orders(ModelRestApi)`.

`base` are paths of such bases. Options: `routes`, rows of HTTP method, path and the method of the base that answers, which the class may
write itself; the first base of a class that has a rule counts. `template`, `guards` and `mounted` say what stands before the paths, as in
shape `decorator`; `only` and `but` are fields that list such methods. `touches` says what a method does to the model that is given to the
call in the field `model`.
"""

from __future__ import annotations

from collections.abc import Iterator

from backend_readiness.graph.backend.effects import value_name
from backend_readiness.graph.classes import inheritance
from backend_readiness.graph.evaluation import members
from backend_readiness.graph.patterns import compiled
from backend_readiness.graph.references import argument
from backend_readiness.graph.routes.class_views import member_place
from backend_readiness.graph.routes.routing import Registration, Touch
from backend_readiness.graph.routes.scan import Scan
from backend_readiness.graph.shapes.decorator import class_router
from backend_readiness.graph.urls import texts
from backend_readiness.graph.values import AV, ClassV, Ext, FuncV, InstV, SymbolId, options
from backend_readiness.model import Place
from backend_readiness.rules.card_rules import Ref, RouteRule
from backend_readiness.rules.cards import Card

MAX_CLASSES = 400


def collect(scan: Scan) -> None:
    for card in scan.graph.knowledge.cards:
        rules = [r for r in card.routes if r.shape == "inherited_routes"]
        for cls in _below(scan, {p.rpartition(".")[2] for r in rules for p in r.base}) if rules else ():
            bases = inheritance.external_bases(scan.graph.ev, cls)
            rule = next((r for b in bases for r in rules if any(compiled(p).fullmatch(b.path) for p in r.base)), None)
            if rule is not None:
                _register(scan, card, rule, cls)


def _below(scan: Scan, names: set[str]) -> Iterator[ClassV]:
    """The classes that may stand below a base of such a name, through classes of the repository too."""
    waiting, seen = sorted(names), set[SymbolId]()
    while waiting and len(seen) < MAX_CLASSES:
        for where in scan.graph.subclasses(waiting.pop()):
            if where not in seen and where.file in scan.graph.production:
                seen.add(where)
                waiting.append(scan.graph.view(where.file).symbol(where.index).name)
                yield ClassV(where)


def _register(scan: Scan, card: Card, rule: RouteRule, cls: ClassV) -> None:
    only, but = (_listed(scan, cls, str(rule.options.get(key, ""))) for key in ("only", "but"))
    key = class_router(scan, card, cls, rule.options)
    symbol = scan.graph.view(cls.symbol.file).symbol(cls.symbol.index)
    place = Place(file=cls.symbol.file, line=symbol.line, end_line=symbol.line)
    for method, path, name in rule.options["routes"]:
        if (only and name not in only) or name in but:
            continue
        own = members.own_member(scan.graph.ev, InstV(cls), name)
        handler: AV = own if isinstance(own, FuncV) else cls
        touch = _touch(scan, rule, cls, name) if handler is cls else None
        scan.routing.registrations.append(
            Registration(
                router=key, method=method, path=path, place=place, start=symbol.start, card=card, rule=rule, handler=handler,
                touches=(touch,) if touch is not None else (),
            )
        )  # fmt: skip


def _listed(scan: Scan, cls: ClassV, field: str) -> set[str]:
    value = members.own_member(scan.graph.ev, cls, field) if field else None
    return set(texts(scan.graph.ev, value)) if value is not None else set()


def _touch(scan: Scan, rule: RouteRule, cls: ClassV, name: str) -> Touch | None:
    operation, field = rule.options.get("touches", {}).get(name), str(rule.options.get("model", ""))
    value = members.own_member(scan.graph.ev, cls, field) if operation and field else None
    for option in options(value) if value is not None else ():
        thunk = argument(scan.graph, option.site, Ref(arg=0)) if isinstance(option, Ext) and option.site is not None else None
        model = value_name(scan.graph, scan.graph.ev.thunk(thunk)) if thunk is not None else ""
        if model:
            return Touch(operation=operation, target=model, place=member_place(scan, cls, field))
    return None
