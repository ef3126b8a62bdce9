"""Functions that a mark without arguments makes routes: `#[server] async fn add_order()`. The name of the function is the operation.

The mark with arguments is a call, which a rule of the shape `decorator` reads.
"""

from __future__ import annotations

from collections.abc import Iterator

from backend_readiness.facts.builder import last_name
from backend_readiness.facts.model import Member, Name
from backend_readiness.graph.families import family
from backend_readiness.graph.patterns import compiled, last_step
from backend_readiness.graph.routes.routing import Registration
from backend_readiness.graph.routes.scan import Scan
from backend_readiness.graph.values import Ext, SymbolId, options
from backend_readiness.model import Place
from backend_readiness.rules.card_rules import RouteRule
from backend_readiness.rules.cards import Card


def collect(scan: Scan) -> None:
    for card in scan.graph.knowledge.cards:
        for rule in card.routes:
            if rule.shape == "marked":
                scan.routing.registrations.extend(_marked(scan, card, rule))


def _marked(scan: Scan, card: Card, rule: RouteRule) -> Iterator[Registration]:
    graph = scan.graph
    patterns = graph.knowledge.patterns(card, rule.callee)
    wanted = {last_step(p).removeprefix("~") for p in patterns}
    for path in sorted({f for name in wanted for f in graph.naming(name) if f in graph.production}):
        view = graph.view(path)
        for number, symbol in enumerate(view.facts.symbols):
            marks = [d for d in symbol.decorators if isinstance(d, Name | Member) and last_name(d) in wanted]
            if symbol.kind not in ("function", "method") or family(view.language) != card.id.partition("/")[0]:
                continue
            meant = [o for d in marks for o in options(graph.ev.value(d, path, max(0, symbol.parent))) if isinstance(o, Ext)]
            if any(compiled(p).fullmatch(o.path) for o in meant for p in patterns):
                place = Place(file=path, line=symbol.line, end_line=symbol.line)
                handler = graph.ev.symbol_value(SymbolId(path, number))
                yield Registration(
                    router=None, method=rule.method or "ANY", path=symbol.name, place=place, start=symbol.start, card=card, rule=rule,
                    handler=handler,
                )  # fmt: skip
