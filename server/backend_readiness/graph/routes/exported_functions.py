"""Functions that answer all requests because of what a file exports: `export default { fetch(request) {...} }`."""

from __future__ import annotations

from collections.abc import Iterator

from backend_readiness.graph.classes import inheritance
from backend_readiness.graph.evaluation import exports, members
from backend_readiness.graph.families import family
from backend_readiness.graph.patterns import compiled
from backend_readiness.graph.routes.scan import Scan
from backend_readiness.graph.values import ClassV, FuncV, InstV, Obj, SymbolId, options
from backend_readiness.rules.card_rules import RouteRule
from backend_readiness.rules.cards import Card


def exported_functions(scan: Scan, card: Card, rule: RouteRule) -> Iterator[SymbolId]:
    """The functions named `exported` of default exports that are records, or classes below one of `bases`."""
    wanted = str(rule.options.get("exported", ""))
    bases = [compiled(b) for b in rule.options.get("bases", ())]
    for path in scan.graph.naming(wanted) if wanted else ():
        if path not in scan.graph.production or family(scan.graph.production[path].language) != card.id.partition("/")[0]:
            continue
        if "default" not in scan.graph.view(path).exports:
            continue
        for option in options(exports.module_value(scan.graph.ev, path)):
            found = None
            if isinstance(option, Obj):
                thunk = members.field_thunk(scan.graph.ev, option, wanted)
                found = scan.graph.ev.thunk(thunk) if thunk is not None else None
            elif isinstance(option, ClassV) and any(
                b.fullmatch(e.path) for e in inheritance.external_bases(scan.graph.ev, option) for b in bases
            ):
                found = members.own_member(scan.graph.ev, InstV(option), wanted)
            if isinstance(found, FuncV):
                yield found.symbol
